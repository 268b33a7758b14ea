#include <weir/connector/events.hpp>

namespace weir::connector::events {

std::string_view to_string(ack_action action) noexcept {
    switch (action) {
    case ack_action::ack: return "ack";
    case ack_action::noop: return "noop";
    case ack_action::aborted: return "aborted";
    }
    return "unknown";
}

} // namespace weir::connector::events
