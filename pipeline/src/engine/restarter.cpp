#include "engine/restarter.hpp"

#include <weir/base/log.hpp>
#include <weir/pipeline/engine/capture.hpp>
#include <weir/pipeline/errc.hpp>
#include <weir/pipeline/events/producer.hpp>

#include <algorithm>

namespace weir::pipeline::engine {
namespace {

/// The conductor keeps everybody's time: a producer that is slow to let go must not hold it up for long.
constexpr std::chrono::seconds closing_time{1};
constexpr std::size_t remembered = 5;

std::string in_seconds(duration d) {
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(d).count()) + "ms";
}

} // namespace

restarter::restarter(const options& o, const parts& p, std::uint64_t seed)
    : parts_(p)
    , shutdown_(o.shutdown)
    , budget_(o.restarts)
    , random_(static_cast<std::minstd_rand::result_type>(seed + 1))
    , places_(p.sources.size(), place{o.restarts}) {
    const auto now = p.time.now();
    for (auto& one : places_)
        one.delay.started(now);
}

void restarter::failed(source& which, const error& reason, std::optional<duration> after) {
    {
        const std::scoped_lock lock{mutex_};
        auto& p = places_[which.index()];
        if (draining_ || p.in != phase::up) return; // it is over for this one already
        p.in = phase::failed;
        p.reason = reason ? reason : error{errc::producer_failed};
        p.after = after;
    }
    parts_.shared.progress.raise();
}

std::optional<time_point> restarter::due() const {
    const std::scoped_lock lock{mutex_};
    if (draining_) return std::nullopt;
    if (parts_.shared.defects.any()) return time_point::min();
    std::optional<time_point> first;
    for (const auto& p : places_) {
        if (p.in == phase::failed) return time_point::min();
        if (p.in == phase::waiting) first = agenda::earlier(first, p.start_at);
    }
    return first;
}

void restarter::tick(time_point now) {
    count_defects(now);
    for (std::size_t i = 0; i < places_.size(); ++i) {
        switch (take_turn(i, now)) {
        case phase::failed: take_down(i, now); break;
        case phase::waiting: start_again(i, now); break;
        case phase::up:
        case phase::down: break;
        }
    }
}

/// What is to be done with it, if anything; it moves on to the phase that follows.
restarter::phase restarter::take_turn(std::size_t index, time_point now) {
    const std::scoped_lock lock{mutex_};
    auto& p = places_[index];
    const auto was = p.in;
    if (was == phase::failed) p.in = phase::down;
    if (was != phase::waiting) return was;
    if (p.start_at > now) return phase::up;
    p.in = phase::up; // what it reports from inside `start` counts
    p.delay.started(now);
    return was;
}

void restarter::take_down(std::size_t index, time_point now) {
    parts_.sources[index]->take_down(places_[index].reason, now + closing_time);
    parts_.accounts.source_left();
    schedule(index, now);
}

void restarter::schedule(std::size_t index, time_point now) {
    auto& p = places_[index];
    remember("producer " + std::to_string(index) + ": " + p.reason.message());
    if (!p.after && !budget_.spend(now)) {
        report(index, std::nullopt);
        return give_up(p.reason);
    }
    const auto delay = p.after ? std::max(*p.after, duration::zero()) : p.delay.next(now, random_);
    {
        const std::scoped_lock lock{mutex_};
        p.start_at = now + delay;
        p.in = phase::waiting;
    }
    log(log_level::warning, "producer " + std::to_string(index) + " of pipeline " + parts_.shared.pipeline +
                                " failed and starts again in " + in_seconds(delay) + ": " +
                                p.reason.message());
    report(index, delay);
}

void restarter::start_again(std::size_t index, time_point now) {
    auto& which = *parts_.sources[index];
    try {
        which.restart();
    } catch (...) {
        const auto why = capture_exception("producer::start");
        {
            const std::scoped_lock lock{mutex_};
            auto& p = places_[index];
            p.in = phase::down;
            p.reason = {errc::producer_failed, why.text};
            p.after.reset();
        }
        return schedule(index, now);
    }
    parts_.accounts.source_back();
    parts_.shared.bus->emit<producer_restarted>([&] {
        return producer_restarted{parts_.shared.pipeline, index, which.restarts()};
    });
}

/// The worker has gone on by itself; only the count is left to do.
void restarter::count_defects(time_point now) {
    for (auto& d : parts_.shared.defects.take()) {
        remember(d.worker + ": " + d.text);
        if (!budget_.spend(now)) return give_up({errc::engine_failed, d.text});
    }
}

void restarter::give_up(const error& reason) {
    std::string line =
        "pipeline " + parts_.shared.pipeline + " ends, since it failed too often; the last failures:";
    for (const auto& f : last_failures_)
        line += "\n  " + f;
    log(log_level::error, line);
    parts_.ending.request(shutdown_, reason);
}

void restarter::remember(std::string failure) {
    if (last_failures_.size() == remembered) last_failures_.pop_front();
    last_failures_.push_back(std::move(failure));
}

void restarter::report(std::size_t index, std::optional<duration> restarts_in) {
    parts_.shared.bus->emit<producer_failed>([&] {
        return producer_failed{parts_.shared.pipeline, index, places_[index].reason, restarts_in};
    });
}

void restarter::drain() {
    std::vector<std::size_t> just_failed;
    {
        const std::scoped_lock lock{mutex_};
        draining_ = true;
        for (std::size_t i = 0; i < places_.size(); ++i)
            if (places_[i].in == phase::failed) just_failed.push_back(i);
    }
    const auto deadline = parts_.time.now() + closing_time;
    for (const auto i : just_failed)
        parts_.sources[i]->take_down(places_[i].reason, deadline);
}

} // namespace weir::pipeline::engine
