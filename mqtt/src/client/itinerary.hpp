#pragma once

#include <weir/mqtt/options.hpp>
#include <weir/mqtt/transport/endpoint.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <random>
#include <string_view>
#include <vector>

namespace weir::mqtt {

/// Where to go next: the hosts of the options in their order, or where a server has sent the client. One
/// attempt tries each host once. Not thread-safe.
class itinerary {
  public:
    /// Options must have passed `check`. Equal seeds choose equally.
    itinerary(const client_options& options, std::uint64_t seed);

    /// A new attempt; `here` is its first host.
    void begin();

    [[nodiscard]] const endpoint& here() const noexcept;

    /// How many hosts of this attempt are left, this one included.
    [[nodiscard]] std::size_t left() const noexcept;

    /// On to the next host; false when there is none.
    [[nodiscard]] bool advance() noexcept;

    /// A connection to this host has lasted: with `sticky` it comes first from now on.
    void settle() noexcept;

    /// A server has named another in its Server Reference. The next attempt goes there, with the same
    /// transport. False when the text names none that can be used, or the client was sent on too often.
    [[nodiscard]] bool refer(std::string_view reference);

  private:
    void arrange();

    static constexpr std::size_t most_hops = 3;

    const host_order order_;
    const bool sticky_;
    const std::vector<endpoint> hosts_;
    std::minstd_rand random_;       ///< small: there may be thousands of clients
    std::vector<std::size_t> plan_; ///< of this attempt, indexes of `hosts_`
    std::size_t next_{0};           ///< in `plan_`
    std::size_t turn_{0};           ///< of round_robin
    std::optional<std::size_t> favourite_;
    std::optional<endpoint> referral_; ///< for the next attempt
    std::optional<endpoint> guest_;    ///< of this one
    std::size_t hops_{0};
};

} // namespace weir::mqtt
