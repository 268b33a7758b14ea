#include "stage/batcher_core.hpp"

namespace weir::pipeline {

batcher_core::batcher_core(const batcher_limits& limits)
    : limits_(limits) {}

const batch_plan& batcher_core::add(
    engine::head_list heads, std::span<const std::uint32_t> which, std::size_t source, time_point now) {
    begin_plan();
    expire_into_plan(now);
    // A flush message takes along the messages of its key that follow it directly, so the batch leaves only
    // at the end of such a run, or when it is full.
    std::uint32_t current = none;
    bool flushing = false;
    const auto end_run = [&] {
        if (current != none && flushing) depart(current, batch_trigger::flush);
        current = none;
        flushing = false;
    };
    for (const auto index : which) {
        const message_head& head = heads[index];
        if (current != none && slots_[current].key != head.batch_key) end_run();
        if (current == none) current = find_or_open(head.batch_key, now);
        join(current, index, source, head.windowed);
        flushing |= head.mode == batch_mode::flush;
        if (slots_[current].size < limits_.batch_size) continue;
        depart(current, batch_trigger::size);
        current = none;
        flushing = false;
    }
    end_run();
    while (open_messages_ > limits_.max_open_messages)
        depart(oldest_, batch_trigger::bound);
    return plan_;
}

const batch_plan& batcher_core::expire(time_point now) {
    begin_plan();
    expire_into_plan(now);
    return plan_;
}

const batch_plan& batcher_core::flush() {
    begin_plan();
    while (oldest_ != none)
        depart(oldest_, batch_trigger::flush);
    return plan_;
}

const batch_plan& batcher_core::starve(std::size_t source) {
    begin_plan();
    if (const auto slot = oldest_with(source); slot != none) depart(slot, batch_trigger::starved);
    return plan_;
}

std::optional<time_point> batcher_core::deadline() const noexcept {
    if (oldest_ == none) return std::nullopt;
    return slots_[oldest_].opened + limits_.batch_timeout;
}

std::optional<time_point> batcher_core::oldest_holding(std::size_t source) const noexcept {
    const auto slot = oldest_with(source);
    if (slot == none) return std::nullopt;
    return slots_[slot].opened;
}

void batcher_core::begin_plan() {
    for (const auto& d : plan_.departures)
        free_.push_back(d.slot);
    plan_.joins.clear();
    plan_.departures.clear();
}

void batcher_core::expire_into_plan(time_point now) {
    while (oldest_ != none && slots_[oldest_].opened + limits_.batch_timeout <= now)
        depart(oldest_, batch_trigger::timeout);
}

std::uint32_t batcher_core::find_or_open(const std::string& key, time_point now) {
    if (last_ != none && slots_[last_].open && slots_[last_].key == key) return last_;
    const auto found = by_key_.find(key);
    last_ = found != by_key_.end() ? found->second : open(key, now);
    return last_;
}

std::uint32_t batcher_core::open(const std::string& key, time_point now) {
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    const auto slot = free_.back();
    free_.pop_back();
    open_batch& b = slots_[slot];
    b.key = key;
    b.size = 0;
    b.opened = now;
    b.held.assign(limits_.sources, 0);
    b.open = true;
    b.older = newest_;
    b.newer = none;
    (newest_ == none ? oldest_ : slots_[newest_].newer) = slot;
    newest_ = slot;
    by_key_.emplace(b.key, slot);
    ++open_batches_;
    return slot;
}

void batcher_core::join(std::uint32_t slot, std::uint32_t index, std::size_t source, bool windowed) {
    open_batch& b = slots_[slot];
    ++b.size;
    b.held[source] += windowed ? 1 : 0;
    ++open_messages_;
    plan_.joins.push_back({index, slot});
}

void batcher_core::depart(std::uint32_t slot, batch_trigger trigger) {
    open_batch& b = slots_[slot];
    unlink(b);
    by_key_.erase(b.key);
    b.open = false;
    open_messages_ -= b.size;
    --open_batches_;
    plan_.departures.push_back({slot, trigger});
}

void batcher_core::unlink(const open_batch& b) noexcept {
    (b.older == none ? oldest_ : slots_[b.older].newer) = b.newer;
    (b.newer == none ? newest_ : slots_[b.newer].older) = b.older;
}

std::uint32_t batcher_core::oldest_with(std::size_t source) const noexcept {
    auto slot = oldest_;
    while (slot != none && slots_[slot].held[source] == 0)
        slot = slots_[slot].newer;
    return slot;
}

} // namespace weir::pipeline
