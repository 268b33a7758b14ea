#include "item.hpp"
#include "shapes.hpp"

#include <tbb/flow_graph.h>
#include <tbb/global_control.h>

#include <atomic>
#include <cstddef>
#include <thread>
#include <utility>
#include <vector>

namespace weir::bench {
namespace {

namespace flow = tbb::flow;

constexpr int in_flight = 1'000; // as many as the pipeline's credit
constexpr std::size_t batch_size = 100;

/// Source, limiter, a stage, and a sink that lets the limiter go on; with `batches`, the sink gets vectors.
class graph {
  public:
    graph(std::size_t concurrency, bool batches)
        : source_(graph_, [this](tbb::flow_control& control) { return next(control); })
        , limiter_(graph_, in_flight)
        , stage_(graph_, concurrency, [](const item& i) { return i; })
        , batcher_(
              graph_, flow::serial, [this](const item& i, auto& ports) { collect(i, std::get<0>(ports)); })
        , batch_sink_(graph_, flow::serial, [this](const batch& b) { return done(b.size()); })
        , sink_(graph_, flow::serial, [this](const item& /*i*/) { return done(1); }) {
        flow::make_edge(source_, limiter_);
        flow::make_edge(limiter_, stage_);
        if (batches) {
            flow::make_edge(stage_, batcher_);
            flow::make_edge(flow::output_port<0>(batcher_), batch_sink_);
            flow::make_edge(batch_sink_, limiter_.decrementer());
        } else {
            flow::make_edge(stage_, sink_);
            flow::make_edge(sink_, limiter_.decrementer());
        }
    }

    figures run(const timing& t) {
        std::thread driver{[this] {
            source_.activate();
            graph_.wait_for_all();
        }};
        const auto result = measure([this] { return done_.load(); }, t.warm_up, t.time);
        ending_.store(true);
        driver.join();
        return result;
    }

  private:
    using batch = std::vector<item>;
    using batcher_node = flow::multifunction_node<item, std::tuple<batch>>;

    item next(tbb::flow_control& control) {
        if (ending_.load()) control.stop();
        return {.number = ++number_};
    }

    template <class Port>
    void collect(const item& i, Port& out) {
        open_.push_back(i);
        if (open_.size() < batch_size) return;
        out.try_put(std::exchange(open_, {}));
        open_.reserve(batch_size);
    }

    int done(std::size_t count) {
        done_.fetch_add(count);
        return static_cast<int>(count);
    }

    std::atomic<bool> ending_{false};
    std::uint64_t number_{0};
    batch open_; // below batch_size
    std::atomic<std::uint64_t> done_{0};
    flow::graph graph_;
    flow::input_node<item> source_;
    flow::limiter_node<item, int> limiter_;
    flow::function_node<item, item> stage_;
    batcher_node batcher_;
    flow::function_node<batch, int> batch_sink_;
    flow::function_node<item, int> sink_;
};

shape tbb_shape(std::string name, std::string what, std::size_t concurrency, bool batches) {
    return {std::move(name), std::move(what), [concurrency, batches](const timing& t) {
                return graph{concurrency, batches}.run(t);
            }};
}

} // namespace

std::vector<shape> tbb_shapes() {
    return {
        tbb_shape("tbb-one-processor", "oneTBB flow graph: source, serial stage, sink", 1, false),
        tbb_shape("tbb-four-processors", "the same, the stage in parallel", 4, false),
        tbb_shape("tbb-batcher", "source, serial stage, batches of 100, sink", 1, true),
        tbb_shape("tbb-four-and-batcher", "the same, the stage in parallel", 4, true),
    };
}

} // namespace weir::bench
