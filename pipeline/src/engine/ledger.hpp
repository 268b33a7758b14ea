#pragma once

#include "engine/control.hpp"
#include "engine/window_watch.hpp"

#include <weir/base/counters.hpp>
#include <weir/pipeline/acknowledger.hpp>
#include <weir/pipeline/engine/source.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace weir::pipeline::engine {

/// How many messages ended how.
struct tally {
    std::uint64_t successful{0};
    std::uint64_t failed{0};
    std::uint64_t abandoned{0};

    void count(outcome o) noexcept {
        switch (o) {
        case outcome::successful: ++successful; break;
        case outcome::failed: ++failed; break;
        case outcome::abandoned: ++abandoned; break;
        }
    }

    [[nodiscard]] std::uint64_t total() const noexcept { return successful + failed + abandoned; }
};

/// The accounts of a pipeline: what came in, what went out and how. Writers have a lane each. Thread-safe.
class ledger {
  public:
    enum class entry : std::uint8_t {
        accepted,
        successful,
        failed,
        abandoned,
        passed,
        batches,
        settle_failures,
        retried,
        retries_refused,
        batch_retries,
        dead_lettered,
        returned,
        late,
        early,
        early_left,
        count_
    };

    ledger(const std::vector<std::unique_ptr<source>>& sources, std::size_t lanes, progress_signal& progress)
        : sources_(sources)
        , windows_(sources.size())
        , sums_(lanes)
        , progress_(progress) {}

    void accepted(std::size_t lane, std::size_t source, std::size_t count, std::size_t windowed) noexcept {
        windows_.emitted(source, windowed);
        sums_.add(lane, entry::accepted, count);
    }

    /// After the acknowledger was told.
    void settled(std::size_t lane, const acknowledger* owner, const tally& t, std::size_t windowed) noexcept;

    /// Messages for which the processors have done their part: settled there or handed to a batcher.
    void passed(std::size_t lane, std::size_t count) noexcept {
        sums_.add(lane, entry::passed, count);
        progress_.notify();
    }

    /// Messages at the end of their way that a callback had settled early.
    void left_early(std::size_t lane, std::size_t count) noexcept {
        sums_.add(lane, entry::early_left, count);
        progress_.notify();
    }

    /// As `passed`, without those that left a batcher again for another attempt and have not passed once
    /// more. Never above the truth.
    [[nodiscard]] std::uint64_t passed() const noexcept {
        const auto all = sum(entry::passed); // read first: what returns meanwhile only makes it smaller
        return all - sum(entry::returned);
    }

    void count(std::size_t lane, entry e, std::uint64_t n) noexcept { sums_.add(lane, e, n); }

    [[nodiscard]] std::uint64_t sum(entry e) const noexcept { return sums_.sum(e); }

    [[nodiscard]] tally settled() const noexcept {
        return {sum(entry::successful), sum(entry::failed), sum(entry::abandoned)};
    }

    /// Accepted and not settled. Exact once nothing is accepted any more, never below the truth.
    [[nodiscard]] std::uint64_t in_flight() const noexcept {
        const auto ended = settled().total(); // read first: what ends meanwhile only makes the answer larger
        return sum(entry::accepted) - ended;
    }

    /// The same with those that a callback settled early and that are still on their way.
    [[nodiscard]] std::uint64_t inside() const noexcept {
        const auto left = sum(entry::early_left); // read first, as above
        return in_flight() + sum(entry::early) - left;
    }

    /// A source is stopped for a while: what is settled for it meanwhile is counted as late.
    void source_left() noexcept { absent_.fetch_add(1); }

    void source_back() noexcept { absent_.fetch_sub(1); }

    [[nodiscard]] window_watch& windows() noexcept { return windows_; }

    [[nodiscard]] std::optional<std::size_t> source_of(const acknowledger* owner) const noexcept;

  private:
    void count_late(std::size_t lane, const acknowledger* owner, std::uint64_t count) noexcept;

    const std::vector<std::unique_ptr<source>>& sources_;
    std::atomic<std::size_t> absent_{0}; // sources that are stopped for a while
    window_watch windows_;
    counters<entry> sums_;
    progress_signal& progress_;
};

} // namespace weir::pipeline::engine
