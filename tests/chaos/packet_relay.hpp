#pragma once

#include "fronts/front.hpp"

#include <weir/mqtt/packet/packet_type.hpp>

#include <atomic>
#include <cstdint>
#include <string>

namespace weir::testing {

/// Stands between clients and a broker, and loses what they say from a packet of the test's choice on.
class packet_relay : mqtt::fronts::front {
  public:
    /// What becomes of the connection then: it stays, and in that direction nothing passes any more; or both
    /// sides lose it.
    enum class then : std::uint8_t { silence, hang_up };

    explicit packet_relay(std::uint16_t broker);
    ~packet_relay();

    using front::port;

    /// Does not pass on the next packet of that type; later connections are not concerned.
    void lose(mqtt::packet_type type, then what = then::silence);

    /// What was to be lost and has not come passes after all.
    void lose_nothing() { type_ = 0; }

    /// That packet has come.
    [[nodiscard]] bool has_lost() const noexcept { return lost_; }

  private:
    mqtt::fronts::asio::awaitable<void> serve(mqtt::fronts::tcp::socket client);
    mqtt::fronts::asio::awaitable<void> pass(mqtt::fronts::tcp::socket& from, mqtt::fronts::tcp::socket& to);

    /// Takes the whole packets from the beginning of `bytes`, up to one that is to be lost.
    std::string take(std::string& bytes, bool& loses);

    const std::uint16_t broker_;
    std::atomic<unsigned> type_{0}; ///< to be lost; 0: none
    std::atomic<then> then_{then::silence};
    std::atomic<bool> lost_{false};
};

} // namespace weir::testing
