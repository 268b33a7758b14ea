#pragma once

#include <weir/mqtt/session/event.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <utility>
#include <vector>

namespace weir::mqtt {

/// Gathers what was let go during one call, so that a flood makes one event and not one for each message.
class drop_report {
  public:
    /// Messages, by their topics.
    void add(dropped::what kind, std::vector<bytes> topics) {
        if (topics.empty()) return;
        add(kind, topics.size());
        auto& gathered = topics_[static_cast<std::size_t>(kind)];
        gathered.insert(gathered.end(), std::move_iterator(topics.begin()), std::move_iterator(topics.end()));
    }

    void add(dropped::what kind, std::size_t count = 1) {
        counts_[static_cast<std::size_t>(kind)] += count;
        totals_[static_cast<std::size_t>(kind)] += count;
        any_ = true;
    }

    /// What somebody is told anyway.
    void count(dropped::what kind) noexcept { ++totals_[static_cast<std::size_t>(kind)]; }

    void flush(events& out) {
        if (!any_) return;
        for (std::size_t kind = 0; kind < counts_.size(); ++kind)
            if (counts_[kind] != 0)
                out.emplace_back(dropped{
                    static_cast<dropped::what>(kind), counts_[kind], std::exchange(topics_[kind], {})});
        counts_.fill(0);
        any_ = false;
    }

    /// Since the beginning.
    [[nodiscard]] std::uint64_t total(dropped::what kind) const noexcept {
        return totals_[static_cast<std::size_t>(kind)];
    }

    [[nodiscard]] const std::array<std::uint64_t, dropped::kinds>& totals() const noexcept { return totals_; }

  private:
    std::array<std::size_t, dropped::kinds> counts_{};
    std::array<std::vector<bytes>, dropped::kinds> topics_{};
    std::array<std::uint64_t, dropped::kinds> totals_{};
    bool any_{false};
};

} // namespace weir::mqtt
