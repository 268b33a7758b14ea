// Handlers that are coroutines, together with order, time limits, telemetry and other numbers of workers; on
// virtual time.

#include "coroutine_handler.hpp"

#include <weir/pipeline/events/failures.hpp>
#include <weir/pipeline/events/spans.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int keys = 10;

struct keyed_handler : coroutine_handler {
    [[nodiscard]] std::int64_t partition_by(const int& raw) const { return raw % keys; }
};

/// Waits for what never comes.
task<void> hang() {
    completion<int> never;
    const auto kept = never.completer();
    static_cast<void>(co_await never);
}

class CoroutineRulesTest : public ::testing::Test {
  protected:
    virtual_pipeline begin(options o) {
        o.name = "coroutines";
        return virtual_pipeline::start<int>(
            std::move(o), {source}, keyed_handler{{std::make_shared<coroutines>(f)}}, &decode, bus);
    }

    /// Every message takes 10 ms.
    void record() {
        f.handle_message = [this](test_message& m) -> task<void> {
            const auto key = m.data % keys;
            most = std::max(most, ++under_way);
            most_of_a_key = std::max(most_of_a_key, ++of_key[key]);
            co_await this_worker::sleep_for(10ms);
            --of_key[key];
            --under_way;
            seen[key].push_back(m.data);
        };
    }

    void expect_order() const {
        EXPECT_EQ(most_of_a_key, 1);
        for (const auto& [key, values] : seen)
            EXPECT_TRUE(std::is_sorted(values.begin(), values.end())) << "of key " << key;
    }

    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    std::shared_ptr<telemetry> bus = std::make_shared<telemetry>();
    coroutines f;
    std::map<int, std::vector<int>> seen;
    std::map<int, int> of_key;
    int most_of_a_key = 0;
    int under_way = 0;
    int most = 0;
};

TEST_F(CoroutineRulesTest, KeyedHasManyKeysUnderWayAndOneMessageOfEach) {
    record();
    auto p = begin({.processors = {.concurrency = 1, .ordering = {.mode = ordering::keyed}}});
    source->emit_range(0, 200);
    p.advance(10ms);
    EXPECT_EQ(source->settled(), keys) << "the first of each key, at the same time";
    p.advance(190ms);
    EXPECT_EQ(source->count(outcome::successful), 200U);
    EXPECT_EQ(most, keys);
    expect_order();
    EXPECT_TRUE(p.stop().drained);
}

TEST_F(CoroutineRulesTest, KeyedKeepsItsOrderAmongManyProcessorsWithRoomForFew) {
    record();
    auto p = begin({.processors = {.concurrency = 3, .in_flight = 2, .ordering = {.mode = ordering::keyed}}});
    source->emit_range(0, 120);
    p.advance(300ms);
    EXPECT_EQ(source->count(outcome::successful), 120U);
    EXPECT_EQ(most, 6);
    expect_order();
}

TEST_F(CoroutineRulesTest, PartitionedHasOneMessageUnderWayInEachProcessor) {
    record();
    auto p = begin({.processors = {.concurrency = 2, .ordering = {.mode = ordering::partitioned}}});
    EXPECT_EQ(p->configuration().processors.in_flight, 1U);
    source->emit_range(0, 20);
    p.advance(100ms);
    EXPECT_EQ(source->count(outcome::successful), 20U);
    EXPECT_EQ(most, 2);
    expect_order();
}

TEST_F(CoroutineRulesTest, RefusesToHaveMoreUnderWayThanPartitionsAllow) {
    try {
        static_cast<void>(begin(
            {.processors = {.in_flight = 2, .ordering = {.mode = ordering::partitioned}},
             .batchers = {{.partitioned = true, .in_flight = 3}}}));
        FAIL() << "it must not start";
    } catch (const std::invalid_argument& e) {
        EXPECT_THAT(
            e.what(), AllOf(
                          HasSubstr("processors.in_flight is 2, must be 1, or 0"),
                          HasSubstr("batchers[0].in_flight is 3, must be 1, or 0")));
    }
    auto p = begin({.batchers = {{.partitioned = true}}});
    EXPECT_EQ(p->configuration().batchers[0].in_flight, 1U);
}

TEST_F(CoroutineRulesTest, SerialPerKeyHoldsWithSeveralBatchesUnderWay) {
    std::map<std::string, int> busy;
    std::size_t batches = 0;
    int most_at_once = 0;
    f.handle_message = [](test_message& m) -> task<void> {
        m.put_batch_key(std::to_string(m.data % 2));
        co_return;
    };
    f.handle_batch = [&](test_batch& b) -> task<void> {
        const std::string key = b.info().batch_key;
        EXPECT_EQ(++busy[key], 1);
        most_at_once = std::max(most_at_once, busy["0"] + busy["1"]);
        co_await this_worker::sleep_for(10ms);
        --busy[key];
        ++batches;
    };
    auto p = begin({.batchers = {{.batch_size = 5, .serial_per_key = true, .in_flight = 8}}});
    source->emit_range(0, 40);
    p.advance(40ms);
    EXPECT_EQ(batches, 8U);
    EXPECT_EQ(most_at_once, 2);
}

TEST_F(CoroutineRulesTest, OneThatNeverGoesOnFailsWhenItsTimeIsUpAndLeavesItsPlace) {
    const auto held = std::make_shared<int>(0);
    f.handle_message = [&](test_message& m) -> task<void> {
        const auto local = held;
        if (m.data == 0) co_await hang();
        co_await this_worker::sleep_for(10ms);
    };
    std::vector<std::size_t> told;
    bus->attach<callback_timeout>("test", [&](const callback_timeout& e) { told.push_back(e.count); });
    auto p = begin({.processors = {.concurrency = 1, .in_flight = 1, .time_limit = 30ms}});
    const auto before = held.use_count();
    source->emit({0, 1});
    p.advance(29ms);
    EXPECT_EQ(source->settled(), 0U);
    p.advance(1ms);
    EXPECT_EQ(source->count(outcome::failed), 1U);
    EXPECT_THAT(source->endings().find(0)->second.reason, HasSubstr("timeout"));
    EXPECT_THAT(p->snapshot().hanging, IsEmpty()) << "it was destroyed";
    p.advance(10ms);
    EXPECT_EQ(source->count(outcome::successful), 1U) << "its place is free again";
    EXPECT_EQ(held.use_count(), before);
    EXPECT_TRUE(p.stop().drained);
    EXPECT_THAT(told, ElementsAre(1U));
    EXPECT_EQ(p->snapshot().timeouts, 1U);
    EXPECT_EQ(source->settled(), 2U);
}

TEST_F(CoroutineRulesTest, ATimeLimitEndsNoOtherCoroutine) {
    f.handle_message = [](test_message& m) -> task<void> {
        if (m.data == 0) co_await hang();
        if (m.data == 1) co_await this_worker::sleep_for(10ms);
        EXPECT_TRUE(co_await this_worker::sleep_for(25ms));
        EXPECT_FALSE(this_worker::stop_token().stop_requested());
    };
    auto p = begin({.processors = {.concurrency = 1, .time_limit = 30ms}});
    source->emit({0, 1});
    p.advance(20ms);
    source->emit({2});
    p.advance(25ms);
    EXPECT_EQ(source->count(outcome::failed), 2U) << "35ms are too many, too";
    EXPECT_EQ(source->count(outcome::successful), 1U);
}

TEST_F(CoroutineRulesTest, ALaneGoesOnWhenTheTimeOfItsMessageIsUp) {
    f.handle_message = [](test_message& m) -> task<void> {
        if (m.data == 0) co_await hang();
    };
    auto p =
        begin({.processors = {.concurrency = 1, .ordering = {.mode = ordering::keyed}, .time_limit = 30ms}});
    source->emit({0, 10, 20, 1});
    p.run();
    EXPECT_EQ(source->settled(), 1U);
    p.advance(30ms);
    EXPECT_EQ(source->count(outcome::successful), 3U);
    EXPECT_EQ(source->count(outcome::failed), 1U);
}

TEST_F(CoroutineRulesTest, ABatchWhoseTimeIsUpFails) {
    f.handle_batch = [](test_batch& b) -> task<void> {
        if (b[0].data == 0) co_await hang();
    };
    auto p = begin(
        {.processors = {.concurrency = 1},
         .batchers = {{.batch_size = 2, .time_limit = 30ms, .in_flight = 1}}});
    source->emit_range(0, 4);
    p.advance(30ms);
    EXPECT_EQ(source->count(outcome::failed), 2U);
    EXPECT_EQ(source->count(outcome::successful), 2U);
    EXPECT_TRUE(p.stop().drained);
}

TEST_F(CoroutineRulesTest, ADrainWaitsForAttemptsThatFollow) {
    f.handle_message = [](test_message& m) -> task<void> {
        co_await this_worker::sleep_for(1s);
        if (m.attempt() < 2) m.fail("not yet");
    };
    auto p = begin({.retry = {.max_attempts = 2, .delay = 1h, .max_delay = 1h}});
    source->emit_range(0, 3);
    p.run();
    const auto report = p.stop(10s);
    EXPECT_TRUE(report.drained);
    EXPECT_EQ(report.successful, 3U);
}

TEST_F(CoroutineRulesTest, ShowsTheSpanOfEachMessageFromItsBeginningToItsEnd) {
    std::vector<std::string> log;
    bus->attach<processor_message_start>("test", [&](const processor_message_start& e) {
        log.push_back("start " + std::to_string(*e.message.data<int>()));
    });
    bus->attach<processor_message_stop>("test", [&](const processor_message_stop& e) {
        log.push_back("stop " + std::to_string(*e.message.data<int>()));
        EXPECT_EQ(e.took, *e.message.data<int>() * 10ms);
        EXPECT_EQ(e.origin.stage, "coroutines.Processor_default_0");
    });
    bus->attach<processor_message_exception>("test", [&](const processor_message_exception& e) {
        log.push_back(std::string{e.failure.kind} + " " + std::string{e.failure.reason});
    });
    f.handle_message = [](test_message& m) -> task<void> {
        co_await this_worker::sleep_for(m.data * 10ms);
        if (m.data == 3) throw std::runtime_error{"three"};
        if (m.data == 4) co_await hang();
    };
    auto p = begin({.processors = {.concurrency = 1, .time_limit = 50ms}});
    source->emit({4, 3, 2, 1});
    p.advance(50ms);
    EXPECT_THAT(
        log, ElementsAre(
                 "start 4", "start 3", "start 2", "start 1", "stop 1", "stop 2", "std three",
                 "cancelled timeout"));
    EXPECT_EQ(source->settled(), 4U);
}

TEST_F(CoroutineRulesTest, MeasuresHowLongTheyTake) {
    f.handle_message = [](test_message&) -> task<void> { co_await this_worker::sleep_for(10ms); };
    auto p = begin({.processors = {.concurrency = 1}});
    source->emit_range(0, 100);
    p.advance(100ms);
    const auto s = p->snapshot();
    ASSERT_FALSE(s.stages.empty());
    EXPECT_GT(s.stages[0].handle_time.count, 0U);
    EXPECT_EQ(s.stages[0].handle_time.p50, 10'000'000U);
}

TEST_F(CoroutineRulesTest, WorkersComeAndGoWhileCoroutinesWait) {
    record();
    auto p = begin({.processors = {.concurrency = 1, .in_flight = 5}, .batchers = {{.batch_size = 10}}});
    int next = 0;
    for (const std::size_t n : {4U, 1U, 3U, 2U, 1U}) {
        source->emit_range(next, 50);
        next += 50;
        p.advance(5ms);
        EXPECT_TRUE(p->set_processors(n).has_value());
        EXPECT_TRUE(p->set_batch_processors("default", n).has_value());
        p.advance(15ms);
    }
    p.advance(2s);
    EXPECT_EQ(source->count(outcome::successful), 250U);
    EXPECT_TRUE(p.stop().drained);
    EXPECT_LE(most, 20);
}

} // namespace
} // namespace weir::pipeline::testing
