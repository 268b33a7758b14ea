#include <weir/connector/events.hpp>

namespace weir::connector::events {

std::string_view to_string(ack_action action) noexcept {
    switch (action) {
    case ack_action::ack: return "ack";
    case ack_action::noop: return "noop";
    case ack_action::reject: return "reject";
    case ack_action::dead_letter: return "dead_letter";
    case ack_action::hold: return "hold";
    case ack_action::stop: return "stop";
    case ack_action::aborted: return "aborted";
    }
    return "unknown";
}

} // namespace weir::connector::events
