#include <weir/pipeline/options.hpp>

#include <string>

namespace weir::pipeline {
namespace {

std::string idle_processors(const options& o, std::size_t window) {
    const auto& p = o.processors;
    const auto credit = p.concurrency * p.max_demand;
    if (window >= credit) return {};
    return "a source lets out " + std::to_string(window) + " messages at once, but processors.concurrency (" +
           std::to_string(p.concurrency) + ") x processors.max_demand (" + std::to_string(p.max_demand) +
           ") asks for " + std::to_string(credit) + ": some processors can never be busy";
}

std::string never_full(const batcher_options& b, std::size_t all_windows) {
    const auto batch = largest_batch(b);
    if (batch <= all_windows) return {};
    return "batcher " + b.name + " has a batch size of " + std::to_string(batch) +
           ", but the sources let out " + std::to_string(all_windows) +
           " messages at once: its batches can never be full";
}

} // namespace

std::vector<std::string> warnings(const options& o, std::size_t window, std::size_t producers) {
    std::vector<std::string> all;
    if (window == 0) return all;
    const auto add = [&](std::string line) {
        if (!line.empty()) all.push_back(std::move(line));
    };
    add(idle_processors(o, window));
    for (const auto& b : o.batchers)
        add(never_full(b, window * producers));
    return all;
}

} // namespace weir::pipeline
