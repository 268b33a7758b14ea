#include "codec/packet_readers.hpp"
#include "codec/reason_code_table.hpp"

#include <string>

namespace weir::mqtt {

std::uint16_t read_packet_id(reader& r) {
    const auto id = r.u16("the packet identifier");
    if (id == 0) r.fail(reason_code::protocol_error, "the packet identifier is 0");
    return id;
}

reason_code read_code(reader& r, const read_context& c) {
    const auto code = r.u8("the reason code");
    if (!is_code_of(code, c.type, c.sender, c.version))
        r.fail(
            reason_code::protocol_error, "reason code " + std::to_string(code) + " (" +
                                             std::string(to_string(static_cast<reason_code>(code))) +
                                             ") is not one this packet may carry");
    return static_cast<reason_code>(code);
}

void read_own_properties(reader& r, const read_context& c, properties& out) {
    if (c.is_v5()) read_properties(r, c.here(), out);
}

} // namespace weir::mqtt
