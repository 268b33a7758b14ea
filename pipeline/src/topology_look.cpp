// What can be seen of a topology from outside.

#include "stage_names.hpp"
#include "topology.hpp"

#include <algorithm>

namespace weir::pipeline {

snapshot topology::look() const {
    using entry = engine::ledger::entry;
    snapshot s;
    s.state = conductor_.state();
    const auto ended = ledger_.settled();
    s.in_flight = static_cast<std::size_t>(ledger_.in_flight());
    s.accepted = ledger_.sum(entry::accepted);
    s.successful = ended.successful;
    s.failed = ended.failed;
    s.abandoned = ended.abandoned;
    s.batches = ledger_.sum(entry::batches);
    s.late_settlements = ledger_.sum(entry::late);
    for (const auto& source : parts_.sources) {
        s.producers.push_back({producer_name(options_, source->index()), source->restarts()});
        s.restarts += source->restarts();
    }
    s.intake = admission_.look();
    s.retried = ledger_.sum(entry::retried);
    s.retries_refused = ledger_.sum(entry::retries_refused);
    s.batch_retries = ledger_.sum(entry::batch_retries);
    s.timeouts = ledger_.sum(entry::timeouts);
    for (const auto& w : everyone())
        if (w->hangs()) s.hanging.push_back(w->name());
    s.dead_lettered = ledger_.sum(entry::dead_lettered);
    s.queues.push_back({options_.name, s.in_flight, message_bound()});
    for (const auto& source : parts_.sources)
        s.queues.push_back(
            {producer_name(options_, source->index()), source->buffered(), source->buffer_bound()});
    s.queues.push_back(
        {processors_name(options_), queue_->size(),
         credit_per_source() * parts_.sources.size() + retries_.bound()});
    if (retries_.enabled()) s.queues.push_back({retry_name(options_), retries_.taken(), retries_.bound()});
    std::size_t index = 0;
    for (const auto& b : batchers_) {
        const auto levels = b->look();
        const auto name = batcher_name(options_, b->options().name);
        s.open_batches += levels.open_batches;
        const auto& again = *batch_retries_[index++];
        if (again.enabled()) s.queues.push_back({name + ".Retry", again.taken(), again.bound()});
        s.queues.push_back({name, levels.open_messages, open_bound_of(*b)});
        s.queues.push_back({name + ".finished", levels.waiting_messages, batcher_bound(*b)});
    }
    s.stages.push_back(meters_[0]->look(processors_name(options_)));
    for (std::size_t i = 0; i < batchers_.size(); ++i)
        s.stages.push_back(
            meters_[i + 1]->look(batch_processors_name(options_, batchers_[i]->options().name)));
    for (const auto& w : everyone())
        s.workers.push_back({w->name(), w->busy_share()});
    return s;
}

/// Where intake stops instead of a batch leaving, what has credit already still joins.
std::size_t topology::open_bound_of(const engine::batcher_stage& b) const {
    const auto& o = b.options();
    const bool stops = o.at_max_open == open_bound::intake_stops;
    return o.max_open_messages + (stops ? credit_per_source() * parts_.sources.size() : 0);
}

/// What a source may have among the processors: waiting for them, in lanes too, or in their hands.
std::size_t topology::credit_per_source() const {
    const auto& p = options_.processors;
    const auto in_lanes = p.ordering.mode == ordering::none ? 0 : p.ordering.lane_buffer;
    return processors() * p.max_demand + in_lanes;
}

topology_description topology::describe() const {
    topology_description d;
    d.producers = {options_.name + ".Producer", parts_.sources.size()};
    d.processors = {processors_name(options_), crews_.front()->size()};
    d.processors_key = options_.processors.name;
    for (std::size_t i = 0; i < batchers_.size(); ++i) {
        const auto& key = batchers_[i]->options().name;
        d.batchers.push_back(
            {batcher_name(options_, key),
             key,
             {batch_processors_name(options_, key), crews_[i + 1]->size()}});
    }
    return d;
}

std::vector<std::string> topology::producer_names() const {
    std::vector<std::string> names;
    for (const auto& s : parts_.sources)
        names.push_back(producer_name(options_, s->index()));
    return names;
}

/// A batcher holds what is open and what is finished, each up to its bound, and a chunk of each processor
/// that took it up just before the bound was reached.
std::size_t topology::batcher_bound(const engine::batcher_stage& b) const {
    return open_bound_of(b) + b.bound() + processors() * queue_->max_chunk();
}

/// The largest number of messages that can be inside at once: in the buffers; queued for processors or in
/// their hands; in the batchers; and a batch in hand of each batch processor.
std::size_t topology::message_bound() const {
    std::size_t bound = retries_.bound();
    for (const auto& source : parts_.sources)
        bound += source->buffer_bound() + credit_per_source() + source->owed_credit();
    for (const auto& b : batchers_)
        bound += batcher_bound(*b) + batch_processors(b->options().name) *
                                         std::max<std::size_t>(1, b->options().in_flight) *
                                         largest_batch(b->options());
    for (std::size_t i = 0; i < batchers_.size(); ++i)
        bound += batch_retries_[i]->bound() * largest_batch(batchers_[i]->options());
    return bound;
}

} // namespace weir::pipeline
