#pragma once

#include <weir/base/bytes.hpp>
#include <weir/base/result.hpp>
#include <weir/mqtt/packet/packets.hpp>

#include <cstdint>
#include <string>

namespace weir::mqtt {

/// Which end sent the bytes: a packet only the other end may send is a protocol error.
enum class peer : std::uint8_t { client, server };

/// Why a packet could not be taken: what to tell the peer (v5) and what to tell a person.
struct decode_error {
    reason_code code{reason_code::malformed_packet};
    std::string text;

    friend bool operator==(const decode_error&, const decode_error&) = default;
};

/// Turns a byte stream, split anywhere, into packets, checking all that can be checked without knowing the
/// session: fixed-header flags, lengths, UTF-8, property placement, repetition and range, reason codes,
/// topic names [mqtt 5.0, 1.5, 2, 3]. Packets hold slices of the blocks that were fed.
///
/// Holds state of one connection; `reset` before the next one. Not thread-safe.
class decoder {
  public:
    enum class outcome : std::uint8_t { ready, need_more, failed };

    struct settings {
        peer sender{peer::server};
        protocol_version version{
            protocol_version::v5}; ///< a decoder of client packets learns it from CONNECT
        std::uint32_t maximum_packet_size{268'435'455}; ///< bytes of a whole packet; larger ones are an error
    };

    explicit decoder(settings s)
        : settings_(s) {}

    /// Forgets everything of the connection before.
    void reset(settings s);

    /// Adds what was read. An incomplete packet is kept, at most `maximum_packet_size` bytes of it.
    void feed(bytes chunk);

    /// Takes the next packet into `out`. After `failed` nothing more can be taken until `reset`.
    [[nodiscard]] outcome next(packet& out);

    /// Why the last call of `next` returned `failed`.
    [[nodiscard]] const decode_error& last_error() const noexcept { return error_; }

    /// Bytes fed and not yet taken.
    [[nodiscard]] std::size_t buffered() const noexcept;

    /// Bytes moved because a packet did not lie in one block; a cost counter.
    [[nodiscard]] std::uint64_t bytes_moved() const noexcept { return bytes_moved_; }

  private:
    // Owned by the codec's implementer.
    settings settings_;
    decode_error error_{};
    std::uint64_t bytes_moved_{0};
};

} // namespace weir::mqtt
