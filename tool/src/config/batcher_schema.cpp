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
        option("max_demand", &o::max_demand, integer<std::size_t>(0), "per batch processor; 0 = batch_size"),
        option(
            "max_open_messages", &o::max_open_messages, integer<std::size_t>(0),
            "in open batches; 0 = 10 x batch_size, at least 10000"),
        inside(&section::placement, sink_entry(&batcher_placement::sink)),
    };
    return s;
}

} // namespace weir::tool
