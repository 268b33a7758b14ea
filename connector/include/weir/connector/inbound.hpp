#pragma once

#include <weir/base/bytes.hpp>
#include <weir/base/time.hpp>
#include <weir/mqtt/types/property.hpp>
#include <weir/mqtt/types/qos.hpp>

#include <cstdint>
#include <string_view>

namespace weir::connector {

struct inbound_record;

/// One received PUBLISH, as decoders and handlers see it: a handle to an immutable record that lives as long
/// as anybody holds a handle. Copying is cheap; nothing copies topic, payload or properties.
///
/// Thread-safe as `std::shared_ptr<const T>` is. Views are valid as long as a handle lives.
class inbound {
  public:
    inbound() noexcept = default;

    /// Takes over one reference.
    explicit inbound(const inbound_record* record) noexcept
        : record_(record) {}

    inbound(const inbound& other) noexcept;
    inbound(inbound&& other) noexcept;
    inbound& operator=(inbound other) noexcept;
    ~inbound();

    [[nodiscard]] std::string_view topic() const noexcept; ///< the full one, aliases resolved
    [[nodiscard]] const bytes& payload() const noexcept;
    [[nodiscard]] mqtt::qos qos() const noexcept;
    [[nodiscard]] bool retain() const noexcept;
    [[nodiscard]] bool dup() const noexcept;
    [[nodiscard]] std::uint16_t packet_id() const noexcept;       ///< 0 at QoS 0
    [[nodiscard]] const mqtt::properties& props() const noexcept; ///< empty on 3.x
    [[nodiscard]] std::string_view client_id() const noexcept;
    [[nodiscard]] std::size_t producer_index() const noexcept;
    [[nodiscard]] system_time_point received_at() const noexcept;
    [[nodiscard]] time_point received_mono() const noexcept;
    [[nodiscard]] std::string_view matched_filter()
        const noexcept; ///< of the configured ones; empty when none

    [[nodiscard]] const inbound_record* record() const noexcept { return record_; }

  private:
    const inbound_record* record_{nullptr};
};

} // namespace weir::connector
