#include "engine/batcher_stage.hpp"

#include <algorithm>
#include <utility>

namespace weir::pipeline::engine {
namespace {

constexpr std::size_t max_spare = 16;       // runs kept for reuse
constexpr std::size_t max_reserved = 1'024; // messages; a larger batch grows on its way

} // namespace

batcher_stage::batcher_stage(const batcher_options& options, std::size_t bound, const parts& p)
    : options_(options)
    , bound_(bound)
    , parts_(p)
    , core_({options.batch_size, options.batch_timeout, options.max_open_messages, p.sources.size()})
    , owed_credit_(p.sources.size(), 0) {}

batcher_stage::admission batcher_stage::add(
    message_run& from, std::span<const std::uint32_t> which, std::size_t source, bool on_credit,
    time_point now) {
    const std::scoped_lock lock{mutex_};
    if (abandoned_) return admission::refused;
    const auto heads = from.heads();
    std::size_t windowed = 0;
    for (const auto i : which)
        windowed += heads[i].windowed ? 1 : 0;
    parts_.accounts.windows().joined_batch(source, windowed);
    const auto& plan = core_.add(heads, which, source, now);
    apply_joins(from, plan);
    apply_departures(plan);
    if (flushing_) apply_departures(core_.flush());
    wake_waiters();
    if (!over_bound() || !on_credit) return admission::taken;
    owed_credit_[source] += which.size();
    return admission::taken_on_credit;
}

void batcher_stage::apply_joins(message_run& from, const batch_plan& plan) {
    steps_.clear();
    for (const auto& j : plan.joins) {
        if (j.slot >= open_.size()) open_.resize(j.slot + 1);
        if (open_[j.slot] == nullptr) open_[j.slot] = fresh_run();
        steps_.push_back({j.index, open_[j.slot].get()});
    }
    parts_.stages.move(from, steps_);
}

void batcher_stage::apply_departures(const batch_plan& plan) {
    for (const auto& d : plan.departures)
        finish(d);
}

void batcher_stage::finish(const batch_plan::departure& d) {
    for (std::size_t s = 0; s < owed_credit_.size(); ++s)
        if (const auto held = core_.held(d.slot, s); held > 0) parts_.accounts.windows().left_batch(s, held);
    finished_messages_ += core_.size(d.slot);
    finished_.push_back(
        {std::move(open_[d.slot]), {options_.name, core_.key(d.slot), core_.size(d.slot), d.trigger}});
}

std::unique_ptr<message_run> batcher_stage::fresh_run() {
    if (spare_.empty()) return parts_.stages.make_run(std::min(options_.batch_size, max_reserved));
    auto run = std::move(spare_.back());
    spare_.pop_back();
    return run;
}

std::optional<finished_batch> batcher_stage::take(waiter& me) {
    std::unique_lock lock{mutex_};
    for (;;) {
        if (me.leaving) {
            wake_waiters(); // it may have been woken for a batch: that is now for another
            return std::nullopt;
        }
        const auto now = parts_.time.now();
        apply_departures(core_.expire(now));
        if (!finished_.empty()) {
            auto batch = pop_finished();
            return_credit(lock);
            return batch;
        }
        if (closed_) return std::nullopt;
        wait(lock, me, now);
    }
}

std::optional<finished_batch> batcher_stage::try_take(waiter& me) {
    std::unique_lock lock{mutex_};
    if (me.leaving) return std::nullopt;
    apply_departures(core_.expire(parts_.time.now()));
    if (finished_.empty()) return std::nullopt;
    auto batch = pop_finished();
    return_credit(lock);
    return batch;
}

void batcher_stage::dismiss(waiter& who) noexcept {
    const std::scoped_lock lock{mutex_};
    who.leaving = true;
    const auto place = std::find(waiting_.begin(), waiting_.end(), &who);
    if (place != waiting_.end()) signal(place);
}

finished_batch batcher_stage::pop_finished() {
    auto batch = std::move(finished_.front());
    finished_.pop_front();
    finished_messages_ -= batch.info.size;
    wake_waiters();
    return batch;
}

/// Unlocks: a source that gets credit may emit at once, and its chunk may come here.
void batcher_stage::return_credit(std::unique_lock<std::mutex>& lock) {
    if (over_bound()) return;
    for (std::size_t s = 0; s < owed_credit_.size(); ++s) {
        const auto owed = std::exchange(owed_credit_[s], 0);
        if (owed == 0) continue;
        lock.unlock();
        parts_.sources[s]->give_credit(owed);
        lock.lock();
    }
}

std::optional<time_point> batcher_stage::deadline() const {
    const std::scoped_lock lock{mutex_};
    return core_.deadline();
}

/// Waits for a batch, or for the time of an open one. A waiter that sees no open batch waits one timeout long
/// nevertheless: every batch opened meanwhile is due later than that, so nobody has to be woken just to learn
/// of its time. When nothing came in all that while, it sleeps until it is woken.
void batcher_stage::wait(std::unique_lock<std::mutex>& lock, waiter& me, time_point now) {
    const auto deadline = core_.deadline();
    me.signalled = false;
    me.timed = deadline.has_value() || !me.quiet;
    waiting_.push_back(&me);
    timed_waiters_ += me.timed ? 1 : 0;
    const auto signalled = [&] { return me.signalled; };
    if (me.timed)
        me.wake.wait_until(lock, deadline.value_or(now + options_.batch_timeout), signalled);
    else
        me.wake.wait(lock, signalled);
    me.quiet = !me.signalled && !deadline;
    if (me.signalled) {
        --signalled_waiters_;
    } else {
        std::erase(waiting_, &me);
        timed_waiters_ -= me.timed ? 1 : 0;
    }
}

/// A waiter for each batch that has none on its way; and one to keep the time when nobody does.
void batcher_stage::wake_waiters() {
    while (signalled_waiters_ < finished_.size() && !waiting_.empty())
        signal(waiting_.begin());
    const bool timeless = core_.open_batches() > 0 && timed_waiters_ == 0 && signalled_waiters_ == 0;
    if (timeless && !waiting_.empty()) signal(waiting_.begin());
}

void batcher_stage::signal(std::deque<waiter*>::iterator place) {
    auto* w = *place;
    waiting_.erase(place);
    timed_waiters_ -= w->timed ? 1 : 0;
    ++signalled_waiters_;
    w->signalled = true;
    w->wake.notify_one();
}

void batcher_stage::recycle(std::unique_ptr<message_run> run) {
    run->clear(); // outside of the lock: it runs the destructors of the user's types
    const std::scoped_lock lock{mutex_};
    if (spare_.size() < max_spare) spare_.push_back(std::move(run));
}

void batcher_stage::flush() {
    const std::scoped_lock lock{mutex_};
    flushing_ = true;
    const auto& plan = core_.flush();
    apply_departures(plan);
    wake_waiters();
}

std::optional<time_point> batcher_stage::oldest_holding(std::size_t source) const {
    const std::scoped_lock lock{mutex_};
    return core_.oldest_holding(source);
}

void batcher_stage::starve(std::size_t source) {
    const std::scoped_lock lock{mutex_};
    const auto& plan = core_.starve(source);
    apply_departures(plan);
    wake_waiters();
}

std::vector<obligation> batcher_stage::abandon() {
    const std::scoped_lock lock{mutex_};
    abandoned_ = true;
    apply_departures(core_.flush());
    std::vector<obligation> owed;
    for (const auto& batch : finished_)
        batch.messages->obligations(owed);
    finished_.clear();
    finished_messages_ = 0;
    return owed;
}

void batcher_stage::close() {
    const std::scoped_lock lock{mutex_};
    closed_ = true;
    while (!waiting_.empty())
        signal(waiting_.begin());
}

batcher_stage::levels batcher_stage::look() const {
    const std::scoped_lock lock{mutex_};
    return {core_.open_batches(), core_.open_messages(), finished_messages_};
}

} // namespace weir::pipeline::engine
