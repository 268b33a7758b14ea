#include "schemas.hpp"

#include <utility>

namespace weir::tool {

namespace {

batcher_section section_of(const file_config& c, std::size_t index) {
    batcher_section s{.options = c.pipeline.batchers[index]};
    if (index < c.placements.size()) s.placement = c.placements[index];
    return s;
}

} // namespace

document to_document(const file_config& c) {
    document d{
        .options = c.pipeline,
        .producer = {c.pipeline.producer, {c.pipeline.producer.config, c.password_file, c.key_password_file}},
        .processors = {c.pipeline.processors, c.partition_by, c.payload},
        .sink = c.sink,
        .metrics = {c.metrics_listen}};
    for (std::size_t i = 0; i < c.pipeline.batchers.size(); ++i)
        d.batchers.push_back(section_of(c, i));
    if (c.dead_letters) d.dead_letter = dead_letter_section{c.pipeline.dead_letter, *c.dead_letters};
    return d;
}

file_config to_config(document d) {
    file_config c{
        .pipeline = std::move(d.options),
        .password_file = std::move(d.producer.config.password_file),
        .key_password_file = std::move(d.producer.config.key_password_file),
        .payload = d.processors.payload,
        .partition_by = d.processors.partition_by,
        .sink = std::move(d.sink),
        .metrics_listen = std::move(d.metrics.listen)};
    auto& p = c.pipeline;
    p.producer = std::move(d.producer.options);
    p.producer.config = std::move(d.producer.config.options);
    p.processors = std::move(d.processors.options);
    for (auto& b : d.batchers) {
        b.options.partitioned = b.placement.partition_by.has_value();
        p.batchers.push_back(std::move(b.options));
        c.placements.push_back(std::move(b.placement));
    }
    if (d.dead_letter) {
        p.dead_letter = d.dead_letter->options;
        c.dead_letters = std::move(d.dead_letter->file);
    }
    return c;
}

} // namespace weir::tool
