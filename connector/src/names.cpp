#include <weir/connector/options.hpp>

namespace weir::connector {

std::string_view to_string(on_success policy) noexcept {
    return policy == on_success::ack ? "ack" : "noop";
}

std::string_view to_string(on_failure policy) noexcept {
    switch (policy) {
    case on_failure::noop: return "noop";
    case on_failure::ack: return "ack";
    case on_failure::reject: return "reject";
    case on_failure::dead_letter: return "dead_letter";
    case on_failure::stop: return "stop";
    }
    return "unknown";
}

std::string_view to_string(after_attempts end) noexcept {
    switch (end) {
    case after_attempts::hold: return "hold";
    case after_attempts::dead_letter: return "dead_letter";
    case after_attempts::ack: return "ack";
    case after_attempts::reject: return "reject";
    case after_attempts::stop: return "stop";
    }
    return "unknown";
}

std::string_view to_string(qos2_mode mode) noexcept {
    switch (mode) {
    case qos2_mode::after_processing: return "after_processing";
    case qos2_mode::durable: return "durable";
    case qos2_mode::sink: return "sink";
    }
    return "unknown";
}

std::string_view to_string(overlap v) noexcept {
    switch (v) {
    case overlap::allow: return "allow";
    case overlap::reject: return "reject";
    case overlap::dedup: return "dedup";
    }
    return "unknown";
}

std::string_view to_string(unmatched v) noexcept {
    return v == unmatched::deliver ? "deliver" : "ack";
}

std::string_view to_string(subscription_policy v) noexcept {
    return v == subscription_policy::all ? "all" : "any";
}

std::string_view to_string(startup v) noexcept {
    return v == startup::background ? "background" : "wait";
}

std::string_view to_string(on_fatal v) noexcept {
    return v == on_fatal::stop ? "stop" : "retry";
}

std::string_view to_string(on_stop v) noexcept {
    return v == on_stop::keep ? "keep" : "end_session";
}

} // namespace weir::connector
