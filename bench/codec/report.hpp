#pragma once

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>

namespace weir::bench {

/// Notes what each of `packets` in the whole run cost; the first lap has made room for the others.
inline void report(benchmark::State& state, std::size_t packets_each, std::uint64_t allocations) {
    const auto all = static_cast<double>(state.iterations()) * static_cast<double>(packets_each);
    state.SetItemsProcessed(static_cast<std::int64_t>(all));
    state.counters["per_packet"] =
        benchmark::Counter(all, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["allocations/packet"] = static_cast<double>(allocations) / all;
}

} // namespace weir::bench
