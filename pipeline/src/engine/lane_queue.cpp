#include "engine/lane_queue.hpp"

#include <weir/base/mailbox.hpp>

#include <algorithm>
#include <utility>

namespace weir::pipeline::engine {

lane_queue::lane_queue(const ordering_options& o, std::size_t workers, std::size_t max_chunk, const parts& p)
    : bound_(o.mode == ordering::partitioned)
    , max_chunk_(max_chunk)
    , parts_(p)
    , lanes_(bound_ ? workers : o.lanes, bound_ ? workers : 1)
    , benches_(bound_ ? workers : 1) {}

void lane_queue::push(std::unique_ptr<raw_run> chunk) noexcept {
    const auto values = partition(*chunk); // outside of the lock: it runs the user's function
    if (chunk->retries() > 0)
        return place_again(std::move(chunk), std::max<partition_value>(0, values.front()));
    place_all(*chunk, values);
    parts_.sources[chunk->source()]->recycle(std::move(chunk));
}

std::vector<partition_value> lane_queue::partition(const raw_run& chunk) {
    std::vector<partition_value> values;
    std::vector<std::string> reasons;
    values.reserve(chunk.size());
    parts_.stages.partition(chunk, values, reasons);
    if (reasons.empty() || chunk.retries() > 0) return values;
    std::vector<obligation> owed;
    chunk.obligations(owed);
    auto reason = reasons.begin();
    for (std::size_t i = 0; i < values.size(); ++i)
        if (values[i] < 0) parts_.unplaced.add(chunk.source(), owed[i], std::move(*reason++));
    return values;
}

void lane_queue::place_all(raw_run& chunk, std::span<const partition_value> values) {
    const std::scoped_lock lock{mutex_};
    const auto lanes = lanes_.lanes();
    for (std::size_t i = 0; i < values.size(); ++i)
        if (values[i] >= 0) place(chunk, i, static_cast<std::size_t>(values[i]) % lanes);
}

void lane_queue::place(raw_run& from, std::size_t index, std::size_t lane) {
    ++messages_;
    if (auto* last = lanes_.newest(lane); last != nullptr) {
        auto& run = **last;
        if (run.size() < max_chunk_ && run.source() == from.source() && run.retries() == 0)
            return run.take(from, index);
    }
    auto fresh = parts_.sources[from.source()]->fresh_run();
    fresh->set_lane(lane);
    fresh->take(from, index);
    lanes_.push(lane, std::move(fresh));
    wake(lanes_.group_of(lane));
}

void lane_queue::place_again(std::unique_ptr<raw_run> chunk, partition_value value) {
    const std::scoped_lock lock{mutex_};
    messages_ += chunk->size();
    auto lane = chunk->lane();
    if (lane != raw_run::no_lane) {
        lanes_.push_front(lane, std::move(chunk));
        lanes_.release(lane);
    } else {
        lane = static_cast<std::size_t>(value) % lanes_.lanes();
        chunk->set_lane(lane);
        lanes_.push(lane, std::move(chunk));
    }
    wake(lanes_.group_of(lane));
}

std::unique_ptr<raw_run> lane_queue::pop(seat& me) {
    std::unique_lock lock{mutex_};
    finish(me);
    const auto group = group_of(me);
    for (;;) {
        auto chunk = me.leaving.load() ? nullptr : take(group);
        wake(group); // what is left, or what one that leaves was woken for
        if (chunk != nullptr || me.leaving.load() || closed_) return chunk;
        me.signalled = false;
        bench_of(group).idle.push_back(&me);
        me.wake.wait(lock, [&] { return me.signalled; });
        --bench_of(group).signalled;
    }
}

std::unique_ptr<raw_run> lane_queue::try_pop(seat& me) {
    const std::scoped_lock lock{mutex_};
    finish(me);
    auto chunk = me.leaving.load() ? nullptr : take(group_of(me));
    wake(group_of(me)); // what is left
    return chunk;
}

bool lane_queue::enlist(seat& me) {
    const std::scoped_lock lock{mutex_};
    const auto group = group_of(me);
    bench_of(group).bells.push_back(me.bell);
    return group >= lanes_.groups() || lanes_.ready(group) == 0;
}

void lane_queue::delist(seat& me) noexcept {
    const std::scoped_lock lock{mutex_};
    const auto group = group_of(me);
    std::erase(bench_of(group).bells, me.bell);
    if (me.leaving.load()) wake(group);
}

/// The lane of what it had in hand.
void lane_queue::finish(seat& me) {
    const auto lane = std::exchange(me.finished, raw_run::no_lane);
    if (lane != raw_run::no_lane) lanes_.done(lane);
    if (lane != raw_run::no_lane && me.leaving.load()) wake(lanes_.group_of(lane));
}

std::unique_ptr<raw_run> lane_queue::take(std::size_t group) {
    if (group >= lanes_.groups()) return nullptr; // of one that is about to leave
    auto next = lanes_.take(group);
    if (!next) return nullptr;
    messages_ -= next->piece->size();
    return std::move(next->piece);
}

void lane_queue::done(std::size_t lane) noexcept {
    if (lane == raw_run::no_lane) return;
    const std::scoped_lock lock{mutex_};
    lanes_.done(lane);
    wake(lanes_.group_of(lane));
}

void lane_queue::hold(std::size_t lane) noexcept {
    const std::scoped_lock lock{mutex_};
    lanes_.hold(lane);
}

void lane_queue::release(std::size_t lane) noexcept {
    const std::scoped_lock lock{mutex_};
    lanes_.release(lane);
    wake(lanes_.group_of(lane));
}

std::unique_ptr<raw_run> lane_queue::take_out() {
    const std::scoped_lock lock{mutex_};
    auto chunk = lanes_.take_out();
    if (!chunk) return nullptr;
    messages_ -= (*chunk)->size();
    return std::move(*chunk);
}

lane_queue::bench& lane_queue::bench_of(std::size_t group) {
    while (benches_.size() <= group)
        benches_.emplace_back();
    return benches_[group];
}

/// A processor for each lane that is ready and has none on its way.
void lane_queue::wake(std::size_t group) {
    if (group >= lanes_.groups()) return;
    auto& b = bench_of(group);
    while (b.signalled < lanes_.ready(group) && !b.idle.empty())
        signal(b, *b.idle.back());
    for (auto left = lanes_.ready(group) - std::min(b.signalled, lanes_.ready(group));
         left > 0 && !b.bells.empty(); --left) {
        b.bells.back()->ring();
        b.bells.pop_back();
    }
}

void lane_queue::signal(bench& b, seat& s) {
    std::erase(b.idle, &s);
    ++b.signalled;
    s.signalled = true;
    s.wake.notify_one();
}

void lane_queue::dismiss(seat& who) noexcept {
    const std::scoped_lock lock{mutex_};
    who.leaving.store(true);
    auto& b = bench_of(group_of(who));
    if (std::find(b.idle.begin(), b.idle.end(), &who) != b.idle.end()) signal(b, who);
}

bool lane_queue::resize(std::size_t workers) {
    const std::scoped_lock lock{mutex_};
    if (!bound_ || workers == lanes_.lanes()) return true;
    if (!lanes_.quiet()) return false;
    lanes_.reshape(workers, workers);
    return true;
}

/// A whole burst: it is divided among lanes, not among processors.
std::size_t lane_queue::chunk_length(std::size_t count) const noexcept {
    constexpr std::size_t most = 64; // runs keep their memory
    return std::clamp<std::size_t>(count, 1, most);
}

void lane_queue::close() noexcept {
    const std::scoped_lock lock{mutex_};
    closed_ = true;
    for (auto& b : benches_)
        while (!b.idle.empty())
            signal(b, *b.idle.back());
}

std::size_t lane_queue::size() const noexcept {
    const std::scoped_lock lock{mutex_};
    return messages_;
}

} // namespace weir::pipeline::engine
