#include "codec/packet_bodies.hpp"
#include "codec/writer.hpp"

#include <weir/mqtt/codec/encoder.hpp>

namespace weir::mqtt {
namespace {

template <class Packet>
std::size_t payload_size(const Packet&) noexcept {
    return 0;
}

std::size_t payload_size(const publish& p) noexcept {
    return p.payload.size();
}

/// Remaining Length, and proof that the packet can be encoded.
template <class Packet>
std::uint32_t remaining_length(const Packet& p, protocol_version version) {
    size_counter counter;
    write_body(counter, p, version);
    const auto size = counter.size() + payload_size(p);
    if (size > max_varint)
        throw std::length_error("a packet holds at most 268435455 bytes, got " + std::to_string(size));
    return static_cast<std::uint32_t>(size);
}

template <class Packet>
std::size_t whole_size(const Packet& p, protocol_version version) {
    const auto remaining = remaining_length(p, version);
    return 1 + varint_size(remaining) + remaining;
}

/// Everything but a payload, which follows.
template <class Packet>
void append_packet(const Packet& p, protocol_version version, output_buffer& out) {
    const auto remaining = remaining_length(p, version);
    writer w{out.extend(1 + varint_size(remaining) + remaining - payload_size(p))};
    w.u8(first_byte_of(p));
    w.variable(remaining);
    write_body(w, p, version);
}

} // namespace

void encode(const publish& p, protocol_version version, output_buffer& out) {
    append_packet(p, version, out);
    out.append(p.payload);
}

void encode(const ack& p, protocol_version version, output_buffer& out) {
    append_packet(p, version, out);
}

void encode(const packet& p, protocol_version version, output_buffer& out) {
    std::visit(
        [&]<class Packet>(const Packet& one) {
            append_packet(one, version, out);
            if constexpr (std::is_same_v<Packet, publish>) out.append(one.payload);
        },
        p);
}

std::size_t encoded_size(const packet& p, protocol_version version) {
    return std::visit([version](const auto& one) { return whole_size(one, version); }, p);
}

} // namespace weir::mqtt
