#pragma once

#include "conductor/commit_watch.hpp"
#include "fleet/ledger.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <unordered_map>

namespace weir::demo {

/// What the comparison of ledger and store came to.
struct audit_result {
    std::uint64_t published{0};  ///< confirmed by the broker
    std::uint64_t stored{0};     ///< rows
    std::uint64_t distinct{0};   ///< different messages among the rows
    std::uint64_t lost{0};       ///< confirmed, and not in the store
    std::uint64_t duplicates{0}; ///< rows beyond the first of a message
    std::uint64_t unknown{0};    ///< rows that are no message of the fleet
    duration span{};             ///< first publish to last commit
    duration p50{};              ///< publish to commit
    duration p99{};

    [[nodiscard]] double messages_per_second() const noexcept;
};

/// Compares what was promised with what is there. Both sides may be entered in any order and in parts.
class audit {
  public:
    void add_published(const ledger_entry& entry);

    /// A row of the store; `id` is nothing when its payload is not of the fleet.
    void add_row(std::int64_t row, std::optional<identity> id);

    /// Confirmed publishes that no row has been seen for.
    [[nodiscard]] std::uint64_t missing() const noexcept { return missing_; }

    [[nodiscard]] audit_result result(std::span<const commit_sample> commits) const;

  private:
    struct record {
        std::optional<time_point> published{};
        std::int64_t first_row{0};
    };

    std::unordered_map<std::uint64_t, record> records_;
    std::uint64_t published_{0};
    std::uint64_t rows_{0};
    std::uint64_t distinct_{0};
    std::uint64_t missing_{0};
    std::uint64_t unknown_{0};
};

} // namespace weir::demo
