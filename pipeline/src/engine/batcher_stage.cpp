#include "engine/batcher_stage.hpp"

#include <algorithm>
#include <utility>

namespace weir::pipeline::engine {
namespace {

constexpr std::size_t max_spare = 16;       // runs kept for reuse
constexpr std::size_t max_reserved = 1'024; // messages; a larger batch grows on its way

batcher_limits limits_of(const batcher_options& o, std::size_t sources) {
    return {
        .batch_size = o.batch_size,
        .batch_timeout = o.batch_timeout,
        .max_open_messages = o.max_open_messages,
        .sources = sources,
        .max_bytes = o.max_bytes,
        .at_max_open = o.at_max_open};
}

} // namespace

batcher_stage::batcher_stage(const batcher_options& options, std::size_t bound, const parts& p)
    : options_(options)
    , parts_(p)
    , bound_(bound)
    , core_(limits_of(options, p.sources.size()))
    , dispatch_({options.concurrency, options.partitioned, options.serial_per_key})
    , splitter_(options.splitter ? p.stages.make_split_states() : nullptr)
    , owed_credit_(p.sources.size(), 0) {
    const auto& a = options.adaptive;
    if (a.any()) sizer_.emplace(options.batch_size, batch_sizer::limits{a.min_size, a.max_size, a.target});
}

batcher_stage::admission batcher_stage::add(
    const batcher_input& in, callbacks& calls, std::vector<std::uint32_t>& failed, time_point now) {
    const std::scoped_lock lock{mutex_};
    if (abandoned_) return admission::refused;
    const arrivals arriving{in.from.heads(), in.which, in.source, in.bytes, in.partitions};
    const auto& plan =
        splitter_ == nullptr ? core_.add(arriving, now) : split(arriving, in.from, calls, failed, now);
    apply(in, plan);
    if (flushing_) apply_departures(core_.flush());
    hand_out();
    if (!over_bound() || !in.on_credit) return admission::taken;
    owed_credit_[in.source] += in.which.size();
    return admission::taken_on_credit;
}

/// The splitter sees each message as it joins, and so under the lock: its batch must not leave in between.
const batch_plan& batcher_stage::split(
    const arrivals& in, message_run& from, callbacks& calls, std::vector<std::uint32_t>& failed,
    time_point now) {
    core_.begin(now);
    for (std::size_t i = 0; i < in.which.size(); ++i) {
        auto slot = core_.aim(in, i, now);
        auto verdict = ask(slot, from, in.which[i], calls);
        if (verdict == split_verdict::starts_next && core_.size(slot) > 0) {
            core_.close();
            slot = core_.aim(in, i, now);
            verdict = ask(slot, from, in.which[i], calls);
        }
        if (verdict) {
            core_.join(in, i, *verdict != split_verdict::joins);
        } else {
            core_.skip();
            failed.push_back(in.which[i]);
        }
    }
    return core_.end();
}

std::optional<split_verdict> batcher_stage::ask(
    std::uint32_t slot, message_run& from, std::uint32_t index, callbacks& calls) {
    return calls.split(options_.name, *splitter_, slot, core_.size(slot) == 0, from, index);
}

void batcher_stage::apply(const batcher_input& in, const batch_plan& plan) {
    const auto heads = in.from.heads();
    std::size_t windowed = 0;
    steps_.clear();
    for (const auto& j : plan.joins) {
        windowed += heads[j.index].windowed ? 1 : 0;
        if (j.slot >= open_.size()) open_.resize(j.slot + std::size_t{1});
        if (open_[j.slot] == nullptr) open_[j.slot] = fresh_run();
        steps_.push_back({j.index, open_[j.slot].get()});
    }
    parts_.accounts.windows().joined_batch(in.source, windowed);
    parts_.stages.move(in.from, steps_);
    apply_departures(plan);
}

void batcher_stage::apply_departures(const batch_plan& plan) {
    for (const auto& d : plan.departures)
        finish(d);
}

void batcher_stage::finish(const batch_plan::departure& d) {
    for (std::size_t s = 0; s < owed_credit_.size(); ++s)
        if (const auto held = core_.held(d.slot, s); held > 0) parts_.accounts.windows().left_batch(s, held);
    const auto size = core_.size(d.slot);
    const auto& key = core_.key(d.slot);
    const auto partition = core_.partition(d.slot);
    const auto age = parts_.time.now() - core_.opened(d.slot);
    finished_batch batch{std::move(open_[d.slot]), {options_.name, key, size, d.trigger, {}, age}, {}};
    if (options_.partitioned) batch.info.partition = partition;
    if (options_.serial_per_key) batch.serial_key = key;
    finished_messages_ += size;
    dispatch_.push(std::move(batch), key, partition);
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
        if (auto batch = attempt(lock, me)) return batch;
        if (me.leaving_) keep_time(); // it may have been called for that
        if (closed_ || me.leaving_) return std::nullopt;
        wait(lock, me);
    }
}

std::optional<finished_batch> batcher_stage::try_take(waiter& me) {
    std::unique_lock lock{mutex_};
    return attempt(lock, me);
}

std::optional<finished_batch> batcher_stage::attempt(std::unique_lock<std::mutex>& lock, waiter& me) {
    apply_departures(core_.expire(parts_.time.now()));
    if (!me.leaving_) {
        if (!std::exchange(me.entered_, true)) places_.push_back(&me);
        if (!std::exchange(me.idle_, true)) dispatch_.idle(&me, me.index_);
    }
    distribute();
    if (!me.given_) return std::nullopt; // and goes to wait, if it can, with the time of the next batch
    keep_time();
    auto batch = std::exchange(me.given_, std::nullopt);
    me.idle_ = false;
    if (me.leaving_) leave(me);
    return_credit(lock);
    return batch;
}

void batcher_stage::dismiss(waiter& who) noexcept {
    const std::scoped_lock lock{mutex_};
    who.leaving_ = true;
    if (who.given_) return; // it takes that up before it leaves
    if (std::exchange(who.idle_, false)) dispatch_.withdraw(&who);
    leave(who);
    call(who);
}

bool batcher_stage::has_given(const waiter& w) const {
    const std::scoped_lock lock{mutex_};
    return w.given_.has_value();
}

void batcher_stage::set_bound(std::size_t bound) {
    std::unique_lock lock{mutex_};
    bound_ = bound;
    return_credit(lock);
}

void batcher_stage::leave(waiter& w) noexcept {
    std::erase(places_, &w);
}

void batcher_stage::hand_out() {
    distribute();
    keep_time();
}

void batcher_stage::distribute() {
    while (auto next = dispatch_.next()) {
        finished_messages_ -= next->batch.info.size;
        waiter& w = *next->worker;
        w.given_ = std::move(next->batch);
        call(w);
    }
}

bool batcher_stage::over_bound() const noexcept {
    const bool stopped = options_.at_max_open == open_bound::intake_stops &&
                         core_.open_messages() >= options_.max_open_messages;
    return stopped || finished_messages_ > bound_;
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
void batcher_stage::wait(std::unique_lock<std::mutex>& lock, waiter& me) {
    const auto until = begin_wait(me);
    const auto called = [&] { return !me.waiting_; };
    if (until)
        me.wake_.wait_until(lock, *until, called);
    else
        me.wake_.wait(lock, called);
    end_wait(me);
}

std::optional<time_point> batcher_stage::begin_wait(waiter& me) {
    const auto deadline = core_.deadline();
    me.waiting_ = true;
    me.timed_ = deadline.has_value() || !me.quiet_;
    me.quiet_ = !deadline;
    if (!me.timed_) return std::nullopt;
    ++timed_;
    return deadline.value_or(parts_.time.now() + options_.batch_timeout);
}

void batcher_stage::end_wait(waiter& me) {
    me.quiet_ = me.quiet_ && me.waiting_;
    if (std::exchange(me.waiting_, false))
        timed_ -= me.timed_ ? 1 : 0;
    else
        --called_;
}

bool batcher_stage::enlist(waiter& me, std::optional<time_point>& until) {
    const std::scoped_lock lock{mutex_};
    until = begin_wait(me);
    return !me.given_ && !closed_;
}

/// It may have been the one that kept the time.
void batcher_stage::delist(waiter& me) {
    const std::scoped_lock lock{mutex_};
    end_wait(me);
    keep_time();
}

void batcher_stage::expire() {
    const std::scoped_lock lock{mutex_};
    apply_departures(core_.expire(parts_.time.now()));
    hand_out();
}

void batcher_stage::call(waiter& w) {
    if (!std::exchange(w.waiting_, false)) return;
    timed_ -= w.timed_ ? 1 : 0;
    ++called_;
    if (w.bell_ != nullptr)
        w.bell_->ring();
    else
        w.wake_.notify_one();
}

/// While a batch is open somebody who waits must know its time; one on its way back will see to that.
void batcher_stage::keep_time() {
    if (core_.open_batches() == 0 || timed_ > 0 || called_ > 0) return;
    for (auto* w : places_)
        if (w->waiting_) return call(*w);
}

void batcher_stage::put_back(finished_batch batch) {
    const std::scoped_lock lock{mutex_};
    finished_messages_ += batch.info.size;
    const auto partition = batch.info.partition.value_or(0);
    dispatch_.put_back(std::move(batch), partition);
    hand_out();
}

void batcher_stage::done(finished_batch batch) {
    batch.messages->clear(); // outside of the lock: it runs the destructors of the user's types
    const std::scoped_lock lock{mutex_};
    if (spare_.size() < max_spare) spare_.push_back(std::move(batch.messages));
    if (!options_.serial_per_key) return;
    dispatch_.done(batch.serial_key);
    hand_out();
}

void batcher_stage::measured(std::size_t messages, duration took) {
    const std::scoped_lock lock{mutex_};
    sizer_->observe(messages, took);
    core_.resize(sizer_->size());
}

void batcher_stage::flush() {
    const std::scoped_lock lock{mutex_};
    flushing_ = true;
    apply_departures(core_.flush());
    hand_out();
}

std::optional<time_point> batcher_stage::oldest_holding(std::size_t source) const {
    const std::scoped_lock lock{mutex_};
    return core_.oldest_holding(source);
}

void batcher_stage::starve(std::size_t source) {
    const std::scoped_lock lock{mutex_};
    apply_departures(core_.starve(source));
    hand_out();
}

std::vector<obligation> batcher_stage::abandon() {
    const std::scoped_lock lock{mutex_};
    abandoned_ = true;
    apply_departures(core_.flush());
    std::vector<obligation> owed;
    dispatch_.clear([&](const finished_batch& batch) { batch.messages->obligations(owed); });
    finished_messages_ = 0;
    for (auto* w : places_) {
        if (!w->given_) continue;
        w->given_->messages->obligations(owed);
        w->given_.reset();
        w->idle_ = false;
    }
    return owed;
}

void batcher_stage::close() {
    const std::scoped_lock lock{mutex_};
    closed_ = true;
    for (auto* w : places_)
        call(*w);
}

batcher_stage::levels batcher_stage::look() const {
    const std::scoped_lock lock{mutex_};
    return {core_.open_batches(), core_.open_messages(), finished_messages_};
}

} // namespace weir::pipeline::engine
