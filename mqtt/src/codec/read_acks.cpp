#include "codec/packet_readers.hpp"

namespace weir::mqtt {

void read_packet(reader& r, const read_context& c, ack& out) {
    out.type = static_cast<ack_type>(c.type);
    out.packet_id = read_packet_id(r);
    if (c.is_v5()) {
        // What is left out has its usual value [MQTT 5.0, 3.4.2.1, 3.4.2.2].
        if (r.left() >= 1) out.code = read_code(r, c);
        if (r.left() >= 1) read_own_properties(r, c, out.props);
    }
    r.expect_end();
}

void read_packet(reader& r, const read_context& c, suback& out) {
    out.packet_id = read_packet_id(r);
    read_own_properties(r, c, out.props);
    if (r.left() == 0) r.fail(reason_code::protocol_error, "there is no reason code");
    out.codes.reserve(r.left());
    while (r.left() != 0)
        out.codes.push_back(read_code(r, c));
}

void read_packet(reader& r, const read_context& c, unsuback& out) {
    out.packet_id = read_packet_id(r);
    if (!c.is_v5()) {
        r.expect_end();
        return;
    }
    read_own_properties(r, c, out.props);
    if (r.left() == 0) r.fail(reason_code::protocol_error, "there is no reason code");
    out.codes.reserve(r.left());
    while (r.left() != 0)
        out.codes.push_back(read_code(r, c));
}

} // namespace weir::mqtt
