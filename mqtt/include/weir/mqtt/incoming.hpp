#pragma once

#include <weir/base/error.hpp>
#include <weir/mqtt/session/event.hpp>

#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::mqtt {

namespace detail {
class ack_desk;
}

/// The right to decide about one received message, once. Until it is used, the message counts against the
/// window, and the acks of later messages wait behind it, because they leave in the order of the messages
/// [MQTT-4.6.0-2, 4.6.0-3].
///
/// It outlives connections: after a reconnect that resumed the session an ack is kept until the server sends
/// the message again, which is answered without another delivery; when the server has lost the session, it
/// does nothing. It also outlives its client: then it does nothing but answer `aborted`.
///
/// Dropped undecided, it acknowledges where the client's `auto_ack` is on, unless it goes because of an
/// exception. Else the message is let go, and counted: its ack is left out on this connection, and when the
/// server sends it again, it is delivered anew.
///
/// Move-only. Any thread may use it, one at a time. For QoS 0 all of this does nothing.
class acknowledgement {
  public:
    /// Of nothing, as for QoS 0.
    acknowledgement() noexcept = default;

    acknowledgement(std::shared_ptr<detail::ack_desk> desk, const ack_token& token) noexcept;

    acknowledgement(acknowledgement&& other) noexcept
        : desk_(std::move(other.desk_))
        , token_(other.token_)
        , made_(std::exchange(other.made_, decision::none)) {}

    acknowledgement& operator=(acknowledgement&& other) noexcept;
    ~acknowledgement();

    /// PUBACK, or PUBREC at QoS 2. With another `code` or with `props` (Reason String, User Properties) on
    /// v5 only. Fails, with nothing decided, when the version or the packet cannot say so, and with
    /// `already_acked` when it was used before. What was deferred may still be acknowledged.
    error ack(reason_code code = reason_code::success, properties props = {});

    /// The same with a code from 0x80 on. This ends the message: the server neither sends it again
    /// [MQTT-4.4.0-2] nor gives it to another subscriber of a shared subscription [MQTT-4.8.2-6]. Nothing in
    /// MQTT asks for redelivery. v5 only; `unsupported_by_version` on 3.x.
    error reject(reason_code code, properties props = {});

    /// Leaves the ack out on this connection, so that those of later messages flow. A later `ack` is kept,
    /// and sent when the server sends the message again.
    error defer();

    /// Whether a decision is still due.
    [[nodiscard]] bool pending() const noexcept { return made_ == decision::due; }

  private:
    enum class decision : std::uint8_t {
        none, ///< can be made
        due,
        deferred,
        acknowledged
    };

    void drop() noexcept;

    std::shared_ptr<detail::ack_desk> desk_{};
    ack_token token_{};
    decision made_{decision::none};
};

/// A received message, with the right to acknowledge it. Move-only; its content may be shared and kept, also
/// without it: `bytes` are counted references.
class incoming {
  public:
    incoming(message_received message, acknowledgement handle) noexcept
        : message_(std::move(message))
        , handle_(std::move(handle)) {}

    /// The full one, aliases resolved.
    [[nodiscard]] std::string_view topic() const noexcept { return message_.received.topic.text(); }

    [[nodiscard]] const bytes& payload() const noexcept { return message_.received.payload; }

    /// The payload as characters, whatever they are.
    [[nodiscard]] std::string_view text() const noexcept { return message_.received.payload.text(); }

    [[nodiscard]] mqtt::qos qos() const noexcept { return message_.received.qos; }

    [[nodiscard]] bool retain() const noexcept { return message_.received.retain; }

    /// The server may have sent it before [MQTT-3.3.1-1].
    [[nodiscard]] bool dup() const noexcept { return message_.received.dup; }

    [[nodiscard]] std::uint16_t packet_id() const noexcept { return message_.received.packet_id; }

    [[nodiscard]] const properties& props() const noexcept { return message_.received.props; }

    /// Of the subscriptions it came by; v5.
    [[nodiscard]] std::vector<std::uint32_t> subscription_identifiers() const;

    [[nodiscard]] time_point received_at() const noexcept { return message_.at; }

    /// Of the connections of its client, from 1.
    [[nodiscard]] std::uint32_t connection() const noexcept { return message_.connection; }

    /// The packet itself, as for `reply_to`.
    [[nodiscard]] const publish& packet() const noexcept { return message_.received; }

    // What the handle does.
    error ack(reason_code code = reason_code::success, properties ack_props = {}) {
        return handle_.ack(code, std::move(ack_props));
    }

    error reject(reason_code code, properties ack_props = {}) {
        return handle_.reject(code, std::move(ack_props));
    }

    error defer() { return handle_.defer(); }

    [[nodiscard]] bool pending() const noexcept { return handle_.pending(); }

    /// The handle, to be kept apart from the message.
    [[nodiscard]] acknowledgement take_handle() noexcept { return std::move(handle_); }

  private:
    message_received message_;
    acknowledgement handle_;
};

} // namespace weir::mqtt
