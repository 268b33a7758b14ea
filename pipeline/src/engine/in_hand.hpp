#pragma once

#include <weir/pipeline/engine/parcel.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <vector>

namespace weir::pipeline::engine {

/// The messages a worker works on, so that somebody else can settle them when the stop deadline passes while
/// a callback runs. Exactly one side gets to settle them: the worker by `claim`, the other by `revoke`.
class in_hand {
  public:
    /// Worker: takes messages up.
    void begin(const parcel& messages) {
        owed_.clear();
        messages.obligations(owed_);
        state_.store(held);
    }

    /// Worker, when all callbacks have returned: whether settling is still its business.
    [[nodiscard]] bool claim() noexcept;

    /// Worker: done with them.
    void end() noexcept { state_.store(free); }

    /// The others: takes the business away from a worker whose callbacks have not returned.
    [[nodiscard]] bool revoke(std::vector<obligation>& into);

    [[nodiscard]] bool busy() const noexcept { return state_.load() != free; }

    /// Worker: what it owes, between `begin` and `end`.
    [[nodiscard]] const std::vector<obligation>& owed() const noexcept { return owed_; }

  private:
    static constexpr std::uint8_t free = 0;
    static constexpr std::uint8_t held = 1;
    static constexpr std::uint8_t claimed = 2;
    static constexpr std::uint8_t revoked = 3;

    std::atomic<std::uint8_t> state_{free};
    std::mutex revoking_; // held while `owed_` is read by somebody else
    std::vector<obligation> owed_;
};

} // namespace weir::pipeline::engine
