#include "conductor/audit.hpp"

#include <algorithm>
#include <chrono>
#include <vector>

namespace weir::demo {
namespace {

duration percentile(std::vector<duration>& values, double share) {
    if (values.empty()) return {};
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank);
    std::nth_element(values.begin(), at, values.end());
    return *at;
}

} // namespace

double audit_result::messages_per_second() const noexcept {
    const double seconds = std::chrono::duration<double>(span).count();
    return seconds > 0 ? static_cast<double>(distinct) / seconds : 0;
}

void audit::add_published(const ledger_entry& entry) {
    auto& r = records_[entry.id.key()];
    if (r.published) return; // the ledger names a message once
    r.published = entry.published;
    ++published_;
    if (r.first_row == 0) ++missing_;
}

void audit::add_row(std::int64_t row, std::optional<identity> id) {
    ++rows_;
    if (!id) {
        ++unknown_;
        return;
    }
    auto& r = records_[id->key()];
    if (r.first_row != 0) return;
    r.first_row = row;
    ++distinct_;
    if (r.published) --missing_;
}

audit_result audit::result(std::span<const commit_sample> commits) const {
    std::vector<duration> latencies;
    time_point first = time_point::max();
    for (const auto& [key, r] : records_) {
        if (!r.published) continue;
        first = std::min(first, *r.published);
        const auto* commit = r.first_row != 0 ? first_sample_with(commits, r.first_row) : nullptr;
        if (commit != nullptr) latencies.push_back(commit->at - *r.published);
    }
    const bool any = published_ > 0 && !commits.empty();
    return {
        .published = published_,
        .stored = rows_,
        .distinct = distinct_,
        .lost = missing_,
        .duplicates = rows_ - distinct_ - unknown_,
        .unknown = unknown_,
        .span = any ? commits.back().at - first : duration{},
        .p50 = percentile(latencies, 0.50),
        .p99 = percentile(latencies, 0.99)};
}

} // namespace weir::demo
