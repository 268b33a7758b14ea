// What can be seen of a topology from outside.

#include "stage_names.hpp"
#include "topology.hpp"

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
    for (const auto& source : parts_.sources)
        s.restarts += source->restarts();
    s.retried = ledger_.sum(entry::retried);
    s.retries_refused = ledger_.sum(entry::retries_refused);
    s.batch_retries = ledger_.sum(entry::batch_retries);
    s.dead_lettered = ledger_.sum(entry::dead_lettered);
    s.queues.push_back({options_.name, s.in_flight, message_bound()});
    for (const auto& source : parts_.sources)
        s.queues.push_back(
            {producer_name(options_, source->index()), source->buffered(), source->buffer_bound()});
    const auto& p = options_.processors;
    s.queues.push_back(
        {options_.name + ".Processor_" + p.name, queue_->size(),
         p.concurrency * p.max_demand * parts_.sources.size() + retries_.bound()});
    if (retries_.enabled())
        s.queues.push_back({options_.name + ".Retry", retries_.taken(), retries_.bound()});
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
    return s;
}

/// Where intake stops instead of a batch leaving, what has credit already still joins.
std::size_t topology::open_bound_of(const engine::batcher_stage& b) const noexcept {
    const auto& o = b.options();
    const auto& p = options_.processors;
    const bool stops = o.at_max_open == open_bound::intake_stops;
    return o.max_open_messages + (stops ? p.concurrency * p.max_demand * parts_.sources.size() : 0);
}

/// A batcher holds what is open and what is finished, each up to its bound, and a chunk of each processor
/// that took it up just before the bound was reached.
std::size_t topology::batcher_bound(const engine::batcher_stage& b) const noexcept {
    return open_bound_of(b) + b.bound() + options_.processors.concurrency * queue_->max_chunk();
}

/// The largest number of messages that can be inside at once: in the buffers; queued for processors or in
/// their hands; in the batchers; and a batch in hand of each batch processor.
std::size_t topology::message_bound() const noexcept {
    const auto& p = options_.processors;
    std::size_t bound = retries_.bound();
    for (const auto& source : parts_.sources)
        bound += source->buffer_bound() + p.concurrency * p.max_demand;
    for (const auto& b : batchers_)
        bound += batcher_bound(*b) + b->options().concurrency * largest_batch(b->options());
    for (std::size_t i = 0; i < batchers_.size(); ++i)
        bound += batch_retries_[i]->bound() * largest_batch(batchers_[i]->options());
    return bound;
}

} // namespace weir::pipeline
