#pragma once

#include <weir/base/bytes.hpp>
#include <weir/base/time.hpp>
#include <weir/connector/delivery_tokens.hpp>
#include <weir/connector/receipts.hpp>
#include <weir/mqtt/types/property.hpp>
#include <weir/mqtt/types/qos.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::connector {

struct inbound_record;

/// One received PUBLISH, as decoders and handlers see it: a handle to an immutable record that lives as long
/// as anybody holds a handle. Copying is cheap; nothing copies topic, payload or properties.
///
/// Thread-safe as `std::shared_ptr<const T>` is. Views are valid as long as a handle lives. An empty handle
/// (default-made or moved from) may only be assigned to, destroyed and compared with null through `record()`.
class inbound {
  public:
    inbound() noexcept = default;

    /// Takes over one reference.
    explicit inbound(const inbound_record* record) noexcept
        : record_(record) {}

    inbound(const inbound& other) noexcept
        : record_(other.record_) {
        if (record_ != nullptr) hold(record_);
    }

    inbound(inbound&& other) noexcept
        : record_(std::exchange(other.record_, nullptr)) {}

    inbound& operator=(inbound other) noexcept {
        std::swap(record_, other.record_);
        return *this;
    }

    ~inbound() {
        if (record_ != nullptr) drop(record_);
    }

    [[nodiscard]] std::string_view topic() const noexcept; ///< the full one, aliases resolved
    [[nodiscard]] const bytes& payload() const noexcept;
    [[nodiscard]] mqtt::qos qos() const noexcept;
    [[nodiscard]] bool retain() const noexcept;
    [[nodiscard]] bool dup() const noexcept;
    [[nodiscard]] std::uint16_t packet_id() const noexcept;       ///< 0 at QoS 0
    [[nodiscard]] const mqtt::properties& props() const noexcept; ///< empty on 3.x
    [[nodiscard]] std::string_view client_id() const noexcept;
    [[nodiscard]] std::size_t producer_index() const noexcept;
    [[nodiscard]] std::string_view shared_group() const noexcept; ///< empty when none
    [[nodiscard]] system_time_point received_at() const noexcept;
    [[nodiscard]] time_point received_mono() const noexcept;

    /// Which delivery to the pipeline this is, from 1. Further ones are those of the connector, when the
    /// message failed; those of the pipeline's own `retry` are in `message::attempt` only.
    [[nodiscard]] std::uint32_t attempt() const noexcept;

    /// Whether the connector brings it again: it may have had effects. Whether the broker does, `dup` tells.
    [[nodiscard]] bool redelivered() const noexcept { return attempt() > 1; }

    /// When its Message Expiry Interval passes [MQTT 5.0, 3.3.2.3.3], by this machine's clock: the server has
    /// taken off what it waited there. Nothing: it does not expire.
    [[nodiscard]] std::optional<system_time_point> expires_at() const noexcept;

    /// The Subscription Identifiers of the subscriptions that it came for, such as those of
    /// `overlap::dedup`; empty on 3.x.
    [[nodiscard]] std::vector<std::uint32_t> subscription_ids() const;

    /// The first of the configured filters that selects the topic; empty when none does, as for a
    /// subscription that an older configuration left in the session.
    [[nodiscard]] std::string_view matched_filter() const noexcept;

    /// What a store keeps with the message's effect under `qos2_mode::sink`, see `receipts`. Nothing in other
    /// modes, for other messages than those of QoS 2, and for one whose session the broker has lost: no
    /// receipt of that session can be asked for. Computes a SHA-256 of the message. The client id is valid as
    /// long as a handle lives.
    [[nodiscard]] std::optional<connector::receipt> receipt() const;

    /// The name that the message has wherever it is handed out again, see `delivery_tokens`. Nothing for a
    /// message that does not come from the session store: its packet id names it for a while only. The name
    /// of the store is valid as long as a handle lives.
    [[nodiscard]] std::optional<connector::delivery_token> delivery_token() const noexcept;

    /// What the application's publisher has named the message by, see `idempotency_options`. Nothing when it
    /// has not, or nobody asked for it. Valid as long as a handle lives.
    [[nodiscard]] std::optional<std::string_view> idempotency_key() const noexcept;

    /// Acknowledges the message to the broker, from any thread, now or later. Meant for
    /// `on_success::noop`, where the pipeline leaves it to the application. Does nothing at QoS 0, for a
    /// message already acknowledged, and once the pipeline has stopped: it will then come again.
    void acknowledge() const;

    [[nodiscard]] const inbound_record* record() const noexcept { return record_; }

  private:
    static void hold(const inbound_record* record) noexcept;
    static void drop(const inbound_record* record) noexcept;

    const inbound_record* record_{nullptr};
};

} // namespace weir::connector
