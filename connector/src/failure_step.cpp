#include "failure_step.hpp"

#include "record_pool.hpp"

#include <weir/base/log.hpp>

#include <algorithm>
#include <array>
#include <exception>
#include <string>

namespace weir::connector {

namespace {

using kind = failure_step::kind;

kind kind_of(on_failure action) {
    switch (action) {
    case on_failure::noop: return kind::again;
    case on_failure::ack: return kind::ack;
    case on_failure::reject: return kind::reject;
    case on_failure::dead_letter: return kind::dead_letter;
    case on_failure::stop: return kind::stop;
    }
    return kind::again;
}

kind kind_of(after_attempts end) {
    switch (end) {
    case after_attempts::hold: return kind::hold;
    case after_attempts::dead_letter: return kind::dead_letter;
    case after_attempts::ack: return kind::ack;
    case after_attempts::reject: return kind::reject;
    case after_attempts::stop: return kind::stop;
    }
    return kind::hold;
}

failure_decision ask(const producer_context& context, const inbound_record& record, std::string_view reason) {
    record.references.fetch_add(1, std::memory_order_relaxed);
    const inbound message(&record);
    try {
        return context.options.failure_policy(message, reason, record.attempt);
    } catch (const std::exception& e) {
        log(log_level::error, context.log_prefix() + "failure_policy: " + e.what());
    } catch (...) {
        log(log_level::error, context.log_prefix() + "failure_policy threw");
    }
    return on_failure::noop;
}

/// A function may choose what these options do not have, or what comes too late: the broker is done with a
/// message from the session store. And the version may have fallen back to one that cannot reject.
bool is_possible(kind k, const producer_options& o, const inbound_record& record) {
    if (k == kind::reject)
        return record.pool->origin().version.load(std::memory_order_relaxed) == mqtt::protocol_version::v5 &&
               record.stored == 0;
    return k != kind::dead_letter || !o.dead_letter.topic.empty();
}

} // namespace

bool is_rejection(mqtt::reason_code code) noexcept {
    using enum mqtt::reason_code;
    constexpr std::array codes{unspecified_error,     implementation_specific_error, not_authorized,
                               topic_name_invalid,    packet_identifier_in_use,      quota_exceeded,
                               payload_format_invalid};
    return std::ranges::find(codes, code) != codes.end();
}

failure_step next_step(
    const producer_context& context, const inbound_record& record, std::string_view reason) {
    const auto& o = context.options;
    const auto decided = o.failure_policy ? ask(context, record, reason) : failure_decision(o.on_failure);
    failure_step step{
        .what = kind_of(decided.action),
        .delay = decided.delay,
        .code = decided.code.value_or(o.reject_code)};
    if (!is_rejection(step.code)) step.code = mqtt::reason_code::unspecified_error;
    if (!is_possible(step.what, o, record)) step.what = kind::again;
    const auto most = o.redelivery.max_attempts;
    if (step.what != kind::again || most == 0 || record.attempt < most) return step;
    step.what = kind_of(o.redelivery.then);
    if (!is_possible(step.what, o, record)) step.what = kind::hold;
    return step;
}

} // namespace weir::connector
