#include "generator.hpp"
#include "shapes.hpp"

#include <weir/pipeline/start.hpp>

#include <memory>
#include <utility>

namespace weir::bench {
namespace {

using namespace std::chrono_literals;
using item_message = pipeline::message<item, item>;

struct handles_messages {
    void handle_message(item_message& /*m*/) {}
};

struct handles_both {
    void handle_message(item_message& /*m*/) {}

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
    return {
        to_processors("one-processor", "chunks of up to 500", processors(1, 1'000)),
        to_processors("four-processors", "chunks of up to 500", processors(4, 1'000)),
        to_processors("default-demand", "max_demand 10: chunks of up to 5", processors(1, 10)),
        to_processors("trickle", "one at a time, 10,000 a second", processors(1, 10), 100us),
        to_batches("batcher", "one processor, batches of 100", processors(1, 1'000), hundred),
        to_batches("four-and-batcher", "four processors, batches of 100", processors(4, 1'000), hundred),
    };
}

} // namespace weir::bench
