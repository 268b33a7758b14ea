// What becomes of the order when a message waits for another attempt.

#include "coroutine_handler.hpp"

#include <weir/pipeline/errc.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int keys = 10;

struct keyed_handler : function_handler {
    [[nodiscard]] std::int64_t partition_by(const int& raw) const { return raw % keys; }
};

struct keyed_coroutine : coroutine_handler {
    [[nodiscard]] std::int64_t partition_by(const int& raw) const { return raw % keys; }
};

class RetryOrderTest : public ::testing::Test {
  protected:
    static options holding(ordering mode, std::size_t concurrency = 1) {
        return {
            .name = "held",
            .processors = {.concurrency = concurrency, .ordering = {.mode = mode, .lanes = 32}},
            .retry = {.max_attempts = 3, .delay = 100ms, .factor = 1.0, .jitter = 0.0, .hold_lane = true}};
    }

    virtual_pipeline begin(options o, std::uint64_t seed = 0) {
        return virtual_pipeline::start<int>(
            std::move(o), {source}, keyed_handler{{std::make_shared<callbacks>(f)}}, &decode, nullptr, seed);
    }

    /// Message 0 fails that often.
    void fail_first(std::uint32_t attempts) {
        f.handle_message = [this, attempts](test_message& m) {
            handled.push_back(m.data);
            if (m.data == 0 && m.attempt() <= attempts) m.fail("not yet");
        };
    }

    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    callbacks f;
    std::vector<int> handled;
};

TEST_F(RetryOrderTest, AMessageKeepsItsPlaceWhileOtherLanesGoOn) {
    fail_first(2);
    auto p = begin(holding(ordering::keyed));
    source->emit({0, 10, 1, 20, 11});
    p.run();
    EXPECT_THAT(handled, ElementsAre(0, 1, 11));
    p.advance(100ms);
    EXPECT_THAT(handled, ElementsAre(0, 1, 11, 0));
    source->emit({30, 21});
    p.advance(100ms);
    EXPECT_THAT(handled, ElementsAre(0, 1, 11, 0, 21, 0, 10, 20, 30));
    EXPECT_EQ(source->count(outcome::successful), 7U);
    EXPECT_TRUE(p.stop().drained);
}

TEST_F(RetryOrderTest, OthersPassUnlessTheLaneIsHeld) {
    fail_first(1);
    auto o = holding(ordering::keyed);
    o.retry.hold_lane = false;
    auto p = begin(std::move(o));
    source->emit({0, 10, 20});
    p.advance(100ms);
    EXPECT_THAT(handled, ElementsAre(0, 10, 20, 0));
}

TEST_F(RetryOrderTest, TheLaneGoesOnWhenAMessageHasFailedForGood) {
    fail_first(99);
    auto p = begin(holding(ordering::keyed));
    source->emit({0, 10});
    p.advance(199ms);
    EXPECT_THAT(handled, ElementsAre(0, 0));
    p.advance(1ms);
    EXPECT_THAT(handled, ElementsAre(0, 0, 0, 10));
    EXPECT_EQ(source->count(outcome::failed), 1U);
    EXPECT_EQ(source->count(outcome::successful), 1U);
}

TEST_F(RetryOrderTest, WhatIsNotTriedAgainHoldsNothing) {
    fail_first(99);
    f.handle_message = [this](test_message& m) {
        handled.push_back(m.data);
        if (m.data < 2) m.fail("never");
    };
    auto o = holding(ordering::keyed);
    o.retry.max_waiting = 1;
    auto p = begin(std::move(o));
    source->emit({0, 1, 10, 11});
    p.run();
    EXPECT_THAT(handled, ElementsAre(0, 1, 11)) << "message 1 found no place";
    EXPECT_EQ(source->count(outcome::failed), 1U);
}

TEST_F(RetryOrderTest, AMessageThatFailedInABatchComesBackToTheEndOfItsLane) {
    f.handle_message = [this](test_message& m) {
        handled.push_back(m.data);
        if (m.data == 10 && m.attempt() == 1) m.fail("not yet");
    };
    f.handle_batch = [](test_batch& b) {
        for (auto& m : b)
            if (m.data == 0 && m.attempt() == 1) m.fail("not yet");
    };
    auto o = holding(ordering::keyed);
    o.batchers = {{.batch_size = 1}};
    auto p = begin(std::move(o));
    source->emit({0, 10, 20});
    p.advance(100ms);
    EXPECT_THAT(handled, ElementsAre(0, 10, 10, 20, 0)) << "it does not release what another one holds";
    EXPECT_EQ(source->count(outcome::successful), 3U);
}

TEST_F(RetryOrderTest, ADrainGivesTheLastAttemptAndThenTheOthersTheirTurn) {
    fail_first(99);
    auto p = begin(holding(ordering::keyed));
    source->emit({0, 10, 20});
    p.run();
    const auto report = p.stop(10s);
    EXPECT_TRUE(report.drained);
    EXPECT_THAT(handled, ElementsAre(0, 0, 10, 20));
}

TEST_F(RetryOrderTest, PartitionsStayAsTheyAreWhileOneIsHeld) {
    fail_first(1);
    auto p = begin(holding(ordering::partitioned, 2));
    source->emit({0});
    p.run();
    EXPECT_EQ(p->set_processors(3).error().code, make_error_code(errc::not_quiescent));
    p.advance(100ms);
    EXPECT_TRUE(p->set_processors(3).has_value());
}

TEST_F(RetryOrderTest, HoldsForCoroutines) {
    coroutines c;
    c.handle_message = [this](test_message& m) -> task<void> {
        co_await this_worker::sleep_for(10ms);
        handled.push_back(m.data);
        if (m.data == 0 && m.attempt() <= 2) m.fail("not yet");
    };
    auto p = virtual_pipeline::start<int>(
        holding(ordering::keyed), {source}, keyed_coroutine{{std::make_shared<coroutines>(c)}}, &decode);
    source->emit({0, 10, 1, 20});
    p.advance(10ms);
    EXPECT_THAT(handled, ElementsAre(0, 1));
    p.advance(1s);
    EXPECT_THAT(handled, ElementsAre(0, 1, 0, 0, 10, 20));
}

TEST_F(RetryOrderTest, NeedsLanesAndAttempts) {
    try {
        static_cast<void>(begin({.name = "held", .retry = {.hold_lane = true}}));
        FAIL() << "it must not start";
    } catch (const std::invalid_argument& e) {
        EXPECT_THAT(
            e.what(), AllOf(
                          HasSubstr("retry.hold_lane is true, must be false, since processors.ordering.mode"),
                          HasSubstr("retry.hold_lane is true, must be false, since max_attempts is 1")));
    }
}

/// Many courses: whatever fails however often, each key's messages come to their end in order.
class RetryOrderSeedsTest : public RetryOrderTest, public ::testing::WithParamInterface<std::uint64_t> {};

TEST_P(RetryOrderSeedsTest, EachLaneKeepsItsOrder) {
    std::mt19937 random{static_cast<std::mt19937::result_type>(GetParam())};
    std::map<int, std::vector<int>> ends;
    f.handle_message = [&](test_message& m) {
        if (random() % 4 == 0) m.fail("at random");
        if (m.failure() == nullptr || m.attempt() == 3) ends[m.data % keys].push_back(m.data);
    };
    auto o = holding(random() % 2 == 0 ? ordering::keyed : ordering::partitioned, 1 + random() % 4);
    o.processors.max_demand = 1 + random() % 10;
    auto p = begin(std::move(o), GetParam());
    for (int next = 0; next < 300; next += 20) {
        source->emit_range(next, 20);
        p.advance(std::chrono::milliseconds{random() % 200});
    }
    p.advance(1h);
    EXPECT_EQ(source->settled(), 300U);
    for (const auto& [key, values] : ends) {
        EXPECT_EQ(values.size(), 30U);
        EXPECT_TRUE(std::is_sorted(values.begin(), values.end())) << "of key " << key;
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, RetryOrderSeedsTest, ::testing::Range<std::uint64_t>(0, 50));

} // namespace
} // namespace weir::pipeline::testing
