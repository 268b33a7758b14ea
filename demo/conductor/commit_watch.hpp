#pragma once

#include <weir/base/time.hpp>

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <thread>
#include <vector>

namespace weir::demo {

/// At `at`, rows up to `last_row` had been committed.
struct commit_sample {
    std::int64_t last_row{0};
    time_point at{};
};

/// When row `row` was first seen committed; nothing when it never was.
[[nodiscard]] const commit_sample* first_sample_with(
    std::span<const commit_sample> samples, std::int64_t row) noexcept;

/// Looks at a database from outside, every two milliseconds, for what has been committed. So the times are
/// those at which another process can read a row, and at most that much too late; the pipeline takes no part
/// in measuring itself.
class commit_watch {
  public:
    commit_watch(std::string database, std::string table);
    commit_watch(const commit_watch&) = delete;
    commit_watch& operator=(const commit_watch&) = delete;
    ~commit_watch();

    /// Rows seen so far.
    [[nodiscard]] std::int64_t rows() const noexcept { return rows_.load(std::memory_order_relaxed); }

    /// Ends the watch; the samples have strictly growing rows and times.
    std::vector<commit_sample> finish();

  private:
    void watch();

    const std::string database_;
    const std::string table_;
    std::atomic<std::int64_t> rows_{0};
    std::atomic<bool> done_{false};
    std::vector<commit_sample> samples_;
    std::thread thread_;
};

} // namespace weir::demo
