#pragma once

#include "support/counting_new.hpp"

#include <weir/mqtt/codec/decoder.hpp>

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>

namespace weir::bench {

/// Notes what each of `packets` in the whole run cost; the first lap has made room for the others.
inline void report(benchmark::State& state, std::size_t packets_each, std::uint64_t allocations) {
    const auto all = static_cast<double>(state.iterations()) * static_cast<double>(packets_each);
    state.SetItemsProcessed(static_cast<std::int64_t>(all));
    state.counters["per_packet"] =
        benchmark::Counter(all, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["allocations/packet"] = static_cast<double>(allocations) / all;
}

/// Feeds one block and takes every packet, as the client does with each read.
inline void decode_laps(
    benchmark::State& state, const bytes& block, const mqtt::decoder::settings& how, std::size_t count) {
    mqtt::decoder decoder(how);
    mqtt::packet out;
    const auto lap = [&] {
        decoder.feed(block);
        std::size_t taken = 0;
        while (decoder.next(out) == mqtt::decoder::outcome::ready)
            ++taken;
        if (taken != count) throw std::logic_error("not every packet was decoded");
    };
    lap();
    const auto before = mqtt::test::memory().allocations;
    for (auto _ : state)
        lap();
    report(state, count, mqtt::test::memory().allocations - before);
}

} // namespace weir::bench
