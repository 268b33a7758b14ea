#include <weir/base/telemetry.hpp>
#include <weir/pipeline/errc.hpp>
#include <weir/pipeline/events.hpp>
#include <weir/pipeline/events/draining.hpp>
#include <weir/pipeline/running_pipelines.hpp>
#include <weir/pipeline/start.hpp>
#include <weir/pipeline/testing/faulty_handler.hpp>
#include <weir/pipeline/testing/test_message.hpp>
#include <weir/pipeline/testing/test_producer.hpp>
#include <weir/pipeline/testing/virtual_pipeline.hpp>

#include <gmock/gmock.h>

#include <memory>
#include <thread>

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;

struct quiet {
    void handle_message(message<int, int>&) const {}

    void handle_batch(batch<int, int>&) const {}
};

result<int> same(const int& raw) {
    if (raw < 0) return failure("negative");
    return raw;
}

class introspection_test : public ::testing::Test {
  protected:
    std::vector<std::shared_ptr<producer<int>>> producers{2, nullptr};
    std::shared_ptr<testing::test_producer<int>> first{std::make_shared<testing::test_producer<int>>()};
    std::shared_ptr<telemetry> bus{std::make_shared<telemetry>()};
    std::shared_ptr<testing::faults> f{std::make_shared<testing::faults>()};

    introspection_test() { producers = {first, std::make_shared<testing::test_producer<int>>()}; }

    static options two_batchers() {
        return {
            .name = "fleet",
            .processors = {.name = "decode", .concurrency = 3},
            .batchers = {{.name = "default"}, {.name = "alarms", .batch_size = 1, .concurrency = 4}}};
    }

    testing::virtual_pipeline start_virtual(options o) {
        return testing::virtual_pipeline::start<int>(std::move(o), producers, quiet{}, &same, bus);
    }

    running_pipeline start_threads(options o) {
        return start<int>(std::move(o), producers, testing::faulty_handler{quiet{}, f}, &same, bus);
    }
};

TEST_F(introspection_test, describes_how_a_pipeline_is_built) {
    const auto p = start_virtual(two_batchers());
    const auto d = describe("fleet").value();
    EXPECT_EQ(d.producers.prefix, "fleet.Producer");
    EXPECT_EQ(d.producers.concurrency, 2u);
    EXPECT_EQ(d.processors.prefix, "fleet.Processor_decode");
    EXPECT_EQ(d.processors.concurrency, 3u);
    EXPECT_EQ(d.processors_key, "decode");
    ASSERT_EQ(d.batchers.size(), 2u);
    EXPECT_EQ(d.batchers[0].key, "default");
    EXPECT_EQ(d.batchers[1].name, "fleet.Batcher_alarms");
    EXPECT_EQ(d.batchers[1].processors.prefix, "fleet.BatchProcessor_alarms");
    EXPECT_EQ(d.batchers[1].processors.concurrency, 4u);
}

TEST_F(introspection_test, has_no_batchers_where_there_are_none) {
    auto p = start_virtual({.name = "fleet"});
    EXPECT_TRUE(p->describe().value().batchers.empty());
}

TEST_F(introspection_test, names_all_producers) {
    auto p = start_virtual({.name = "fleet"});
    EXPECT_THAT(p->producer_names().value(), ElementsAre("fleet.Producer_0", "fleet.Producer_1"));
    EXPECT_EQ(producer_names("fleet").value(), p->producer_names().value());
}

TEST_F(introspection_test, lists_what_runs_in_the_process) {
    auto p = start_virtual({.name = "fleet"});
    auto q = start_virtual({.name = "other"});
    EXPECT_THAT(running_pipelines(), ::testing::IsSupersetOf({"fleet", "other"}));
    p.stop();
    EXPECT_THAT(running_pipelines(), Not(Contains("fleet")));
    EXPECT_THAT(running_pipelines(), Contains("other"));
}

TEST_F(introspection_test, says_clearly_that_a_pipeline_does_not_run) {
    auto p = start_virtual({.name = "fleet"});
    EXPECT_EQ(describe("nobody").error().code, errc::not_running);
    p.stop();
    EXPECT_EQ(describe("fleet").error().code, errc::not_running);
    EXPECT_EQ(producer_names("fleet").error().code, errc::not_running);
    EXPECT_EQ(look("fleet").error().code, errc::not_running);
    EXPECT_EQ(stop("fleet").error().code, errc::not_running);
    EXPECT_EQ(p->describe().error().code, errc::not_running);
    EXPECT_EQ(p->snapshot().state, state::stopped) << "its own handle still tells the sums";
}

TEST_F(introspection_test, a_pipeline_is_stopped_by_its_name) {
    auto p = start_virtual({.name = "fleet"});
    EXPECT_EQ(look("fleet").value().state, state::running);
    EXPECT_TRUE(stop("fleet").value().drained);
    EXPECT_EQ(p->state(), state::stopped);
}

TEST_F(introspection_test, many_may_ask_for_a_pipeline_that_goes) {
    for (int round = 0; round < 20; ++round) {
        auto p = start_threads({.name = "fleet", .processors = {.concurrency = 1}});
        std::vector<std::thread> askers;
        for (int i = 0; i < 3; ++i)
            askers.emplace_back([] {
                while (look("fleet")) {
                }
                static_cast<void>(stop("fleet"));
            });
        p.stop();
        for (auto& t : askers)
            t.join();
    }
}

TEST_F(introspection_test, states_can_be_observed) {
    std::vector<state> seen;
    bus->attach<state_changed>("test", [&](const state_changed& e) { seen.push_back(e.to); });
    auto p = start_virtual({.name = "fleet"});
    EXPECT_EQ(p->state(), state::running);
    p.stop();
    EXPECT_THAT(seen, ElementsAre(state::running, state::draining, state::stopped));
}

TEST_F(introspection_test, a_worker_that_hangs_is_busy_and_others_are_not) {
    auto p = start_threads({.name = "fleet", .processors = {.concurrency = 2}});
    f->block(testing::faults::place::handle_message);
    const auto r = testing::test_message(p, 1).value();
    ASSERT_TRUE(f->wait_blocked(testing::faults::place::handle_message, 1, 20s));
    std::this_thread::sleep_for(50ms); // time is what is measured here
    const auto seen = p.snapshot();
    ASSERT_EQ(seen.workers.size(), 2u);
    const auto [idle, busy] = std::minmax(seen.workers[0].busy, seen.workers[1].busy);
    EXPECT_GT(busy, 0.0);
    EXPECT_LT(idle, busy);
    f->release(testing::faults::place::handle_message);
    EXPECT_EQ(r.wait_all(20s).size(), 1u);
}

TEST_F(introspection_test, counts_and_measures_each_stage_without_any_listener) {
    auto o = two_batchers();
    o.processors.concurrency = 1;
    auto p = start_virtual(o);
    std::vector<entry<int>> some;
    for (int i = 0; i < 30; ++i)
        some.push_back({.value = i % 3 == 0 ? -1 : i, .accepted_at = p.now()});
    first->emit(std::span{some});
    p.advance(2s);
    const auto stages = p->snapshot().stages;
    ASSERT_EQ(stages.size(), 3u);
    EXPECT_EQ(stages[0].name, "fleet.Processor_decode");
    EXPECT_EQ(stages[0].failed, 10u);
    EXPECT_EQ(stages[0].successful, 0u);
    EXPECT_GT(stages[0].handle_time.count, 0u);
    EXPECT_EQ(stages[1].name, "fleet.BatchProcessor_default");
    EXPECT_EQ(stages[1].successful, 20u);
    EXPECT_EQ(stages[1].batches, 1u);
    EXPECT_EQ(stages[1].batch_size.max, 20u);
    EXPECT_EQ(stages[1].settle_delay.count, 1u);
    EXPECT_NEAR(static_cast<double>(stages[1].settle_delay.max), 1e6, 5e4) << "it waited for its timeout";
    EXPECT_EQ(stages[2].batches, 0u);
}

TEST_F(introspection_test, tells_once_a_second_what_is_left_to_drain) {
    std::vector<std::size_t> left;
    bus->attach<drain_progressed>("test", [&](const drain_progressed& e) {
        EXPECT_EQ(e.pipeline, "fleet");
        EXPECT_FALSE(e.queues.empty());
        left.push_back(e.left);
    });
    first->drains_at_once = false;
    auto p = start_virtual({.name = "fleet", .shutdown = 4s});
    p.advance(10s);
    EXPECT_TRUE(left.empty());
    p.stop();
    EXPECT_THAT(left, ElementsAre(0u, 0u, 0u));
}

TEST_F(introspection_test, the_report_says_where_messages_were_abandoned) {
    first->drains_at_once = false;
    auto p = start_virtual(
        {.name = "fleet",
         .processors = {.concurrency = 1, .max_demand = 2},
         .batchers = {{.name = "default", .batch_timeout = 1h}}});
    first->on_drain = [&] { first->emit(std::vector<int>(1, 1)); };
    first->emit(std::vector<int>(7, 1));
    const auto report = p.stop(0ms);
    EXPECT_FALSE(report.drained);
    std::uint64_t sum = 0;
    for (const auto& place : report.abandoned_at)
        sum += place.count;
    EXPECT_EQ(sum, report.abandoned);
    EXPECT_EQ(report.abandoned, 8u);
    ASSERT_EQ(report.abandoned_at.size(), 1u);
    EXPECT_EQ(report.abandoned_at[0].place, "fleet.Batcher_default");
}

} // namespace
} // namespace weir::pipeline
