#include "schemas.hpp"

namespace weir::tool {

namespace {

using section = processors_section;
using o = pipeline::processors_options;

entry<section> option(
    const std::string& key, std::size_t o::*member, const codec<std::size_t>& c, const std::string& doc) {
    return inside(&section::options, value(key, member, c, doc));
}

entry<o> min_demand() {
    return value_by<o, std::size_t>(
        "min_demand", integer<std::size_t>(0), "asks again at or below this; default half of max_demand",
        [](const o& from) {
            return from.min_demand == o::npos ? std::nullopt : std::optional(from.min_demand);
        },
        [](o& to, std::size_t v) { to.min_demand = v; });
}

codec<payload_form> form() {
    using enum payload_form;
    return one_of<payload_form>({{"bytes", bytes}, {"text", payload_form::text}, {"json", json}});
}

codec<pipeline::ordering> mode() {
    using enum pipeline::ordering;
    return one_of<pipeline::ordering>({{"none", none}, {"partitioned", partitioned}, {"keyed", keyed}});
}

const schema<pipeline::ordering_options>& ordering_schema() {
    using order = pipeline::ordering_options;
    static const schema<order> s{
        value(
            "mode", &order::mode, mode(),
            "none; partitioned: messages of one partition_by on one worker; keyed: one after another on any"),
        value("lanes", &order::lanes, integer<std::size_t>(1), "keyed: partition_by modulo this"),
        value(
            "lane_buffer", &order::lane_buffer, integer<std::size_t>(0),
            "messages that may wait for those before them, per producer"),
    };
    return s;
}

} // namespace

const schema<section>& processors_schema() {
    static const schema<section> s{
        inside(&section::options, value("name", &o::name, text(), "seen in telemetry and thread names")),
        option("concurrency", &o::concurrency, integer<std::size_t>(0), "workers; 0 = twice the cores"),
        option("max_demand", &o::max_demand, integer<std::size_t>(1), "messages one worker may hold"),
        inside(&section::options, min_demand()),
        inside(
            &section::options,
            value("time_limit", &o::time_limit, time_span(), "for a message; then it fails; 0 = none")),
        inside(
            &section::options, value(
                                   "replace_hanging", &o::replace_hanging, flag(),
                                   "another worker takes the place of one that hangs")),
        value(
            "partition_by", &section::partition_by, selector_codec(),
            "what ordering keeps in order; a message without it counts as having an empty value"),
        inside(&section::options, table("ordering", &o::ordering, ordering_schema())),
        value(
            "payload", &section::payload, form(),
            "what a payload must be: anything, UTF-8, a JSON text; other messages fail"),
    };
    return s;
}

} // namespace weir::tool
