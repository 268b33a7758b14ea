#pragma once

#include <weir/mqtt/codec/output_buffer.hpp>
#include <weir/mqtt/packet/packets.hpp>

namespace weir::mqtt {

/// Appends `p` to `out` in the form of `version`. The caller has checked what it sends (`check_outgoing`);
/// fields the version does not know are left out. Throws `std::length_error`, before anything is appended,
/// when a field or the packet is longer than the protocol can say; `check_outgoing` finds that beforehand.
void encode(const packet& p, protocol_version version, output_buffer& out);

// The packets of the hot path have entries of their own, without the variant around them.
void encode(const publish& p, protocol_version version, output_buffer& out);
void encode(const ack& p, protocol_version version, output_buffer& out);

/// Size of the whole encoded packet in bytes, fixed header included.
[[nodiscard]] std::size_t encoded_size(const packet& p, protocol_version version);

} // namespace weir::mqtt
