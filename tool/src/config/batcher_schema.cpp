#include "schemas.hpp"

namespace weir::tool {

namespace {

using section = batcher_section;
using o = pipeline::batcher_options;

template <class T>
entry<section> option(std::string key, T o::*member, codec<T> c, std::string doc) {
    return inside(&section::options, value(std::move(key), member, std::move(c), std::move(doc)));
}

entry<batcher_placement> topics() {
    return value_by<batcher_placement, std::vector<std::string>>(
        "topics", text_list("an array of topic filters"),
        "takes what one of these filters selects, before all batchers below it; without: what no other takes",
        [](const batcher_placement& from) {
            return from.topics.empty() ? std::nullopt : std::optional(from.topics);
        },
        [](batcher_placement& to, std::vector<std::string> v) { to.topics = std::move(v); });
}

codec<pipeline::open_bound> open_bound() {
    using enum pipeline::open_bound;
    return one_of<pipeline::open_bound>(
        {{"oldest_leaves", oldest_leaves},
         {"largest_leaves", largest_leaves},
         {"intake_stops", intake_stops}});
}

const schema<pipeline::adaptive_options>& adaptive_schema() {
    using a = pipeline::adaptive_options;
    static const schema<a> s{
        value("min_size", &a::min_size, integer<std::size_t>(1), "smallest batch_size"),
        value("max_size", &a::max_size, integer<std::size_t>(1), "largest batch_size"),
        value("target", &a::target, time_span(), "how long writing a batch shall take: the size follows"),
    };
    return s;
}

entry<o> adaptive() {
    return table_by<o, pipeline::adaptive_options>(
        "adaptive", adaptive_schema(),
        [](const o& from) { return from.adaptive.any() ? &from.adaptive : nullptr; },
        [](o& to) -> pipeline::adaptive_options& { return to.adaptive; });
}

} // namespace

const schema<section>& batcher_schema() {
    static const schema<section> s{
        option("name", &o::name, text(), "seen in telemetry and thread names"),
        inside(&section::placement, topics()),
        inside(
            &section::placement,
            value(
                "batch_key", &batcher_placement::batch_key, selector_codec(),
                "a batch never mixes values of this; a message without it counts as having an empty one")),
        option("batch_size", &o::batch_size, integer<std::size_t>(1), "messages in a batch"),
        option("batch_timeout", &o::batch_timeout, time_span(), "from a batch's first message"),
        option("concurrency", &o::concurrency, integer<std::size_t>(1), "batches written at the same time"),
        option("time_limit", &o::time_limit, time_span(), "for writing a batch; then it fails; 0 = none"),
        option("replace_hanging", &o::replace_hanging, flag(), "another takes the place of one that hangs"),
        option("max_demand", &o::max_demand, integer<std::size_t>(0), "per batch processor; 0 = batch_size"),
        option(
            "max_open_messages", &o::max_open_messages, integer<std::size_t>(0),
            "in open batches; 0 = 10 x batch_size, at least 10000"),
        option("at_max_open", &o::at_max_open, open_bound(), "what happens then"),
        option(
            "max_bytes", &o::max_bytes, integer<std::size_t>(0),
            "of payload in a batch; a larger message leaves alone; 0 = any"),
        inside(
            &section::placement,
            value(
                "partition_by", &batcher_placement::partition_by, selector_codec(),
                "messages of one value share a batch processor; one without it counts as having an empty "
                "value")),
        option(
            "serial_per_key", &o::serial_per_key, flag(),
            "two batches of one batch_key are never written at the same time"),
        inside(&section::options, adaptive()),
        inside(&section::options, table("retry", &o::retry, batch_retry_schema())),
        inside(&section::placement, sink_entry(&batcher_placement::sink)),
    };
    return s;
}

} // namespace weir::tool
