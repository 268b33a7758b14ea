#include "stage/batcher_core.hpp"

namespace weir::pipeline {

batcher_core::batcher_core(const batcher_limits& limits)
    : limits_(limits) {}

const batch_plan& batcher_core::add(const arrivals& in, time_point now) {
    begin(now);
    for (std::size_t i = 0; i < in.which.size(); ++i) {
        static_cast<void>(aim(in, i, now));
        join(in, i, false);
    }
    return end();
}

void batcher_core::begin(time_point now) {
    begin_plan();
    expire_into_plan(now);
}

std::uint32_t batcher_core::aim(const arrivals& in, std::size_t i, time_point now) {
    const std::string& key = in.head(i).batch_key;
    const auto partition = in.partition_of(i);
    if (current_ != none && (slots_[current_].partition != partition || slots_[current_].key != key))
        end_run();
    if (current_ == none) current_ = find_or_open(key, partition, now);
    if (!fits(slots_[current_], in.bytes_of(i))) {
        leave_run(batch_trigger::size);
        current_ = find_or_open(key, partition, now);
    }
    return current_;
}

void batcher_core::join(const arrivals& in, std::size_t i, bool completes) {
    open_batch& b = slots_[current_];
    const message_head& head = in.head(i);
    ++b.size;
    b.bytes += in.bytes_of(i);
    b.held[in.source] += head.windowed ? 1 : 0;
    ++open_messages_;
    plan_.joins.push_back({in.which[i], current_});
    flushing_ |= head.mode == batch_mode::flush;
    const bool enough_bytes = limits_.max_bytes > 0 && b.bytes >= limits_.max_bytes;
    if (completes || enough_bytes || b.size >= b.limit) leave_run(batch_trigger::size);
}

void batcher_core::skip() {
    if (slots_[current_].size > 0) return;
    forget(current_);
    free_.push_back(current_);
    current_ = none;
    flushing_ = false;
}

void batcher_core::close() {
    leave_run(batch_trigger::size);
}

const batch_plan& batcher_core::end() {
    end_run();
    if (limits_.at_max_open == open_bound::intake_stops) return plan_;
    while (open_messages_ > limits_.max_open_messages)
        depart(limits_.at_max_open == open_bound::largest_leaves ? largest() : oldest_, batch_trigger::bound);
    return plan_;
}

/// A flush message takes along the messages of its batch that follow it directly, so the batch leaves only at
/// the end of such a run, or when it is full.
void batcher_core::end_run() {
    if (current_ != none && flushing_) depart(current_, batch_trigger::flush);
    current_ = none;
    flushing_ = false;
}

void batcher_core::leave_run(batch_trigger trigger) {
    depart(current_, trigger);
    current_ = none;
    flushing_ = false;
}

/// A message too large for any batch goes alone.
bool batcher_core::fits(const open_batch& b, std::size_t bytes) const noexcept {
    if (limits_.max_bytes == 0 || b.size == 0) return true;
    return bytes <= limits_.max_bytes && b.bytes <= limits_.max_bytes - bytes;
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

std::uint32_t batcher_core::find_or_open(const std::string& key, std::uint32_t partition, time_point now) {
    if (last_ != none) {
        const open_batch& b = slots_[last_];
        if (b.open && b.partition == partition && b.key == key) return last_;
    }
    const auto found = by_identity_.find({key, partition});
    last_ = found != by_identity_.end() ? found->second : open(key, partition, now);
    return last_;
}

std::uint32_t batcher_core::open(const std::string& key, std::uint32_t partition, time_point now) {
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(slots_.size()));
        slots_.emplace_back();
    }
    const auto slot = free_.back();
    free_.pop_back();
    open_batch& b = slots_[slot];
    b.key = key;
    b.partition = partition;
    b.size = 0;
    b.limit = limits_.batch_size;
    b.bytes = 0;
    b.opened = now;
    b.held.assign(limits_.sources, 0);
    b.open = true;
    b.older = newest_;
    b.newer = none;
    (newest_ == none ? oldest_ : slots_[newest_].newer) = slot;
    newest_ = slot;
    by_identity_.emplace(identity{b.key, partition}, slot);
    ++open_batches_;
    return slot;
}

void batcher_core::depart(std::uint32_t slot, batch_trigger trigger) {
    open_messages_ -= slots_[slot].size;
    forget(slot);
    plan_.departures.push_back({slot, trigger});
}

void batcher_core::forget(std::uint32_t slot) {
    open_batch& b = slots_[slot];
    unlink(b);
    by_identity_.erase({b.key, b.partition});
    b.open = false;
    --open_batches_;
}

/// The oldest of the largest.
std::uint32_t batcher_core::largest() const noexcept {
    auto found = oldest_;
    for (auto slot = oldest_; slot != none; slot = slots_[slot].newer)
        if (slots_[slot].size > slots_[found].size) found = slot;
    return found;
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
