#include "engine/worker.hpp"

#include <weir/base/thread_name.hpp>
#include <weir/pipeline/this_worker.hpp>

#include <stdexcept>
#include <utility>

namespace weir::pipeline::engine {
namespace {

thread_local worker* current_worker = nullptr;

} // namespace

worker* worker::current() noexcept {
    return current_worker;
}

void worker::start() {
    std::promise<void> entered;
    auto has_entered = entered.get_future();
    thread_ = std::thread{[this, p = std::move(entered)]() mutable { body(std::move(p)); }};
    try {
        has_entered.get();
    } catch (...) {
        join();
        throw;
    }
}

void worker::join() {
    if (thread_.joinable()) thread_.join();
}

double worker::busy_share() const {
    const auto now = shared_.time->now();
    const std::scoped_lock lock{meter_mutex_};
    return meter_ ? meter_->share(now) : 0;
}

void worker::note_rest(bool begins) {
    const auto now = shared_.time->now();
    const std::scoped_lock lock{meter_mutex_};
    if (!meter_) meter_.emplace(now);
    if (begins)
        meter_->turned_idle(now);
    else
        meter_->turned_busy(now);
}

void worker::body(std::promise<void> entered) noexcept {
    set_thread_name(thread_name_);
    current_worker = this;
    finished_.store(false);
    try {
        enter();
        entered.set_value();
    } catch (...) {
        finished_.store(true);
        entered.set_exception(std::current_exception());
        return;
    }
    note_rest(false); // busy until it says otherwise
    run();
    leave();
    callbacks_.reset();
    current_worker = nullptr;
    finished_.store(true);
}

bool worker::step() noexcept {
    auto* const before = std::exchange(current_worker, this);
    finished_.store(false);
    const bool worked = try_work();
    finished_.store(!busy());
    current_worker = before;
    return worked;
}

} // namespace weir::pipeline::engine

namespace weir::pipeline::this_worker {

std::stop_token stop_token() noexcept {
    const auto* me = engine::worker::current();
    return me != nullptr ? me->stop_token() : std::stop_token{};
}

sleeping sleep_for(duration d) {
    const auto* host = coroutine_host::current();
    if (host == nullptr) throw std::logic_error{"sleep_for outside of a pipeline's coroutine"};
    const auto now = host->now();
    return sleeping{d < time_point::max() - now ? now + d : time_point::max()};
}

sleeping sleep_until(time_point until) {
    return sleeping{until};
}

yielding yield() {
    return yielding{};
}

std::string_view name() noexcept {
    const auto* me = engine::worker::current();
    return me != nullptr ? std::string_view{me->name()} : std::string_view{};
}

} // namespace weir::pipeline::this_worker
