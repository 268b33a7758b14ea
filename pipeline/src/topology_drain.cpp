// How a topology ends: what its conductor asks of it.

#include "engine/settler.hpp"
#include "stage_names.hpp"
#include "topology.hpp"

#include <weir/pipeline/engine/capture.hpp>

#include <algorithm>

namespace weir::pipeline {

void topology::drain_sources() {
    sources_drain_.store(true);
    admission_.drain();
    restarter_.drain();
    for (auto& s : parts_.sources)
        s->drain();
    retries_.drain();
    for (auto& r : batch_retries_)
        r->drain();
    drain_progress_.begin(time_.now());
}

terminator::observation topology::observe() const {
    // From the end to the beginning: what moves on meanwhile is then counted too early rather than missed.
    const auto drained = sources_drained_.load() >= parts_.sources.size();
    const auto passed = ledger_.passed();
    const auto in_flight = ledger_.inside();
    return {drained, ledger_.sum(engine::ledger::entry::accepted), passed, in_flight};
}

engine::tally topology::settled() const {
    return ledger_.settled();
}

void topology::flush() {
    for (auto& b : batchers_)
        b->flush();
}

/// Every message is in exactly one of these places, or moves to a later one. Whoever moves it after its place
/// was visited sees `aborted`, or a batcher that refuses, and settles it itself.
engine::abandonment topology::abandon() {
    control_.aborted.store(true);
    for (const auto& w : everyone()) {
        w->stop_callbacks();
        w->wake();
    }
    constexpr auto reason = "stopped before it was handled";
    engine::abandonment left;
    const auto note = [&](std::string place, std::size_t count) {
        if (count > 0) left.places.push_back({std::move(place), count});
    };
    for (auto& s : parts_.sources) {
        s->cut_off();
        note(producer_name(options_, s->index()), s->abandon_buffer(reason));
    }
    engine::settler settler{control_, ledger_, conductor_lane()};
    const auto settle = [&](std::string place, const std::vector<engine::obligation>& owed) {
        note(std::move(place), owed.size());
        settler.add_all(owed, outcome::abandoned, reason);
        settler.flush();
    };
    // First those that would come back into the queue, into lanes perhaps that are held for others.
    const auto retried = retries_.abandon();
    std::vector<engine::obligation> owed;
    while (const auto chunk = queue_->take_out())
        chunk->obligations(owed);
    settle(processors_name(options_), owed);
    rejects_.tick(time_.now());
    settle(retry_name(options_), retried);
    for (std::size_t i = 0; i < batchers_.size(); ++i)
        settle(batcher_name(options_, batchers_[i]->options().name) + ".Retry", batch_retries_[i]->abandon());
    for (auto& b : batchers_)
        settle(batcher_name(options_, b->options().name), b->abandon());
    for (const auto& w : everyone()) {
        owed.clear();
        if (w->revoke(owed)) left.running.push_back(w->name());
        settle(w->name(), owed);
    }
    return left;
}

/// A pipeline that ends because its sources have finished has no deadline, but closing it has.
void topology::close(time_point deadline) {
    const auto by = std::min(deadline, time_.now() + options_.shutdown);
    for (auto& s : parts_.sources)
        s->stop(by, conductor_.reason());
    control_.closed.store(true);
    queue_->close();
    for (auto& b : batchers_)
        b->close();
    for (const auto& w : everyone())
        w->wake();
    stop_components(by);
    registration_.release();
}

void topology::stop_components(time_point deadline) noexcept {
    while (components_started_ > 0) {
        try {
            parts_.components[--components_started_]->stop(deadline);
        } catch (...) {
            static_cast<void>(engine::capture_exception("component::stop"));
        }
    }
}

} // namespace weir::pipeline
