#include "schemas.hpp"

namespace weir::tool {

namespace {

using pipeline::buffer_policy;
using pipeline::overflow_options;

codec<buffer_policy> policy() {
    using enum buffer_policy;
    return one_of<buffer_policy>(
        {{"pause", pause}, {"drop_oldest", drop_oldest}, {"drop_newest", drop_newest}});
}

/// A number that only the policy `pause` has a use for, and that is written only then.
entry<overflow_options> of_pause(
    const std::string& key, std::size_t overflow_options::*member, const std::string& doc) {
    return value_by<overflow_options, std::size_t>(
        key, integer<std::size_t>(0), doc,
        [member](const overflow_options& from) {
            const bool is_given =
                from.policy == buffer_policy::pause && from.*member != overflow_options::automatic;
            return is_given ? std::optional(from.*member) : std::nullopt;
        },
        [member](overflow_options& to, std::size_t v) { to.*member = v; });
}

} // namespace

const schema<overflow_options>& overflow_schema() {
    using o = overflow_options;
    static const schema<o> s{
        value("policy", &o::policy, policy(), "when more is emitted than demand and buffer_size allow"),
        of_pause("high_watermark", &o::high_watermark, "pause: a producer with so many waiting is paused"),
        of_pause("low_watermark", &o::low_watermark, "pause: at this many it goes on; default half of that"),
        of_pause("reserve", &o::reserve, "pause: room for what was read already"),
    };
    return s;
}

const schema<pipeline::rate_limiting_options>& rate_limiting_schema() {
    using o = pipeline::rate_limiting_options;
    static const schema<o> s{
        value(
            "allowed_messages", &o::allowed_messages, integer<std::size_t>(0),
            "taken in of all producers together in each interval; 0: no limit"),
        value("interval", &o::interval, time_span(), "up to 24h; 0s: no limit"),
        value(
            "burst", &o::burst, integer<std::size_t>(0),
            "0: the whole allowance at each interval's start; else it comes in evenly and is saved up to "
            "this"),
    };
    return s;
}

const schema<pipeline::circuit_breaker_options>& circuit_breaker_schema() {
    using o = pipeline::circuit_breaker_options;
    static const schema<o> s{
        value(
            "failures", &o::failures, integer<std::size_t>(0),
            "failed messages in a row after which nothing is taken in for the cooldown; 0: off"),
        value("cooldown", &o::cooldown, time_span(), "then as many as probes are let in"),
        value("probes", &o::probes, integer<std::size_t>(1), "successes in a row that end it"),
    };
    return s;
}

} // namespace weir::tool
