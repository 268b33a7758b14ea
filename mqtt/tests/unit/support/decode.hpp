#pragma once

#include "hex.hpp"

#include <weir/mqtt/codec/decoder.hpp>
#include <weir/mqtt/codec/encoder.hpp>

#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

namespace weir::mqtt {

/// Lets test output name a packet by its type.
inline void PrintTo(const decode_error& e, std::ostream* os) {
    *os << "code 0x" << std::hex << static_cast<int>(e.code) << std::dec << ", " << e.text;
}

} // namespace weir::mqtt

namespace weir::mqtt::test {

/// What a decoder made of a piece of the stream.
struct decoded {
    std::vector<packet> packets{};
    std::optional<decode_error> failed{};
};

inline void drain(decoder& d, decoded& into) {
    for (;;) {
        packet p;
        switch (d.next(p)) {
        case decoder::outcome::ready: into.packets.push_back(std::move(p)); break;
        case decoder::outcome::need_more: return;
        case decoder::outcome::oversize: break; // only where it is asked for
        case decoder::outcome::failed: into.failed = d.last_error(); return;
        }
    }
}

inline decoded decode(std::string_view data, decoder::settings s) {
    decoder d{s};
    d.feed(bytes::copy(data));
    decoded all;
    drain(d, all);
    return all;
}

inline std::string encoded(const packet& p, protocol_version version) {
    output_buffer out;
    encode(p, version, out);
    return content(out);
}

inline decoder::settings from_server(protocol_version v) {
    return {.sender = peer::server, .version = v};
}

inline decoder::settings from_client(protocol_version v) {
    return {.sender = peer::client, .version = v};
}

} // namespace weir::mqtt::test
