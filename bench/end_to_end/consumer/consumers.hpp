#pragma once

#include "../scenario.hpp"
#include "../shared_counters.hpp"

#include <span>
#include <string_view>

namespace weir::bench {

/// A program that receives what the broker sends, counts it and acknowledges. It runs until it is killed.
struct consumer {
    std::string_view name;
    std::string_view what;
    void (*run)(const consumer_task& task, shared_counters& counters);
};

/// All that this build has, in the order of the report. libmosquitto and Paho are there when their packages
/// were installed.
[[nodiscard]] std::span<const consumer> consumers();

void run_bare_reader(const consumer_task& task, shared_counters& counters);
void run_weir_client(const consumer_task& task, shared_counters& counters);
void run_weir_pipeline(const consumer_task& task, shared_counters& counters);
void run_weir_batched(const consumer_task& task, shared_counters& counters);
void run_mosquitto(const consumer_task& task, shared_counters& counters);
void run_paho(const consumer_task& task, shared_counters& counters);

} // namespace weir::bench
