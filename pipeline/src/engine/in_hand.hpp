#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/engine/parcel.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <vector>

namespace weir::pipeline::engine {

/// The messages a worker works on, so that somebody else can settle them when the stop deadline passes, or
/// the callback's own time, while a callback runs. Exactly one side gets to settle them: the worker by
/// `claim`, the others by `revoke` or `expire`.
class in_hand {
  public:
    /// Worker: takes messages up.
    void begin(const parcel& messages) {
        owed_.clear();
        messages.obligations(owed_);
        next_ = 0;
        began_.store(never);
        turn_ += turn;
        state_.store(turn_ | held);
    }

    /// Worker: a callback whose time is limited begins.
    void time_from(time_point now) noexcept { began_.store(now.time_since_epoch().count()); }

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

    /// Worker: done with them. True: their time was up before that.
    bool end() noexcept;

    /// The others: takes the business away from a worker whose callbacks have not returned.
    [[nodiscard]] bool revoke(std::vector<obligation>& into);

    /// The same, if the callback began by that time.
    [[nodiscard]] bool expire(time_point began_by, std::vector<obligation>& into);

    /// When the callback began whose time is limited.
    [[nodiscard]] std::optional<time_point> began() const noexcept;

    /// Whether its time is up and the callback has not returned.
    [[nodiscard]] bool has_expired() const noexcept { return (state_.load() & mask) == expired; }

    [[nodiscard]] bool busy() const noexcept { return (state_.load() & mask) != free; }

    /// Worker: what it owes, between `begin` and `end`. A message that was let go has no owner any more.
    [[nodiscard]] const std::vector<obligation>& owed() const noexcept { return owed_; }

  private:
    static constexpr std::uint64_t free = 0;
    static constexpr std::uint64_t held = 1;
    static constexpr std::uint64_t claimed = 2;
    static constexpr std::uint64_t revoked = 3;
    static constexpr std::uint64_t expired = 4;
    static constexpr std::uint64_t mask = 7;
    static constexpr std::uint64_t turn = 8; // the state counts turns, so that none is taken for another
    static constexpr duration::rep never = 0;

    [[nodiscard]] obligation* find(const ack_ref& which) noexcept;

    std::atomic<std::uint64_t> state_{free};
    std::atomic<duration::rep> began_{never};
    std::uint64_t turn_{0}; // of the worker
    std::mutex revoking_;   // held while `owed_` is read by somebody else, or changed
    std::vector<obligation> owed_;
    std::size_t next_{0}; // where the next search in `owed_` begins: messages are asked for in order
};

} // namespace weir::pipeline::engine
