#include "codec/packet_readers.hpp"

namespace weir::mqtt {

void read_packet(reader& r, const read_context& c, disconnect& out) {
    if (c.is_v5()) {
        // What is left out has its usual value [MQTT 5.0, 3.14.2.1, 3.14.2.2].
        if (r.left() >= 1) out.code = read_code(r, c);
        if (r.left() >= 1) read_own_properties(r, c, out.props);
    }
    r.expect_end();
}

void read_packet(reader& r, const read_context& c, auth& out) {
    // An empty body is success without properties, which a server sends [MQTT 5.0, 3.15.2.1].
    if (r.left() == 0 && c.sender == peer::server) return;
    out.code = read_code(r, c);
    read_own_properties(r, c, out.props);
    r.expect_end();
}

} // namespace weir::mqtt
