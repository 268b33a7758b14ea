#pragma once

#include <cstdint>

namespace weir::tool {

/// What a payload must be; any other message fails as one that cannot be decoded.
enum class payload_form : std::uint8_t {
    bytes, ///< anything
    text,  ///< UTF-8
    json,  ///< a JSON text [RFC 8259]
};

} // namespace weir::tool
