#include <weir/mqtt/types/protocol_version.hpp>

namespace weir::mqtt {

std::string_view to_string(protocol_version version) noexcept {
    switch (version) {
    case protocol_version::v3: return "v3";
    case protocol_version::v4: return "v4";
    case protocol_version::v5: return "v5";
    }
    return "unknown";
}

} // namespace weir::mqtt
