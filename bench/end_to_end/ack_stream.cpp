#include "ack_stream.hpp"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

namespace weir::bench {

namespace {

std::span<const unsigned char> as_bytes(const std::string& s) {
    return {reinterpret_cast<const unsigned char*>(s.data()), s.size()};
}

} // namespace

void ack_stream::feed(std::span<const unsigned char> bytes) {
    if (!rest_.empty()) {
        const auto joined = std::exchange(rest_, {}).append(bytes.begin(), bytes.end());
        const auto left = scan(as_bytes(joined));
        rest_.assign(left.begin(), left.end());
        return;
    }
    const auto left = scan(bytes);
    rest_.assign(left.begin(), left.end());
}

// Acks are at most a reason code and a short property list long, so a remaining length has one byte.
std::span<const unsigned char> ack_stream::scan(std::span<const unsigned char> bytes) {
    while (bytes.size() >= 2) {
        const std::size_t size = bytes[1] + std::size_t{2};
        if (bytes[1] >= 0x80) throw std::runtime_error("the subscriber sent an ack of over 127 bytes");
        if (bytes.size() < size) break;
        if (size == 4)
            count(bytes[0], bytes[2] * 256U + bytes[3]);
        else
            take(bytes.first(size));
        bytes = bytes.subspan(size);
    }
    return bytes;
}

void ack_stream::take(std::span<const unsigned char> packet) {
    if (packet[0] == pingreq) {
        ++pings_;
        return;
    }
    if (packet.size() < 5) throw std::runtime_error(fmt::format("unexpected packet {:#04x}", packet[0]));
    if (packet[4] >= 0x80) throw std::runtime_error(fmt::format("ack with reason {:#04x}", packet[4]));
    count(packet[0], packet[2] * 256U + packet[3]);
}

void ack_stream::count(unsigned char kind, std::uint32_t id) {
    if (kind != first_kind_ && (kind != pubcomp || first_kind_ != pubrec))
        throw std::runtime_error(fmt::format("unexpected packet {:#04x}", kind));
    auto& s = kind == first_kind_ ? first_ : second_;
    if (id != s.next_id)
        throw std::runtime_error(fmt::format("ack {:#04x} of id {}, the next is {}", kind, id, s.next_id));
    s.next_id = id == ids_ ? 1 : id + 1;
    ++s.count;
}

unsigned ack_stream::take_pings() noexcept {
    return std::exchange(pings_, 0);
}

} // namespace weir::bench
