#pragma once

#include <weir/pipeline/engine/parcel.hpp>

#include <atomic>
#include <cstddef>
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
        next_ = 0;
        state_.store(held);
    }

    /// Worker, when all callbacks have returned: whether settling is still its business.
    [[nodiscard]] bool claim() noexcept;

    /// Worker, when some messages are done with: whether settling these is still its business. It goes on
    /// holding the others, for which `rest` is owed.
    [[nodiscard]] bool claim_all_but(const std::vector<obligation>& rest);

    enum class release : std::uint8_t {
        granted, ///< settling this message is the caller's business now, and nobody else's
        refused, ///< somebody else has settled it
        not_here,
    };

    /// Worker, while a callback runs: takes one message out.
    [[nodiscard]] release let_go(const ack_ref& which);

    /// Worker, while a callback runs: the message is known by another token from now on.
    void rename(const ack_ref& which, std::uint64_t token);

    /// Worker: done with them.
    void end() noexcept { state_.store(free); }

    /// The others: takes the business away from a worker whose callbacks have not returned.
    [[nodiscard]] bool revoke(std::vector<obligation>& into);

    [[nodiscard]] bool busy() const noexcept { return state_.load() != free; }

    /// Worker: what it owes, between `begin` and `end`. A message that was let go has no owner any more.
    [[nodiscard]] const std::vector<obligation>& owed() const noexcept { return owed_; }

  private:
    static constexpr std::uint8_t free = 0;
    static constexpr std::uint8_t held = 1;
    static constexpr std::uint8_t claimed = 2;
    static constexpr std::uint8_t revoked = 3;

    [[nodiscard]] obligation* find(const ack_ref& which) noexcept;

    std::atomic<std::uint8_t> state_{free};
    std::mutex revoking_; // held while `owed_` is read by somebody else, or changed
    std::vector<obligation> owed_;
    std::size_t next_{0}; // where the next search in `owed_` begins: messages are asked for in order
};

} // namespace weir::pipeline::engine
