// Handlers that are coroutines, on virtual time.

#include "coroutine_handler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

class CoroutinesTest : public ::testing::Test {
  protected:
    virtual_pipeline begin(options o, std::uint64_t seed = 0) {
        o.name = "coroutines";
        return virtual_pipeline::start<int>(
            std::move(o), {source}, coroutine_handler{std::make_shared<coroutines>(f)}, &decode, nullptr,
            seed);
    }

    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    coroutines f;
};

TEST_F(CoroutinesTest, OneProcessorHasManyMessagesUnderWayAtOnce) {
    f.handle_message = [](test_message&) -> task<void> { co_await this_worker::sleep_for(50ms); };
    auto p = begin({.processors = {.concurrency = 1, .in_flight = 100}});
    source->emit_range(0, 100);
    p.advance(49ms);
    EXPECT_EQ(source->settled(), 0U);
    p.advance(1ms);
    EXPECT_EQ(source->count(outcome::successful), 100U);
}

TEST_F(CoroutinesTest, KeepsToTheLimitAndKeepsItFull) {
    std::size_t under_way = 0;
    std::size_t most = 0;
    f.handle_message = [&](test_message&) -> task<void> {
        most = std::max(most, ++under_way);
        co_await this_worker::sleep_for(10ms);
        --under_way;
    };
    auto p = begin({.processors = {.concurrency = 1, .in_flight = 7}});
    source->emit_range(0, 70);
    p.advance(100ms);
    EXPECT_EQ(source->count(outcome::successful), 70U) << "ten rounds of seven";
    EXPECT_EQ(most, 7U);
}

TEST_F(CoroutinesTest, SettlesEachMessageWhenItHasEnded) {
    f.handle_message = [](test_message& m) -> task<void> { co_await this_worker::sleep_for(m.data * 10ms); };
    auto p = begin({.processors = {.concurrency = 1, .max_demand = 10, .min_demand = 0}});
    source->emit({9, 1, 5}); // one chunk
    p.advance(10ms);
    EXPECT_THAT(source->endings(), ElementsAre(Pair(1U, ::testing::_)));
    p.advance(40ms);
    EXPECT_EQ(source->settled(), 2U);
    p.advance(40ms);
    EXPECT_EQ(source->settled(), 3U);
}

TEST_F(CoroutinesTest, PreparesChunksAsAWhole) {
    struct preparing : coroutine_handler {
        std::shared_ptr<std::vector<std::size_t>> chunks;

        void prepare_messages(std::span<test_message> s) const { chunks->push_back(s.size()); }
    };

    const auto chunks = std::make_shared<std::vector<std::size_t>>();
    auto p = virtual_pipeline::start<int>(
        {.name = "preparing", .processors = {.concurrency = 1}}, {source},
        preparing{{std::make_shared<coroutines>(f)}, chunks}, &decode);
    source->emit_range(0, 12);
    p.run();
    EXPECT_THAT(*chunks, ElementsAre(5, 5, 2));
    EXPECT_EQ(source->count(outcome::successful), 12U);
}

TEST_F(CoroutinesTest, AnExceptionAfterAWaitFailsThatMessageOnly) {
    std::vector<std::string> seen;
    f.handle_message = [](test_message& m) -> task<void> {
        co_await this_worker::sleep_for(1ms);
        if (m.data == 3) throw std::runtime_error{"three"};
        if (m.data == 4) m.fail("four");
    };
    f.handle_failed = [&](std::span<test_message> s) {
        for (auto& m : s)
            seen.push_back(m.failure()->text);
    };
    auto p = begin({.processors = {.concurrency = 1}});
    source->emit({-2, 0, 1, 2, 3, 4});
    p.advance(1ms);
    EXPECT_EQ(source->count(outcome::successful), 3U);
    EXPECT_EQ(source->endings().find(3)->second.reason, "three");
    EXPECT_EQ(source->endings().find(4)->second.reason, "four");
    EXPECT_EQ(source->count(outcome::failed), 3U) << "and one that could not be decoded";
    EXPECT_THAT(seen, UnorderedElementsAre("three", "four"));
}

TEST_F(CoroutinesTest, WhatIsThrownBeforeTheCoroutineBeginsFailsTheMessage) {
    f.handle_message = [](test_message& m) -> task<void> {
        throw std::runtime_error{std::to_string(m.data)};
    };
    auto p = begin({});
    source->emit({1});
    p.run();
    EXPECT_EQ(source->endings().find(1)->second.reason, "1");
}

TEST_F(CoroutinesTest, LetsAllTakeTurns) {
    std::vector<int> course;
    f.handle_message = [&](test_message& m) -> task<void> {
        for (int i = 0; i < 2; ++i) {
            course.push_back(m.data);
            co_await this_worker::yield();
        }
    };
    auto p = begin({.processors = {.concurrency = 1}});
    source->emit_range(1, 3);
    p.run();
    EXPECT_THAT(course, ElementsAre(1, 2, 3, 1, 2, 3));
}

TEST_F(CoroutinesTest, TakesNewMessagesUpWhileOthersKeepItBusy) {
    bool stop = false;
    int rounds = 0;
    f.handle_message = [&](test_message& m) -> task<void> {
        stop = m.data == 99;
        while (!stop && ++rounds < 1'000)
            co_await this_worker::yield();
    };
    auto p = begin({.processors = {.concurrency = 1}});
    source->emit_range(1, 3);
    source->emit({99});
    p.run();
    EXPECT_EQ(source->count(outcome::successful), 4U);
    EXPECT_LT(rounds, 20);
}

TEST_F(CoroutinesTest, ResumesOnItsWorkerWithWhatACallbackBrings) {
    std::vector<completer<int>> open;
    std::vector<int> got;
    f.handle_message = [&](test_message&) -> task<void> {
        completion<int> answer;
        open.push_back(answer.completer());
        const std::string worker{this_worker::name()};
        got.push_back((co_await answer).value());
        EXPECT_EQ(this_worker::name(), worker);
    };
    auto p = begin({.processors = {.concurrency = 2}});
    source->emit_range(0, 6);
    p.run();
    ASSERT_EQ(open.size(), 6U);
    for (int i = 5; i >= 0; --i)
        EXPECT_TRUE(open[static_cast<std::size_t>(i)].complete(i));
    EXPECT_TRUE(got.empty());
    p.run();
    EXPECT_THAT(got, UnorderedElementsAre(0, 1, 2, 3, 4, 5));
    EXPECT_EQ(source->count(outcome::successful), 6U);
}

TEST_F(CoroutinesTest, RetriesAndForwardsAsOthersDo) {
    int attempts = 0;
    std::vector<std::size_t> batches;
    f.handle_message = [&](test_message& m) -> task<void> {
        co_await this_worker::sleep_for(1ms);
        if (m.data == 2 && ++attempts < 3) m.fail("not yet");
    };
    f.handle_batch = [&](test_batch& b) -> task<void> {
        co_await this_worker::sleep_for(5ms);
        batches.push_back(b.size());
        EXPECT_EQ(b.info().batcher, "default");
    };
    auto p = begin(
        {.batchers = {{.batch_size = 4}},
         .retry = {.max_attempts = 3, .delay = 100ms, .factor = 1.0, .jitter = 0.0}});
    source->emit_range(0, 4);
    p.advance(150ms);
    EXPECT_EQ(source->settled(), 0U);
    p.advance(100ms);
    EXPECT_EQ(source->count(outcome::successful), 4U);
    EXPECT_THAT(batches, ElementsAre(4U));
}

TEST_F(CoroutinesTest, SeveralBatchesAtOnceInOneBatchProcessor) {
    f.handle_batch = [](test_batch&) -> task<void> { co_await this_worker::sleep_for(50ms); };
    auto p = begin({.batchers = {{.batch_size = 10, .concurrency = 1, .in_flight = 3}}});
    source->emit_range(0, 60);
    p.advance(50ms);
    EXPECT_EQ(source->count(outcome::successful), 30U);
    p.advance(50ms);
    EXPECT_EQ(source->count(outcome::successful), 60U);
}

TEST_F(CoroutinesTest, BatchesLeaveInTimeThoughAllBatchProcessorsAreFull) {
    f.handle_batch = [](test_batch&) -> task<void> { co_await this_worker::sleep_for(1s); };
    auto p = begin({.batchers = {{.batch_size = 10, .batch_timeout = 20ms, .in_flight = 1}}});
    source->emit_range(0, 10);
    p.run();
    source->emit_range(10, 1);
    p.advance(1s);
    EXPECT_EQ(source->settled(), 10U);
    p.advance(1s);
    EXPECT_EQ(source->settled(), 11U);
}

TEST_F(CoroutinesTest, ABatchThatThrowsAfterAWaitFailsAlone) {
    f.handle_batch = [](test_batch& b) -> task<void> {
        co_await this_worker::sleep_for(1ms);
        if (b[0].data == 0) throw std::runtime_error{"no table"};
    };
    auto p = begin({.processors = {.concurrency = 1}, .batchers = {{.batch_size = 5}}});
    source->emit_range(0, 10);
    p.advance(1ms);
    EXPECT_EQ(source->count(outcome::failed), 5U);
    EXPECT_EQ(source->count(outcome::successful), 5U);
}

TEST_F(CoroutinesTest, ABatchIsTriedAgainAndThenInHalves) {
    std::vector<std::size_t> sizes;
    f.handle_batch = [&](test_batch& b) -> task<void> {
        co_await this_worker::sleep_for(1ms);
        EXPECT_EQ(b.size(), b.info().size);
        sizes.push_back(b.size());
        for (auto& m : b)
            if (m.data == 5) throw std::runtime_error{"five"};
    };
    auto p = begin(
        {.processors = {.concurrency = 1},
         .batchers = {
             {.batch_size = 8,
              .retry = {.max_attempts = 2, .delay = 100ms, .factor = 1.0, .jitter = 0.0, .split = true}}}});
    source->emit_range(0, 8);
    p.advance(1s);
    EXPECT_THAT(sizes, ElementsAre(8, 8, 4, 4, 2, 1, 1, 2));
    EXPECT_EQ(source->count(outcome::successful), 7U);
    EXPECT_EQ(source->endings().find(5)->second.reason, "five");
}

TEST_F(CoroutinesTest, SettlesAtOnceWhatItIsToldTo) {
    f.handle_message = [](test_message& m) -> task<void> {
        co_await this_worker::sleep_for(1ms);
        if (m.data == 1) m.settle_now();
        co_await this_worker::sleep_for(1s);
    };
    auto p = begin({.processors = {.concurrency = 1}});
    source->emit_range(0, 3);
    p.advance(1ms);
    EXPECT_THAT(source->endings(), ElementsAre(Pair(1U, ::testing::_)));
    p.advance(1s);
    EXPECT_EQ(source->settled(), 3U);
    source->emit({1}); // the same token once more
    p.advance(2s);
    EXPECT_EQ(source->settled(), 4U);
}

TEST_F(CoroutinesTest, MixWithFunctionsInOneHandler) {
    callbacks sync;
    f.handle_batch = [](test_batch&) -> task<void> { co_await this_worker::sleep_for(5ms); };
    auto p = virtual_pipeline::start<int>(
        {.name = "mixed", .batchers = {{.batch_size = 10}}}, {source},
        mixed_handler{std::make_shared<coroutines>(f), std::make_shared<callbacks>(sync)}, &decode);
    source->emit_range(0, 10);
    p.advance(5ms);
    EXPECT_EQ(source->count(outcome::successful), 10U);
}

TEST_F(CoroutinesTest, AStopWaitsForThoseUnderWay) {
    f.handle_message = [](test_message&) -> task<void> { co_await this_worker::sleep_for(5s); };
    auto p = begin({.processors = {.concurrency = 1, .in_flight = 2}});
    source->emit_range(0, 4);
    p.run();
    const auto before = p.now();
    const auto report = p.stop(30s);
    EXPECT_TRUE(report.drained);
    EXPECT_EQ(report.successful, 4U);
    EXPECT_EQ(p.now() - before, 10s);
}

TEST_F(CoroutinesTest, PastTheDeadlineWaitsEndAndTheirMessagesAreAbandoned) {
    std::vector<std::string> ends;
    std::vector<completer<int>> open;
    f.handle_message = [&](test_message& m) -> task<void> {
        if (m.data == 0) {
            ends.emplace_back((co_await this_worker::sleep_for(1h)) ? "slept" : "woken");
        } else {
            completion<int> never;
            open.push_back(never.completer());
            const auto got = co_await never;
            EXPECT_EQ(got.error().code, make_error_code(std::errc::operation_canceled));
            EXPECT_TRUE(this_worker::stop_token().stop_requested());
            ends.emplace_back("cancelled");
        }
    };
    std::optional<virtual_pipeline> p = begin({.processors = {.concurrency = 1}});
    source->emit_range(0, 2);
    p->run();
    const auto report = p->stop(10s);
    EXPECT_FALSE(report.drained);
    EXPECT_EQ(report.abandoned, 2U);
    EXPECT_THAT(report.running_callbacks, ElementsAre(HasSubstr("Processor_default_0")));
    EXPECT_THAT(ends, UnorderedElementsAre("woken", "cancelled"));
    EXPECT_EQ(source->settled(), 2U);
    EXPECT_FALSE(open[0].complete(1)) << "it is late";
    p.reset();
    EXPECT_FALSE(open[0].complete(1)) << "the pipeline has gone";
}

TEST_F(CoroutinesTest, OneThatNeverEndsIsDestroyedWhereItWaits) {
    const auto held = std::make_shared<int>(0);
    std::vector<completer<int>> open;
    f.handle_message = [&, copy = held](test_message& m) -> task<void> {
        const auto local = held;
        if (m.data == 0) {
            for (;;)
                co_await this_worker::sleep_for(1s);
        }
        for (;;) {
            completion<int> never;
            open.push_back(never.completer());
            static_cast<void>(co_await never);
        }
    };
    auto p = begin({.processors = {.concurrency = 1, .in_flight = 2}});
    const auto before = held.use_count();
    source->emit_range(0, 4); // two of them wait for room
    p.advance(5s);
    EXPECT_EQ(held.use_count(), before + 2);
    const auto report = p.stop(1s);
    EXPECT_EQ(report.abandoned, 4U);
    EXPECT_EQ(held.use_count(), before);
    EXPECT_EQ(source->settled(), 4U) << "each once";
    for (const auto& c : open)
        static_cast<void>(c.complete(1));
}

TEST_F(CoroutinesTest, ABatchThatNeverEndsIsAbandoned) {
    f.handle_batch = [](test_batch&) -> task<void> {
        for (;;)
            co_await this_worker::sleep_for(1s);
    };
    auto p = begin({.batchers = {{.batch_size = 2}}});
    source->emit_range(0, 2);
    p.advance(3s);
    const auto report = p.stop(2s);
    EXPECT_EQ(report.abandoned, 2U);
    EXPECT_THAT(report.running_callbacks, ElementsAre(HasSubstr("BatchProcessor_default")));
    EXPECT_EQ(source->settled(), 2U);
}

TEST_F(CoroutinesTest, InFlightIsForCoroutinesOnly) {
    const auto start_sync = [&](options o) {
        o.name = "sync";
        return virtual_pipeline::start<int>(
            std::move(o), {source}, function_handler{std::make_shared<callbacks>()}, &decode);
    };
    try {
        static_cast<void>(start_sync({.processors = {.in_flight = 4}, .batchers = {{.in_flight = 2}}}));
        FAIL() << "it must not start";
    } catch (const std::invalid_argument& e) {
        EXPECT_THAT(
            e.what(), AllOf(
                          HasSubstr("processors.in_flight is 4, must be 0"),
                          HasSubstr("batchers[0].in_flight is 2, must be 0")));
    }
    EXPECT_THROW(static_cast<void>(begin({.processors = {.in_flight = 10'001}})), std::invalid_argument);
    auto p = begin({.batchers = {{}}});
    EXPECT_EQ(p->configuration().processors.in_flight, 32U);
    EXPECT_EQ(p->configuration().batchers[0].in_flight, 8U);
}

TEST_F(CoroutinesTest, TheSameSeedGivesTheSameCourse) {
    const auto course_of = [this](std::uint64_t seed) {
        std::string course;
        f.handle_message = [&](test_message& m) -> task<void> {
            co_await this_worker::sleep_for((m.data % 3) * 1ms);
            course += std::string{this_worker::name()} + std::to_string(m.data) + " ";
        };
        auto p = begin({.processors = {.concurrency = 3}}, seed);
        source->emit_range(0, 50);
        p.advance(10ms);
        EXPECT_EQ(source->count(outcome::successful), 50U);
        p.stop();
        source = std::make_shared<test_source>();
        return course;
    };
    EXPECT_EQ(course_of(3), course_of(3));
}

} // namespace
} // namespace weir::pipeline::testing
