#pragma once

#include <weir/base/error.hpp>
#include <weir/base/time.hpp>
#include <weir/mqtt/store/session_store.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

namespace weir::mqtt {

/// What a session has changed and its store does not have yet. Changes gather while a batch is being written,
/// so that one flush serves all that became ready meanwhile. Nothing is kept without a store.
///
/// Bounded by what it describes: the send queue, the windows and the pending calls.
class journal {
  public:
    /// Names the batch a change is in; that is durable once `is_durable` says so of it.
    using mark = std::uint64_t;
    static constexpr mark durable = 0;
    static constexpr mark never = ~mark{0};

    using batch = std::vector<store_change>;

    journal(bool on, std::uint64_t limit, duration gather)
        : on_(on)
        , limit_(limit)
        , gather_(gather) {}

    /// Whether there is a store at all.
    [[nodiscard]] bool on() const noexcept { return on_; }

    /// Whether the store has been read. Nothing may be put before.
    [[nodiscard]] bool is_open() const noexcept { return open_; }

    void opened(const store_usage& in_use) noexcept;

    [[nodiscard]] mark put(stored_record::kind what, std::uint64_t key, bytes head, bytes payload = {});
    mark erase(stored_record::kind what, std::uint64_t key);

    [[nodiscard]] bool is_durable(mark m) const noexcept { return m <= written_; }

    /// Whether a record of that size may be put: below the bound, and the store works.
    [[nodiscard]] bool fits(std::size_t size) const noexcept;

    /// Why the store does not work at present; false when it does.
    [[nodiscard]] const error& failure() const noexcept { return failure_; }

    /// What a record that does not fit is refused with.
    [[nodiscard]] error refusal() const;

    // -- the store's side

    /// The next batch, if there is one and its time has come. One at a time is under way.
    [[nodiscard]] std::shared_ptr<const batch> take(time_point now);

    /// The batch under way is durable.
    void written(const store_usage& in_use);

    /// It is not. All will be tried again after a while, but for the messages that are not durable yet: they
    /// are taken back. Returns their keys.
    [[nodiscard]] std::unordered_set<std::uint64_t> failed(error why, time_point now);

    /// When `take` will have something that it does not have now.
    [[nodiscard]] std::optional<time_point> deadline() const noexcept;

    /// A turn has ended: what it gathered may wait from here on.
    void turn_ended(time_point now) noexcept;

    [[nodiscard]] const store_usage& in_use() const noexcept { return in_use_; }

    [[nodiscard]] std::uint64_t writes() const noexcept { return writes_; }

    [[nodiscard]] std::uint64_t failures() const noexcept { return failures_; }

    static constexpr duration retry_after = std::chrono::milliseconds{500};

  private:
    bool on_;
    bool open_{false};
    std::uint64_t limit_;
    duration gather_;
    mark number_{1};  ///< of the batch that gathers
    mark written_{0}; ///< the last one written
    batch next_{};
    std::shared_ptr<batch> under_way_{};
    std::uint64_t next_bytes_{0};
    std::uint64_t under_way_bytes_{0};
    store_usage in_use_{};
    std::optional<time_point> since_{};
    std::optional<time_point> retry_at_{};
    error failure_{};
    std::uint64_t writes_{0};
    std::uint64_t failures_{0};
};

} // namespace weir::mqtt
