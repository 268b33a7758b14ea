// How a topology ends: what its conductor asks of it.

#include "engine/settler.hpp"
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
std::vector<std::string> topology::abandon() {
    control_.aborted.store(true);
    control_.stop_callbacks.request_stop();
    constexpr auto reason = "stopped before it was handled";
    for (auto& s : parts_.sources) {
        s->cut_off();
        s->abandon_buffer(reason);
    }
    engine::settler settler{control_, ledger_, conductor_lane()};
    const auto settle = [&](const std::vector<engine::obligation>& owed) {
        settler.add_all(owed, outcome::abandoned, reason);
        settler.flush();
    };
    std::vector<engine::obligation> owed;
    while (const auto chunk = queue_->take_out())
        chunk->obligations(owed);
    settle(owed);
    settle(retries_.abandon());
    for (auto& r : batch_retries_)
        settle(r->abandon());
    for (auto& b : batchers_)
        settle(b->abandon());
    std::vector<std::string> running;
    for (const auto& w : everyone()) {
        owed.clear();
        if (!w->revoke(owed)) continue;
        running.push_back(w->name());
        settle(owed);
    }
    return running;
}

/// A pipeline that ends because its sources have finished has no deadline, but closing it has.
void topology::close(time_point deadline) {
    const auto by = std::min(deadline, time_.now() + options_.shutdown);
    for (auto& s : parts_.sources)
        s->stop(by, conductor_.reason());
    queue_->close();
    for (auto& b : batchers_)
        b->close();
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
