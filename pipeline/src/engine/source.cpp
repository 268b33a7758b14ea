#include <weir/pipeline/engine/capture.hpp>
#include <weir/pipeline/engine/source.hpp>
#include <weir/pipeline/errc.hpp>

#include <algorithm>
#include <string>
#include <utility>

namespace weir::pipeline::engine {
namespace {

/// As much as there is, up to `wanted`.
std::size_t take(std::atomic<std::size_t>& from, std::size_t wanted) noexcept {
    auto available = from.load();
    for (;;) {
        const auto taken = std::min(wanted, available);
        if (taken == 0) return 0;
        if (from.compare_exchange_weak(available, available - taken)) return taken;
    }
}

} // namespace

void source::start() {
    producer_start();
    runs_ = true;
    if (!drained_.load()) calls_.open();
    tell_pause();
}

void source::take_down(const error& reason, time_point deadline) noexcept {
    down_.store(true);
    calls_.shut();
    calls_.await_none();
    stop(deadline, reason);
    if (!keeps_buffer()) abandon_buffer("its producer failed");
    held_.fetch_add(credit_.exchange(0)); // what it was told of, and will be told again
}

/// A new instance knows of no demand and of no pause.
void source::restart() {
    producer_start();
    runs_ = true;
    restarts_.fetch_add(1);
    told_paused_.store(false);
    if (!drained_.load()) calls_.open(); // before `down_`: whoever sees that it is up can announce
    down_.store(false);
    if (!gate_->closed()) release_held();
    tell_pause();
}

void source::give_credit(std::size_t count) noexcept {
    if (owed_credit_.load() > 0) count -= take(owed_credit_, count);
    if (count == 0) return;
    if (gate_->closed()) {
        if (buffered() > 0) count -= serve_pushed(count);
        return hold(count);
    }
    credit_.fetch_add(count);
    const auto served = buffered() > 0 ? serve_buffer() : 0;
    if (served < count) announce(count - served);
    if (served > 0) tell_pause();
}

/// Credit that came meanwhile is announced when the gate opens, or when the producer is up again. Should that
/// happen just now, then by whoever sees that credit first.
void source::hold(std::size_t credit) noexcept {
    held_.fetch_add(credit);
    if (!gate_->closed() && !down_.load()) release_held();
}

void source::release_held() noexcept {
    if (const auto credit = held_.exchange(0); credit > 0) give_credit(credit);
}

void source::gate_changed() noexcept {
    if (!gate_->closed()) {
        if (buffered() > 0) static_cast<void>(serve_buffer());
        release_held();
    }
    tell_pause();
}

std::size_t source::take_credit(std::size_t wanted) noexcept {
    return take(credit_, wanted);
}

void source::set_buffered(std::size_t count) noexcept {
    buffered_.store(count);
    if (rules_.high_watermark == 0) return;
    if (count >= rules_.high_watermark)
        full_.store(true);
    else if (count <= rules_.low_watermark && full_.load())
        full_.store(false);
}

/// Whether the producer was called. What it throws is its failure.
template <class Call>
bool source::call_producer(std::string_view what, Call call) noexcept {
    if (!calls_.enter()) return false;
    try {
        call();
    } catch (...) {
        const auto why = capture_exception(what);
        services().stopped(*this, {make_error_code(errc::producer_failed), why.text}, std::nullopt);
    }
    calls_.leave();
    return true;
}

void source::announce(std::size_t count) noexcept {
    const auto told = call_producer("producer::demand", [&] { producer_demand(count); });
    if (!told && down_.load()) hold(take_credit(count));
}

/// One caller at a time, so that the producer hears them in order; whoever comes meanwhile leaves its wish to
/// that one.
void source::settle_pause() noexcept {
    if (pause_calls_.fetch_add(1) > 0) return;
    std::uint32_t seen = 1;
    do {
        const auto wanted = wants_pause();
        if (wanted == told_paused_.load()) continue;
        const auto told = call_producer(wanted ? "producer::pause" : "producer::resume", [&] {
            if (wanted)
                producer_pause();
            else
                producer_resume();
        });
        if (!told) continue; // it drains, or its next instance will be told
        told_paused_.store(wanted);
        services().told_to_pause(*this, wanted);
    } while (!pause_calls_.compare_exchange_strong(seen, 0));
}

void source::drain() noexcept {
    close_pushes();
    calls_.shut();
    calls_.await_none();
    if (down_.exchange(false)) release_held(); // for those in the buffer
    if (drained_.load()) return;
    if (!runs_) return services().drained(*this);
    try {
        producer_drain();
    } catch (...) {
        static_cast<void>(capture_exception("producer::drain"));
        services().drained(*this); // there is nothing left to wait for
    }
}

void source::stop(time_point deadline, const error& reason) noexcept {
    if (!std::exchange(runs_, false)) return;
    try {
        producer_stop(deadline);
    } catch (...) {
        static_cast<void>(capture_exception("producer::stop"));
    }
    try {
        producer_ended(reason);
    } catch (...) {
        static_cast<void>(capture_exception("producer::ended"));
    }
}

} // namespace weir::pipeline::engine
