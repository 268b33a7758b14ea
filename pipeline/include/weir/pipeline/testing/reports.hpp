#pragma once

#include <weir/pipeline/acknowledger.hpp>
#include <weir/pipeline/caller_acknowledger.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace weir::pipeline::testing {

/// Collects what becomes of messages under one fresh reference, and lets a test wait for it. A handle: copies
/// see the same reports, and what the pipeline needs of it lives until the last message has ended.
/// Thread-safe.
class reports {
  public:
    using list = std::vector<ack_report>;

    reports();

    /// Fresh for every object that is not a copy.
    [[nodiscard]] std::uint64_t reference() const noexcept;

    /// To be given to messages, as `entry::owner`. Use `expect` before they are handed over.
    [[nodiscard]] acknowledger& owner() const noexcept;

    /// `count` messages are on their way: until these have ended the pipeline may report to `owner()` even
    /// if this handle has gone. Called again when it turns out that there are fewer.
    void expect(std::size_t count) const;

    [[nodiscard]] std::size_t expected() const;

    /// Waits until the reports cover `count` messages, or for `limit`; returns what has come by then. Under
    /// a virtual pipeline nothing comes while this waits: run it first, or pass 0.
    [[nodiscard]] list wait(
        std::size_t count, std::chrono::milliseconds limit = std::chrono::seconds{20}) const;

    /// As `wait`, for all messages expected.
    [[nodiscard]] list wait_all(std::chrono::milliseconds limit = std::chrono::seconds{20}) const;

    /// Messages covered so far.
    [[nodiscard]] std::size_t covered() const;

    /// Of these, how many ended that way.
    [[nodiscard]] std::size_t count(outcome o) const;

    /// The end of every message covered, in the order of the reports.
    [[nodiscard]] std::vector<ending> endings() const;

  private:
    class collector;
    std::shared_ptr<collector> collector_;
};

} // namespace weir::pipeline::testing
