#include "conductor/commit_watch.hpp"

#include "conductor/database.hpp"

#include <algorithm>
#include <utility>

namespace weir::demo {
namespace {

constexpr std::chrono::milliseconds interval{2};

} // namespace

const commit_sample* first_sample_with(std::span<const commit_sample> samples, std::int64_t row) noexcept {
    const auto found = std::partition_point(
        samples.begin(), samples.end(), [row](const commit_sample& s) { return s.last_row < row; });
    return found == samples.end() ? nullptr : &*found;
}

commit_watch::commit_watch(std::string database, std::string table)
    : database_(std::move(database))
    , table_(std::move(table))
    , thread_([this] { watch(); }) {}

commit_watch::~commit_watch() {
    finish();
}

std::vector<commit_sample> commit_watch::finish() {
    done_.store(true, std::memory_order_relaxed);
    if (thread_.joinable()) thread_.join();
    return std::exchange(samples_, {});
}

void commit_watch::watch() {
    database source(database_, table_);
    std::int64_t seen = 0;
    for (bool last_look = false; !last_look;) {
        last_look = done_.load(std::memory_order_relaxed);
        const auto row = source.last_row();
        if (row && *row > seen) {
            seen = *row;
            samples_.push_back({.last_row = seen, .at = clock::now()});
            rows_.store(seen, std::memory_order_relaxed);
        }
        if (!last_look) std::this_thread::sleep_for(interval);
    }
}

} // namespace weir::demo
