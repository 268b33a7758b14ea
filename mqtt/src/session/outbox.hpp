#pragma once

#include "codec/packet_bodies.hpp"

#include <weir/mqtt/codec/encoder.hpp>
#include <weir/mqtt/codec/output_buffer.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <variant>

namespace weir::mqtt {

/// Where the parts of a session put their packets. One buffer for all of them, in the order of the calls,
/// so that everything ready at one moment leaves in one write.
class outbox {
  public:
    explicit outbox(protocol_version version)
        : version_(version) {}

    template <class Packet>
    void send(const Packet& p) {
        const auto before = buffer_.size();
        encode(p, version_, buffer_);
        ++packets_;
        const auto type = type_of(p);
        ++by_type_[type];
        bytes_by_type_[type] += buffer_.size() - before;
        if (type == publish_type) publishes_ += buffer_.size() - before;
    }

    void change_version(protocol_version version) noexcept { version_ = version; }

    [[nodiscard]] protocol_version version() const noexcept { return version_; }

    [[nodiscard]] bool empty() const noexcept { return buffer_.empty(); }

    /// Publishes wait in the send queue while this much is unwritten.
    [[nodiscard]] bool is_full() const noexcept { return buffer_.size() >= high_water; }

    /// So much of what is unwritten answers what was received that no more should be. Publishes do not count:
    /// a server that waits for this client to read must not be waited for because of them.
    [[nodiscard]] bool has_too_many_answers() const noexcept {
        return buffer_.size() - publishes_ >= high_water;
    }

    /// Packets of all connections so far.
    [[nodiscard]] std::uint64_t packets() const noexcept { return packets_; }

    /// The same, for each packet type by its number.
    [[nodiscard]] const std::array<std::uint64_t, 16>& packets_by_type() const noexcept { return by_type_; }

    [[nodiscard]] const std::array<std::uint64_t, 16>& bytes_by_type() const noexcept {
        return bytes_by_type_;
    }

    void take(output_buffer& out) noexcept {
        out.clear();
        out.swap(buffer_);
        publishes_ = 0;
    }

    void clear() noexcept {
        buffer_.clear();
        publishes_ = 0;
    }

  private:
    static constexpr std::size_t high_water = 256 * 1024;
    static constexpr auto publish_type = static_cast<std::size_t>(packet_type::publish);

    template <class Packet>
    [[nodiscard]] static std::size_t type_of(const Packet& p) {
        if constexpr (std::is_same_v<Packet, packet>)
            return std::visit([](const auto& one) { return type_of(one); }, p);
        else
            return first_byte_of(p) >> 4;
    }

    output_buffer buffer_;
    std::size_t publishes_{0}; ///< bytes of `buffer_`
    protocol_version version_;
    std::uint64_t packets_{0};
    std::array<std::uint64_t, 16> by_type_{};
    std::array<std::uint64_t, 16> bytes_by_type_{};
};

} // namespace weir::mqtt
