#include "fault_list.hpp"
#include "options/batcher.hpp"
#include "options/circuit_breaker.hpp"
#include "options/in_flight.hpp"
#include "options/ordering.hpp"
#include "options/overflow.hpp"
#include "options/rate_limiting.hpp"
#include "options/restarts.hpp"
#include "options/retry.hpp"

#include <weir/pipeline/options.hpp>

#include <algorithm>
#include <string>
#include <thread>

namespace weir::pipeline {
namespace {

// Far beyond any use; they keep the rings, which are sized for the worst case, within memory.
constexpr std::size_t max_credit = 1'000'000;

std::size_t effective_min_demand(const processors_options& p) {
    return p.min_demand == processors_options::npos ? p.max_demand / 2 : p.min_demand;
}

void check_processors(const processors_options& p, fault_list& faults) {
    faults.expect(!p.name.empty(), "processors.name", quoted(p.name), "a non-empty name");
    faults.expect_range("processors.concurrency", p.concurrency, 0, most_workers);
    faults.expect(
        p.time_limit.count() >= 0, "processors.time_limit", text(p.time_limit),
        "0ms for none, or a duration");
    check_replacing("processors", p.replace_hanging, p.time_limit, faults);
    faults.expect_range("processors.max_demand", p.max_demand, 1, max_credit);
    faults.expect(
        effective_min_demand(p) < p.max_demand || p.max_demand == 0, "processors.min_demand",
        std::to_string(p.min_demand),
        "an integer from 0, less than max_demand (" + std::to_string(p.max_demand) + ")");
    check_max_concurrency("processors", p.concurrency, p.max_concurrency, faults);
    if (p.concurrency > most_workers || p.max_concurrency > most_workers || p.max_demand > max_credit) return;
    const auto workers = std::max<std::size_t>({1, p.concurrency, p.max_concurrency});
    faults.expect(
        workers * p.max_demand <= max_credit, "processors.max_demand", std::to_string(p.max_demand),
        "concurrency (" + std::to_string(workers) + ") x max_demand of at most " +
            std::to_string(max_credit));
}

void check_unique_names(const std::vector<batcher_options>& batchers, fault_list& faults) {
    for (std::size_t i = 0; i < batchers.size(); ++i) {
        const auto is_same = [&](const batcher_options& other) { return other.name == batchers[i].name; };
        const auto before = batchers.begin() + static_cast<std::ptrdiff_t>(i);
        faults.expect(
            std::none_of(batchers.begin(), before, is_same), "batchers[" + std::to_string(i) + "].name",
            quoted(batchers[i].name), "a name that no other batcher has");
    }
}

} // namespace

std::vector<option_fault> check(const options& o, bool has_handle_batch) {
    return check(
        o, handler_abilities{
               .handles_batches = has_handle_batch,
               .splits_batches = true,
               .measures_messages = true,
               .partitions_batches = true,
               .partitions = true,
               .awaits_messages = true,
               .awaits_batches = true});
}

std::vector<option_fault> check(const options& o, const handler_abilities& handler) {
    fault_list faults;
    faults.expect(!o.name.empty(), "name", quoted(o.name), "a non-empty name");
    faults.expect(o.shutdown.count() >= 1, "shutdown", text(o.shutdown), "a duration of at least 1ms");
    faults.expect_range("buffer_size", o.buffer_size, 1, most_messages);
    check_overflow(o.overflow, o.buffer_size, "overflow", faults);
    check_rate_limiting(o.rate_limiting, "rate_limiting", faults);
    check_circuit_breaker(o.circuit_breaker, "circuit_breaker", faults);
    check_restarts(o.restarts, "restarts", faults);
    check_processors(o.processors, faults);
    check_ordering(
        o.processors.ordering, o.processors.concurrency, handler.partitions, "processors.ordering", faults);
    for (std::size_t i = 0; i < o.batchers.size(); ++i)
        check_batcher(o.batchers[i], handler, "batchers[" + std::to_string(i) + "]", faults);
    check_unique_names(o.batchers, faults);
    check_in_flight(o, handler, faults);
    check_retry(o.retry, o.processors.ordering, "retry", faults);
    faults.expect(
        o.batchers.empty() || handler.handles_batches, "batchers",
        std::to_string(o.batchers.size()) + " batchers", "none, since the handler has no handle_batch");
    return faults.take();
}

options effective(options o) {
    auto& p = o.processors;
    if (p.concurrency == 0) p.concurrency = 2 * std::max<std::size_t>(1, std::thread::hardware_concurrency());
    p.min_demand = effective_min_demand(p);
    if (p.max_concurrency == 0) {
        const auto affordable = std::max(p.concurrency, max_credit / std::max<std::size_t>(1, p.max_demand));
        p.max_concurrency = std::min(default_max_concurrency(p.concurrency), affordable);
    }
    p.max_concurrency = std::max(p.max_concurrency, p.concurrency); // it may have followed the cores
    o.overflow = effective(o.overflow, o.buffer_size);
    for (auto& b : o.batchers)
        set_defaults(b);
    return o;
}

} // namespace weir::pipeline
