#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace weir::bench {

/// Reads what a subscriber sends: counts PUBACK, PUBREC and PUBCOMP and checks that each kind comes in the
/// order of the PUBLISH packets, with the ids 1 to `ids` in turn. Throws `std::runtime_error` on any other
/// order, on a reason code that refuses, and on packets a subscriber has no cause to send.
class ack_stream {
  public:
    ack_stream(int qos, std::size_t ids)
        : first_kind_(qos == 2 ? pubrec : puback)
        , ids_(static_cast<std::uint32_t>(ids)) {}

    /// Takes bytes in, split anywhere.
    void feed(std::span<const unsigned char> bytes);

    /// PUBACKs or PUBRECs so far.
    [[nodiscard]] std::uint64_t acknowledged() const noexcept { return first_.count; }

    /// Exchanges that have ended: PUBACKs or PUBCOMPs so far.
    [[nodiscard]] std::uint64_t completed() const noexcept {
        return first_kind_ == pubrec ? second_.count : first_.count;
    }

    /// PINGREQs since the last call.
    [[nodiscard]] unsigned take_pings() noexcept;

  private:
    static constexpr unsigned char puback = 0x40;
    static constexpr unsigned char pubrec = 0x50;
    static constexpr unsigned char pubcomp = 0x70;
    static constexpr unsigned char pingreq = 0xC0;

    struct sequence {
        std::uint64_t count{0};
        std::uint32_t next_id{1};
    };

    std::span<const unsigned char> scan(std::span<const unsigned char> bytes);
    void take(std::span<const unsigned char> packet);
    void count(unsigned char kind, std::uint32_t id);

    unsigned char first_kind_;
    std::uint32_t ids_;
    sequence first_;
    sequence second_;
    unsigned pings_{0};
    std::string rest_; ///< start of a packet whose end has not come yet
};

} // namespace weir::bench
