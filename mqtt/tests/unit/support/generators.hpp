#pragma once

#include <weir/mqtt/packet/packets.hpp>
#include <weir/mqtt/packet/peer.hpp>

#include <rapidcheck.h>

#include <ostream>

namespace weir::mqtt {

/// RapidCheck prints a counterexample by the packet's bytes on v5.
void showValue(const packet& p, std::ostream& out);

} // namespace weir::mqtt

namespace weir::mqtt::test {

/// Any version.
[[nodiscard]] rc::Gen<protocol_version> any_version();

/// Any packet that `sender` may send under `version`, as a decoder gives it: fields the version does not have
/// are at their defaults.
[[nodiscard]] rc::Gen<packet> any_packet(peer sender, protocol_version version);

/// Text of one to four byte characters.
[[nodiscard]] std::string any_text(std::size_t longest = 12);

} // namespace weir::mqtt::test
