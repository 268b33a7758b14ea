#include "load.hpp"

#include "check_files.hpp"
#include "check_topics.hpp"
#include "schemas.hpp"
#include "secret_files.hpp"

#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <sstream>

namespace weir::tool {

namespace {

std::optional<std::string> read_whole(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::error_code ignored;
    if (!in || std::filesystem::is_directory(path, ignored)) return std::nullopt;
    std::ostringstream out;
    out << in.rdbuf();
    if (in.bad()) return std::nullopt;
    return std::move(out).str();
}

/// The handler that a file gets can do all that a file can ask for.
constexpr pipeline::handler_abilities can_do{
    .handles_batches = true, .measures_messages = true, .partitions_batches = true, .partitions = true};

/// An order is one among messages that belong together, and the other way round.
void check_ordering(const file_config& c, reader& r) {
    const bool is_ordered = c.pipeline.processors.ordering.mode != pipeline::ordering::none;
    if (is_ordered && !c.partition_by)
        r.add_checked(
            "processors.partition_by", {},
            selector_codec().allowed + "; it is missing, and processors.ordering.mode needs it");
    if (!is_ordered && c.partition_by)
        r.add_checked(
            "processors.partition_by", toml_string(to_string(*c.partition_by)),
            "not given as long as processors.ordering.mode is none");
}

void check_receipts(const file_config& c, reader& r) {
    if (c.pipeline.producer.qos2 != connector::qos2_mode::sink) return;
    for (const auto& s : all_sinks(c))
        if (!sinks::keeps_receipts(s))
            return r.add_checked(
                "producer.qos2", "\"sink\"",
                fmt::format(
                    "\"after_processing\" with a sink of type \"{}\", which keeps no receipts",
                    sinks::type_name(s)));
}

void check(const file_config& c, reader& r) {
    for (const auto& f : connector::check(c.pipeline, can_do))
        if (f.path != "producer.receipts") // the sinks' own, and they are not open yet
            r.add_checked(f.path, f.value, f.allowed);
    check_ordering(c, r);
    check_topics(c, r);
    check_files(c, r);
    if (r.faults().empty()) check_receipts(c, r);
}

config_fault syntax_fault(const toml::parse_error& e) {
    const auto& where = e.source().begin;
    return {where.line, where.column, {}, {}, std::string(e.description())};
}

} // namespace

loaded load_text(std::string_view toml_text, const std::string& file_name) try {
    const auto root = toml::parse(toml_text, file_name);
    reader r;
    document d;
    read_table(root, document_schema(), d, r);
    read_secret_files(d.producer.config, "producer.config.", r);
    auto config = to_config(std::move(d));
    check(config, r);
    return {std::move(config), r.faults()};

} catch (const toml::parse_error& e) {

    return {{}, {syntax_fault(e)}};
}

loaded load_file(const std::string& path) {
    const auto content = read_whole(path);
    if (!content) return {{}, {{.text = "cannot be read"}}};
    return load_text(*content, path);
}

std::string print(const file_config& config, bool show_secrets) {
    file_config c = config;
    c.pipeline = connector::effective(std::move(c.pipeline));
    printer p(show_secrets);
    print_table(document_schema(), to_document(c), p);
    return std::move(p).take();
}

std::string key_reference() {
    std::string out;
    describe_keys(document_schema(), "", [&](const auto& path, const auto& allowed, const auto& doc) {
        out += fmt::format("{}\n    {}\n    {}\n", path, doc, allowed);
    });
    return out;
}

} // namespace weir::tool
