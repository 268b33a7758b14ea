// Callbacks that take longer than they may.

#include "test_pipeline.hpp"

#include <weir/pipeline/events/failures.hpp>
#include <weir/pipeline/this_worker.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Returns when the callback that calls it is asked to end.
void wait_for_stop() {
    std::mutex mutex;
    std::condition_variable_any asked;
    std::unique_lock lock{mutex};
    asked.wait_for(lock, this_worker::stop_token(), 20s, [] { return false; });
}

class TimeLimitTest : public ::testing::Test {
  protected:
    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    std::shared_ptr<telemetry> bus = std::make_shared<telemetry>();
    callbacks f;
    door shut;
};

TEST_F(TimeLimitTest, FailsTheMessageAndShowsTheHang) {
    f.handle_message = [&](test_message& m) {
        if (m.data == 0) shut.pass();
    };
    std::atomic<std::size_t> told{0};
    bus->attach<callback_timeout>("test", [&](const callback_timeout& e) {
        EXPECT_EQ(e.worker, "limits.Processor_default_0");
        EXPECT_EQ(e.limit, 30ms);
        told += e.count;
    });
    auto p = run({.name = "limits", .processors = {.concurrency = 1, .time_limit = 30ms}}, source, f, bus);
    source->emit({0});
    ASSERT_TRUE(source->wait_settled(1));
    EXPECT_EQ(source->ending_of(0).result, outcome::failed);
    EXPECT_THAT(source->ending_of(0).reason, HasSubstr("timeout: its callback did not return within 30ms"));
    EXPECT_THAT(p.snapshot().hanging, ElementsAre("limits.Processor_default_0"));
    shut.open();
    source->emit({1});
    ASSERT_TRUE(source->wait_settled(2));
    EXPECT_EQ(source->ending_of(1).result, outcome::successful) << "the worker works again";
    EXPECT_TRUE(p.stop().drained);
    EXPECT_THAT(p.snapshot().hanging, ElementsAre());
    EXPECT_EQ(p.snapshot().timeouts, 1U);
    EXPECT_EQ(told, 1U);
    EXPECT_EQ(source->settled(), 2U) << "what the callback did later was told, too";
}

TEST_F(TimeLimitTest, HoldsUpNoMessageOfTheSameBurst) {
    f.handle_message = [&](test_message& m) {
        if (m.data == 0) shut.pass();
    };
    auto p = run({.name = "limits", .processors = {.concurrency = 2, .time_limit = 1h}}, source, f);
    source->emit_range(0, 10);
    EXPECT_TRUE(source->wait_settled(9));
    shut.open();
    p.stop();
    EXPECT_EQ(source->count(outcome::successful), 10U);
}

TEST_F(TimeLimitTest, AsksTheCallbackToEndAndNotTheNextOne) {
    std::atomic<bool> asked_again{false};
    f.handle_message = [&](test_message& m) {
        if (m.data == 0) return wait_for_stop();
        asked_again = this_worker::stop_token().stop_requested();
    };
    auto p = run({.name = "limits", .processors = {.concurrency = 1, .time_limit = 20ms}}, source, f);
    source->emit({0, 1});
    ASSERT_TRUE(source->wait_settled(2));
    EXPECT_EQ(source->ending_of(0).result, outcome::failed);
    EXPECT_EQ(source->ending_of(1).result, outcome::successful);
    EXPECT_FALSE(asked_again);
    p.stop();
}

TEST_F(TimeLimitTest, LetsAnotherWorkerTakeThePlaceOfOneThatHangs) {
    f.handle_message = [&](test_message& m) {
        if (m.data < 3) shut.pass();
    };
    auto p = run(
        {.name = "limits",
         .processors = {.concurrency = 1, .max_concurrency = 4, .time_limit = 20ms, .replace_hanging = true}},
        source, f);
    source->emit({0, 1, 2, 3});
    ASSERT_TRUE(source->wait_settled(4)) << "each of the first three took a worker with it";
    EXPECT_EQ(source->count(outcome::failed), 3U);
    EXPECT_EQ(source->ending_of(3).result, outcome::successful);
    EXPECT_EQ(p.processors(), 1U);
    EXPECT_EQ(p.snapshot().hanging.size(), 3U);
    shut.open();
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(source->settled(), 4U);
}

TEST_F(TimeLimitTest, HasABoundOfThoseItReplaces) {
    f.handle_message = [&](test_message&) { shut.pass(); };
    auto p = run(
        {.name = "limits",
         .processors = {.concurrency = 1, .max_concurrency = 2, .time_limit = 20ms, .replace_hanging = true}},
        source, f);
    source->emit({0, 1, 2});
    ASSERT_TRUE(source->wait_settled(2));
    EXPECT_FALSE(source->wait_settled(3, 100ms)) << "both workers hang";
    shut.open();
    EXPECT_TRUE(source->wait_settled(3));
    EXPECT_EQ(source->ending_of(2).result, outcome::successful);
    EXPECT_TRUE(p.stop().drained);
}

TEST_F(TimeLimitTest, LetsAnotherBatchProcessorTakeThePlaceOfOneThatHangs) {
    f.handle_batch = [&](test_batch& b) {
        if (b[0].data == 0) shut.pass();
    };
    auto p =
        run({.name = "limits",
             .processors = {.concurrency = 1},
             .batchers = {{.batch_size = 1, .time_limit = 20ms, .replace_hanging = true}}},
            source, f);
    source->emit({0, 1});
    ASSERT_TRUE(source->wait_settled(2));
    EXPECT_EQ(source->ending_of(1).result, outcome::successful);
    EXPECT_THAT(p.snapshot().hanging, ElementsAre("limits.BatchProcessor_default_0"));
    shut.open();
    EXPECT_TRUE(p.stop().drained);
}

TEST_F(TimeLimitTest, FailsAWholeBatch) {
    f.handle_batch = [&](test_batch& b) {
        if (b[0].data == 0) wait_for_stop();
    };
    auto p =
        run({.name = "limits",
             .processors = {.concurrency = 1},
             .batchers = {{.batch_size = 3, .time_limit = 20ms}}},
            source, f);
    source->emit_range(0, 6);
    ASSERT_TRUE(source->wait_settled(6));
    EXPECT_EQ(source->count(outcome::failed), 3U);
    EXPECT_EQ(source->count(outcome::successful), 3U);
    p.stop();
    EXPECT_EQ(source->settled(), 6U);
}

TEST_F(TimeLimitTest, AHangDoesNotKeepOthersFromDraining) {
    f.handle_message = [&](test_message& m) {
        if (m.data == 0) shut.pass();
    };
    auto p =
        run({.name = "limits",
             .processors = {.concurrency = 2, .time_limit = 20ms},
             .batchers = {{.batch_size = 100, .batch_timeout = 1h}}},
            source, f);
    source->emit_range(0, 5);
    EXPECT_TRUE(source->wait_settled(1));
    const auto report = p.stop(20s);
    EXPECT_TRUE(report.drained);
    EXPECT_EQ(source->count(outcome::successful), 4U) << "open batches leave although a callback hangs";
    shut.open();
}

} // namespace
} // namespace weir::pipeline::testing
