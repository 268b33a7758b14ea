#pragma once

#include <weir/base/bytes.hpp>
#include <weir/mqtt/codec/input_buffer.hpp>
#include <weir/mqtt/packet/packet_type.hpp>
#include <weir/mqtt/packet/packets.hpp>
#include <weir/mqtt/packet/peer.hpp>

#include <cstdint>
#include <string>

namespace weir::mqtt {

/// Why a packet could not be taken: what to tell the peer (v5) and what to tell a person.
struct decode_error {
    reason_code code{reason_code::malformed_packet};
    std::string text{};
    std::uint32_t packet_size{0}; ///< of a packet that is larger than the limit
    std::string topic{};          ///< of that packet, if a PUBLISH and as far as it has arrived
    bool in_acceptance{false};    ///< the packet is a CONNACK whose code says that the connection stands
    bool too_many_properties{false};

    friend bool operator==(const decode_error&, const decode_error&) = default;
};

/// Turns a byte stream, split anywhere, into packets, checking all that can be checked without knowing the
/// session: fixed-header flags, lengths, UTF-8, property placement, repetition and range, reason codes,
/// topic names [mqtt 5.0, 1.5, 2, 3]. Packets hold slices of the blocks that were fed.
///
/// A packet of a server may have `most_properties`; a PUBLISH of QoS 1 or 2 with more is taken all the same,
/// so that it can be refused: then it has one more than that of those that may repeat, and no others.
///
/// Holds state of one connection; `reset` before the next one. Not thread-safe.
class decoder {
  public:
    enum class outcome : std::uint8_t {
        ready,
        need_more,
        failed,
        oversize ///< with `discard_oversize`: `oversize_message` has what is left of a PUBLISH
    };

    struct settings {
        peer sender{peer::server};
        /// A decoder of client packets learns it from CONNECT.
        protocol_version version{protocol_version::v5};
        /// Bytes of a whole packet; a larger one is an error as soon as its fixed header has arrived.
        std::uint32_t maximum_packet_size{268'435'460};
        /// Request Problem Information of the CONNECT: when false, a Reason String or User Property outside
        /// of PUBLISH, CONNACK and DISCONNECT is an error [MQTT-3.1.2-29].
        bool problem_information{true};
        bool discard_oversize{false}; ///< read past a PUBLISH that is too large instead of failing
    };

    static constexpr std::size_t most_properties = 1'000;

    explicit decoder(settings s);

    /// Forgets everything of the connection before.
    void reset(settings s);

    /// Adds what was read. An incomplete packet is kept, at most `maximum_packet_size` bytes of it; after
    /// `failed` nothing is.
    void feed(bytes chunk);

    /// Takes the next packet into `out`. After `failed` nothing more can be taken until `reset`.
    [[nodiscard]] outcome next(packet& out);

    /// Of the last packet taken.
    [[nodiscard]] packet_type last_type() const noexcept { return last_type_; }

    /// Its size in bytes.
    [[nodiscard]] std::size_t last_size() const noexcept { return last_size_; }

    /// After `oversize`: topic, QoS and packet id; the payload is skipped as it arrives.
    [[nodiscard]] const publish& oversize_message() const noexcept { return oversize_; }

    /// Of that packet, in bytes.
    [[nodiscard]] std::uint32_t oversize_size() const noexcept { return oversize_size_; }

    /// Why the last call of `next` returned `failed`.
    [[nodiscard]] const decode_error& last_error() const noexcept { return error_; }

    /// Bytes fed and not yet taken.
    [[nodiscard]] std::size_t buffered() const noexcept { return input_.size(); }

    /// Bytes moved because a packet did not lie in one block; a cost counter.
    [[nodiscard]] std::uint64_t bytes_moved() const noexcept { return input_.bytes_moved(); }

  private:
    struct frame;

    [[nodiscard]] outcome take_frame(frame& f);
    [[nodiscard]] outcome read_frame(const frame& f, packet& out);
    outcome fail(reason_code code, std::string text);
    outcome fail_header(const frame& f);
    outcome fail_oversize(const frame& f);
    [[nodiscard]] outcome skip_oversize(const frame& f);
    void skip_buffered();

    template <class Packet>
    [[nodiscard]] outcome read_body(const frame& f, packet& out);

    settings settings_;
    input_buffer input_{};
    decode_error error_{};
    bool failed_{false};
    packet_type last_type_{};
    std::size_t last_size_{0};
    publish oversize_{};
    std::uint32_t oversize_size_{0};
    std::size_t skip_{0}; ///< bytes still to come of a packet that is skipped
};

} // namespace weir::mqtt
