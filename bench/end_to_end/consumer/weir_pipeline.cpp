#include "consumers.hpp"

#include <weir/weir.hpp>

#include <unistd.h>

#include <chrono>
#include <stdexcept>

namespace weir::bench {

namespace {

using namespace std::chrono_literals;

/// Counts and does nothing else; each processor thread has a counter of its own.
struct discard {
    shared_counters& counters;

    void handle_message(weir::message<weir::bytes>&) {
        thread_local auto counter = counters.claim();
        counter.add(1);
    }
};

/// The same behind a batcher.
struct discard_batches {
    shared_counters& counters;

    void handle_message(weir::message<weir::bytes>&) {}

    void handle_batch(weir::batch<weir::bytes>& batch) {
        thread_local auto counter = counters.claim();
        counter.add(batch.size());
    }
};

weir::options options_for(const consumer_task& task) {
    weir::options o;
    o.name = "bench";
    o.producer.topics = {{.filter = "#", .qos = static_cast<mqtt::qos>(task.qos)}};
    o.producer.max_inflight = task.window;
    o.producer.config.host = "127.0.0.1";
    o.producer.config.port = task.port;
    o.producer.config.clientid = "weir-pipeline";
    o.producer.config.proto_ver = task.version == 5 ? mqtt::protocol_version::v5 : mqtt::protocol_version::v4;
    o.producer.config.qos0_buffer_policy = mqtt::qos0_buffer_policy::pause_reading;
    o.processors.concurrency = task.processors;
    o.processors.max_demand = task.max_demand;
    return o;
}

template <class Handler>
[[noreturn]] void run_forever(Handler handler, weir::options options) {
    auto running = weir::start(std::move(handler), std::move(options));
    for (;;)
        pause();
}

} // namespace

void run_weir_pipeline(const consumer_task& task, shared_counters& counters) {
    run_forever(discard{counters}, options_for(task));
}

void run_weir_batched(const consumer_task& task, shared_counters& counters) {
    auto options = options_for(task);
    options.batchers = {{.batch_size = 100, .batch_timeout = 100ms}};
    run_forever(discard_batches{counters}, std::move(options));
}

} // namespace weir::bench
