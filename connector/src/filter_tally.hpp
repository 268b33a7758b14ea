#pragma once

#include <weir/connector/options.hpp>
#include <weir/connector/stats.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace weir::connector {

/// Counts messages by the configured filter that selects them. Thread-safe.
class filter_tally {
  public:
    explicit filter_tally(const producer_options& o);

    /// The place of the first filter that selects `topic`; one behind the last when none does.
    [[nodiscard]] std::size_t place_of(std::string_view topic) const;

    /// Places there are.
    [[nodiscard]] std::size_t size() const noexcept { return filters_.size(); }

    /// Empty behind the last.
    [[nodiscard]] const std::string& filter(std::size_t place) const { return filters_[place]; }

    void add(std::size_t place) noexcept { counts_[place].fetch_add(1, std::memory_order_relaxed); }

    /// For each filter; what none selects comes last, if there was any.
    [[nodiscard]] std::vector<filter_drops> counts() const;

  private:
    std::vector<std::string> filters_; ///< and an empty one behind them
    std::vector<std::atomic<std::uint64_t>> counts_;
};

} // namespace weir::connector
