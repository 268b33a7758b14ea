#pragma once

#include "scenario.hpp"

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace weir::bench {

/// A run of encoded packets of one size that is sent over and over: packet k of the stream carries packet
/// id k mod `count` + 1. Acknowledgements come in the order of the PUBLISH packets [MQTT-4.6.0-2], so an id
/// is free again long before its turn comes, and sending costs no encoding at all.
class packet_cycle {
  public:
    packet_cycle(std::string bytes, std::size_t packet_size)
        : bytes_(std::move(bytes))
        , packet_size_(packet_size) {}

    [[nodiscard]] std::size_t packet_size() const noexcept { return packet_size_; }

    [[nodiscard]] std::size_t count() const noexcept { return bytes_.size() / packet_size_; }

    /// Appends the stretches that hold stream bytes `from` to `to`; at most one turn of the cycle.
    void gather(std::uint64_t from, std::uint64_t to, std::vector<iovec>& out) const;

  private:
    std::string bytes_;
    std::size_t packet_size_;
};

/// PUBLISH packets of `s`: topics of 26 bytes, ids 1 to at least twice the window.
[[nodiscard]] packet_cycle make_publishes(const scenario& s);

/// The PUBREL packets that belong to them.
[[nodiscard]] packet_cycle make_releases(std::size_t count);

} // namespace weir::bench
