#include "options/in_flight.hpp"

#include <algorithm>
#include <string>

namespace weir::pipeline {
namespace {

constexpr std::size_t most_in_flight = 10'000;
constexpr std::size_t most_in_all = 1'000'000;
constexpr std::size_t default_messages = 32;
constexpr std::size_t default_batches = 8;

std::string path_of(std::size_t batcher) {
    return "batchers[" + std::to_string(batcher) + "].in_flight";
}

void check_ranges(const options& o, fault_list& faults) {
    const auto& p = o.processors;
    faults.expect_range("processors.in_flight", p.in_flight, 0, most_in_flight);
    faults.expect(
        p.in_flight > most_in_flight || p.concurrency > most_workers ||
            p.concurrency * p.in_flight <= most_in_all,
        "processors.in_flight", std::to_string(p.in_flight),
        "concurrency (" + std::to_string(p.concurrency) + ") x in_flight of at most " +
            std::to_string(most_in_all));
    for (std::size_t i = 0; i < o.batchers.size(); ++i)
        faults.expect_range(path_of(i), o.batchers[i].in_flight, 0, most_in_flight);
}

/// Where messages or batches are bound to a worker, it has them one after another.
void check_bound(const options& o, fault_list& faults) {
    const auto& p = o.processors;
    faults.expect(
        p.ordering.mode != ordering::partitioned || p.in_flight <= 1, "processors.in_flight",
        std::to_string(p.in_flight),
        "1, or 0 for the same, since with the ordering \"partitioned\" a processor handles one message after "
        "another; \"keyed\" allows more");
    for (std::size_t i = 0; i < o.batchers.size(); ++i)
        faults.expect(
            !o.batchers[i].partitioned || o.batchers[i].in_flight <= 1, path_of(i),
            std::to_string(o.batchers[i].in_flight),
            "1, or 0 for the same, since the batcher is partitioned and the batches of a partition are "
            "handled "
            "one after another");
}

} // namespace

void check_in_flight(const options& o, const handler_abilities& handler, fault_list& faults) {
    check_ranges(o, faults);
    const auto& p = o.processors;
    faults.expect(
        handler.awaits_messages || p.in_flight == 0, "processors.in_flight", std::to_string(p.in_flight),
        "0, since handle_message is not a coroutine");
    for (std::size_t i = 0; i < o.batchers.size(); ++i)
        faults.expect(
            handler.awaits_batches || o.batchers[i].in_flight == 0, path_of(i),
            std::to_string(o.batchers[i].in_flight), "0, since handle_batch is not a coroutine");
    check_bound(o, faults);
}

/// A worker keeps back up to a step of the credit of messages that have ended; with that much more than its
/// coroutines need it still has all of them under way.
void set_in_flight(options& o, const handler_abilities& handler) {
    auto& p = o.processors;
    if (handler.awaits_messages) {
        if (p.in_flight == 0) p.in_flight = p.ordering.mode == ordering::partitioned ? 1 : default_messages;
        const auto step = p.max_demand - p.min_demand;
        p.max_demand = std::max(p.max_demand, p.in_flight + step);
        p.min_demand = p.max_demand - step;
    }
    for (auto& b : o.batchers)
        if (handler.awaits_batches && b.in_flight == 0) b.in_flight = b.partitioned ? 1 : default_batches;
}

} // namespace weir::pipeline
