#include "subject.hpp"

namespace weir::conformance {

std::string name_of(const mqtt::event& e) {
    if (std::holds_alternative<mqtt::session_lost>(e)) return "session_lost";
    if (std::holds_alternative<mqtt::version_fallback>(e)) return "version_fallback";
    if (std::holds_alternative<mqtt::session_expiry_lowered>(e)) return "session_expiry_lowered";
    if (std::holds_alternative<mqtt::granted_lower>(e)) return "granted_lower";
    if (std::holds_alternative<mqtt::ack_overdue>(e)) return "ack_overdue";
    if (std::holds_alternative<mqtt::discarded>(e)) return "discarded";
    if (std::holds_alternative<mqtt::ack_received>(e)) return "ack_received";
    if (const auto* d = std::get_if<mqtt::dropped>(&e))
        return d->kind == mqtt::dropped::what::late_response ? "late_response" : "dropped";
    return {};
}

} // namespace weir::conformance
