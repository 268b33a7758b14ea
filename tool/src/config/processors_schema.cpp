#include "schemas.hpp"

namespace weir::tool {

namespace {

using section = processors_section;
using o = pipeline::processors_options;

entry<section> option(std::string key, std::size_t o::*member, codec<std::size_t> c, std::string doc) {
    return inside(&section::options, value(std::move(key), member, std::move(c), std::move(doc)));
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

} // namespace

const schema<section>& processors_schema() {
    static const schema<section> s{
        inside(&section::options, value("name", &o::name, text(), "seen in telemetry and thread names")),
        option("concurrency", &o::concurrency, integer<std::size_t>(0), "workers; 0 = twice the cores"),
        option("max_demand", &o::max_demand, integer<std::size_t>(1), "messages one worker may hold"),
        inside(&section::options, min_demand()),
        value(
            "payload", &section::payload, form(),
            "what a payload must be: anything, UTF-8, a JSON text; other messages fail"),
    };
    return s;
}

} // namespace weir::tool
