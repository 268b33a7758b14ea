#pragma once

#include <weir/mqtt/codec/encoder.hpp>
#include <weir/mqtt/codec/output_buffer.hpp>

#include <cstddef>
#include <cstdint>

namespace weir::mqtt {

/// Where the parts of a session put their packets. One buffer for all of them, in the order of the calls,
/// so that everything ready at one moment leaves in one write.
class outbox {
  public:
    explicit outbox(protocol_version version)
        : version_(version) {}

    template <class Packet>
    void send(const Packet& p) {
        encode(p, version_, buffer_);
        ++packets_;
    }

    void change_version(protocol_version version) noexcept { version_ = version; }

    [[nodiscard]] protocol_version version() const noexcept { return version_; }

    [[nodiscard]] bool empty() const noexcept { return buffer_.empty(); }

    /// Publishes wait in the send queue while this much is unwritten.
    [[nodiscard]] bool is_full() const noexcept { return buffer_.size() >= high_water; }

    /// Packets of all connections so far.
    [[nodiscard]] std::uint64_t packets() const noexcept { return packets_; }

    void take(output_buffer& out) noexcept {
        out.clear();
        out.swap(buffer_);
    }

    void clear() noexcept { buffer_.clear(); }

  private:
    static constexpr std::size_t high_water = 256 * 1024;

    output_buffer buffer_;
    protocol_version version_;
    std::uint64_t packets_{0};
};

} // namespace weir::mqtt
