#pragma once

#include "conductor/audit.hpp"
#include "conductor/progress.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace weir::demo {

/// Sums at one moment, as far as they can be seen while everything runs.
struct live_counts {
    std::uint64_t published{0};
    std::uint64_t stored{0};
    std::uint64_t acknowledged{0};
    std::uint64_t failed{0};
    std::uint64_t redelivered{0};
    std::uint64_t kills{0};
};

/// A table that grows a row a second; on a terminal its one row is refreshed in place.
class live_table {
  public:
    live_table();

    void show(std::chrono::duration<double> elapsed, const live_counts& now);

    /// Leaves the refreshed row standing; what is printed next starts on a line of its own.
    void finish();

  private:
    bool terminal_;
    bool any_{false};
    double shown_at_{0};
    live_counts shown_{};
};

struct closing_counts {
    audit_result store{};
    progress consumer{};
    std::uint64_t kills{0};
    bool killing{false};
};

/// The table the demo ends with.
[[nodiscard]] std::string closing_table(const closing_counts& c);

} // namespace weir::demo
