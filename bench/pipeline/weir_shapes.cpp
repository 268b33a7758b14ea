#include "generator.hpp"
#include "shapes.hpp"

#include <weir/pipeline/start.hpp>

#include <cstdint>
#include <memory>
#include <utility>

namespace weir::bench {
namespace {

using namespace std::chrono_literals;
using item_message = pipeline::message<item, item>;

/// As many as the devices of a small site.
constexpr std::int64_t keys = 64;

/// `partition_by` costs only those shapes that ask for an order.
struct handles_messages {
    static std::int64_t partition_by(const item& i) { return static_cast<std::int64_t>(i.number) % keys; }

    void handle_message(item_message& /*m*/) {}
};

struct handles_both : handles_messages {

    void handle_batch(pipeline::batch<item, item>& /*b*/) {}
};

result<item> unchanged(const item& i) {
    return i;
}

template <class Handler>
figures run(pipeline::options o, Handler handler, std::chrono::nanoseconds interval, const timing& t) {
    o.name = "bench";
    const auto source = std::make_shared<generator>(interval);
    auto p = pipeline::start<item>(std::move(o), {source}, std::move(handler), &unchanged);
    const auto result = measure([&] { return source->settled(); }, t.warm_up, t.time);
    p.stop();
    return result;
}

pipeline::processors_options processors(std::size_t concurrency, std::size_t max_demand) {
    return {.concurrency = concurrency, .max_demand = max_demand};
}

pipeline::processors_options ordered(pipeline::ordering mode) {
    auto p = processors(4, 1'000);
    p.ordering.mode = mode;
    return p;
}

shape to_processors(
    std::string name, std::string what, const pipeline::processors_options& p,
    std::chrono::nanoseconds interval = {}) {
    return {std::move(name), std::move(what), [p, interval](const timing& t) {
                return run({.processors = p}, handles_messages{}, interval, t);
            }};
}

shape to_batches(
    std::string name, std::string what, const pipeline::processors_options& p,
    const pipeline::batcher_options& b) {
    return {std::move(name), std::move(what), [p, b](const timing& t) {
                return run({.processors = p, .batchers = {b}}, handles_both{}, {}, t);
            }};
}

} // namespace

std::vector<shape> weir_shapes() {
    const pipeline::batcher_options hundred{.batch_size = 100, .batch_timeout = 100ms};
    auto divided = hundred;
    divided.concurrency = 2;
    divided.partitioned = true;
    return {
        to_processors("one-processor", "chunks of up to 500", processors(1, 1'000)),
        to_processors("four-processors", "chunks of up to 500", processors(4, 1'000)),
        to_processors("default-demand", "max_demand 10: chunks of up to 5", processors(1, 10)),
        to_processors("partitioned", "four processors, 64 keys", ordered(pipeline::ordering::partitioned)),
        to_processors("keyed", "four processors, 64 keys in 1,024 lanes", ordered(pipeline::ordering::keyed)),
        to_processors("trickle", "one at a time, 10,000 a second", processors(1, 10), 100us),
        to_batches("batcher", "one processor, batches of 100", processors(1, 1'000), hundred),
        to_batches("four-and-batcher", "four processors, batches of 100", processors(4, 1'000), hundred),
        to_batches(
            "partitioned-batcher", "one processor, two batch processors, 64 keys", processors(1, 1'000),
            divided),
    };
}

} // namespace weir::bench
