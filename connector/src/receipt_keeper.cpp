#include "receipt_keeper.hpp"

#include <weir/base/log.hpp>
#include <weir/base/thread_name.hpp>

#include <algorithm>
#include <exception>
#include <utility>

namespace weir::connector {

namespace {

using namespace std::chrono_literals;

constexpr auto shortest_delay = 50ms;
constexpr auto longest_delay = 5'000ms;

} // namespace

receipt_keeper::receipt_keeper(
    const producer_context& context, std::shared_ptr<receipts> store, on_released released)
    : context_(context)
    , store_(std::move(store))
    , released_(std::move(released))
    , thread_([this] { run(); }) {}

receipt_keeper::~receipt_keeper() {
    stop();
}

void receipt_keeper::release(std::uint64_t request, std::uint16_t packet_id) {
    const std::lock_guard lock(mutex_);
    waiting_.requests.push_back(request);
    waiting_.packet_ids.push_back(packet_id);
    changed_.notify_all();
}

void receipt_keeper::reset(std::function<void()> done) {
    const std::lock_guard lock(mutex_);
    waiting_ = {};
    waiting_.reset_done = std::move(done);
    changed_.notify_all();
}

void receipt_keeper::settle(time_point deadline) {
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, deadline, [this] { return stopping_ || (waiting_.empty() && !busy_); });
}

void receipt_keeper::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
}

void receipt_keeper::run() {
    set_thread_name("weir-receipts");
    for (work w; next(w);) {
        if (!done_with(w)) return;
        tell(w);
    }
}

bool receipt_keeper::next(work& w) {
    std::unique_lock lock(mutex_);
    busy_ = false;
    changed_.notify_all();
    changed_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    w = std::exchange(waiting_, {});
    busy_ = true;
    return !stopping_;
}

/// False when it was stopped first.
bool receipt_keeper::done_with(const work& w) {
    const auto& id = context_.client_id;
    if (w.reset_done && !attempt([&] { store_->reset(id); })) return false;
    return w.requests.empty() || attempt([&] { store_->release(id, w.packet_ids); });
}

void receipt_keeper::tell(const work& w) const {
    if (w.reset_done) w.reset_done();
    for (const auto request : w.requests)
        released_(request);
}

/// Until it succeeds. Meanwhile the broker waits for PUBCOMP, so nothing is lost but time.
bool receipt_keeper::attempt(const std::function<void()>& call) {
    for (delay_ = 0ms;;) {
        try {
            call();
            return true;
        } catch (const std::exception& e) {
            if (delay_ == 0ms)
                log(log_level::warning,
                    context_.log_prefix() + "receipts cannot be kept up, trying again: " + e.what());
        }
        if (!pause()) return false;
    }
}

bool receipt_keeper::pause() {
    delay_ = std::clamp<std::chrono::milliseconds>(delay_ * 2, shortest_delay, longest_delay);
    std::unique_lock lock(mutex_);
    return !changed_.wait_for(lock, delay_, [this] { return stopping_; });
}

} // namespace weir::connector
