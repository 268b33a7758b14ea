#include "engine/retry_store.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace weir::pipeline::engine {
namespace {

/// As many retries as nobody may have: the attempt that follows is the last one.
constexpr auto last = std::numeric_limits<std::uint16_t>::max();

} // namespace

retry_store::place retry_store::ask(message_head& failed) {
    if (!enabled()) return {};
    const auto now = time_.now();
    if (failed.accepted_at == time_point{}) failed.accepted_at = now; // the source does not say
    const std::scoped_lock lock{mutex_};
    const auto chance = std::uniform_real_distribution<double>{0.0, 1.0}(chance_);
    const auto pause = schedule_.pause(failed.retries + std::size_t{1}, now - failed.accepted_at, chance);
    if (!pause) return {};
    if (taken_ == bound_) return {answer::full};
    ++taken_;
    return {answer::granted, draining_ ? duration{} : *pause};
}

bool retry_store::put(std::unique_ptr<raw_run> message, duration pause) {
    bool earliest = false;
    {
        const std::scoped_lock lock{mutex_};
        if (abandoned_) {
            --taken_;
            return false;
        }
        if (draining_) {
            send(std::move(message));
        } else {
            heap_.push_back({time_.now() + pause, next_number_++, std::move(message)});
            std::push_heap(heap_.begin(), heap_.end(), later{});
            earliest = heap_.front().number == next_number_ - 1;
        }
    }
    if (earliest) shared_.progress.raise();
    return true;
}

void retry_store::leave() noexcept {
    const std::scoped_lock lock{mutex_};
    --taken_;
}

void retry_store::drain() {
    const std::scoped_lock lock{mutex_};
    draining_ = true;
    while (!heap_.empty())
        send(pop());
}

std::vector<obligation> retry_store::abandon() {
    const std::scoped_lock lock{mutex_};
    abandoned_ = true;
    std::vector<obligation> owed;
    for (const auto& w : heap_)
        w.message->obligations(owed);
    taken_ -= heap_.size();
    heap_.clear();
    return owed;
}

std::optional<time_point> retry_store::due() const {
    const std::scoped_lock lock{mutex_};
    if (heap_.empty()) return std::nullopt;
    return heap_.front().due;
}

void retry_store::tick(time_point now) {
    const std::scoped_lock lock{mutex_};
    while (!heap_.empty() && heap_.front().due <= now)
        send(pop());
}

std::size_t retry_store::taken() const noexcept {
    const std::scoped_lock lock{mutex_};
    return taken_;
}

void retry_store::send(std::unique_ptr<raw_run> message) {
    if (draining_) message->set_retries(last);
    queue_.push(std::move(message));
    queue_.pushed();
}

std::unique_ptr<raw_run> retry_store::pop() {
    std::pop_heap(heap_.begin(), heap_.end(), later{});
    auto message = std::move(heap_.back().message);
    heap_.pop_back();
    return message;
}

} // namespace weir::pipeline::engine
