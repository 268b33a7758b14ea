#include <weir/mqtt/types/qos.hpp>

namespace weir::mqtt {

std::string_view to_string(qos level) noexcept {
    switch (level) {
    case qos::at_most_once: return "at_most_once";
    case qos::at_least_once: return "at_least_once";
    case qos::exactly_once: return "exactly_once";
    }
    return "unknown";
}

} // namespace weir::mqtt
