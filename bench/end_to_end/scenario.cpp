#include "scenario.hpp"

#include <fmt/format.h>

namespace weir::bench {

std::string to_string(const scenario& s) {
    return fmt::format(
        "QoS {}, {} B, window {}, MQTT {}", s.qos, s.payload, s.window, s.version == 5 ? "5.0" : "3.1.1");
}

} // namespace weir::bench
