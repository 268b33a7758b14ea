#include "schemas.hpp"

namespace weir::tool {

namespace {

using o = connector::options;

template <class T>
entry<document> option(std::string key, T o::*member, codec<T> c, std::string doc) {
    return inside(&document::options, value(std::move(key), member, std::move(c), std::move(doc)));
}

template <class Group>
entry<document> group(std::string key, Group o::*member, const schema<Group>& s) {
    return inside(&document::options, table(std::move(key), member, s));
}

entry<document> dead_letter() {
    return table_by<document, dead_letter_section>(
        "dead_letter", dead_letter_schema(),
        [](const document& from) { return from.dead_letter ? &*from.dead_letter : nullptr; },
        [](document& to) -> dead_letter_section& {
            return to.dead_letter ? *to.dead_letter : to.dead_letter.emplace();
        });
}

} // namespace

const schema<document>& document_schema() {
    static const schema<document> s{
        option("name", &o::name, text(), "the pipeline's name"),
        option("shutdown", &o::shutdown, time_span(), "bounds the whole of a stop"),
        option("buffer_size", &o::buffer_size, integer<std::size_t>(1), "messages held beyond demand"),
        table("producer", &document::producer, producer_schema()),
        group("overflow", &o::overflow, overflow_schema()),
        group("rate_limiting", &o::rate_limiting, rate_limiting_schema()),
        group("circuit_breaker", &o::circuit_breaker, circuit_breaker_schema()),
        table("processors", &document::processors, processors_schema()),
        group("retry", &o::retry, retry_schema()),
        dead_letter(),
        tables("batchers", &document::batchers, batcher_schema()),
        sink_entry(&document::sink),
        table("metrics", &document::metrics, metrics_schema()),
    };
    return s;
}

} // namespace weir::tool
