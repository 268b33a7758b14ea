#include "codec/packet_readers.hpp"

namespace weir::mqtt {
namespace {

/// Servers that know no v5 answer its CONNECT with the CONNACK of 3.1.1, "unacceptable protocol version".
bool is_refusal_of_v5(reader ahead) {
    return ahead.left() == 2 && ahead.u8("") == 0 && ahead.u8("") == 1;
}

void read_session_present(reader& r, const read_context& c, connack& out) {
    const auto flags = r.u8("the acknowledge flags");
    if (c.version == protocol_version::v3) return; // a reserved byte there
    if ((flags & 0xFE) != 0) r.fail(reason_code::malformed_packet, "reserved acknowledge flags are set");
    out.session_present = (flags & 1) != 0;
}

} // namespace

void read_packet(reader& r, const read_context& c, connack& out) {
    if (c.is_v5() && is_refusal_of_v5(r)) {
        out.code = static_cast<std::uint8_t>(reason_code::unsupported_protocol_version);
        return;
    }
    read_session_present(r, c, out);
    out.code = static_cast<std::uint8_t>(read_code(r, c));
    read_own_properties(r, c, out.props);
    r.expect_end();
    if (out.session_present && out.code != 0)
        r.fail(reason_code::protocol_error, "a refusal says that a session is present");
}

} // namespace weir::mqtt
