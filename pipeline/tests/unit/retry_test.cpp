// What becomes of failed messages, on virtual time.

#include "test_pipeline.hpp"

#include <weir/pipeline/events/failures.hpp>
#include <weir/pipeline/testing/virtual_pipeline.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class RetryTest : public ::testing::Test {
  protected:
    virtual_pipeline begin(options o) {
        o.name = "retry";
        if (o.processors.concurrency == 0) o.processors.concurrency = 2;
        return virtual_pipeline::start<int>(
            std::move(o), {source}, function_handler{std::make_shared<callbacks>(f)}, &decode, bus);
    }

    /// Notes when and which attempt of a message runs.
    void note(const virtual_pipeline& p, const test_message& m) {
        course.emplace_back(
            std::chrono::duration_cast<std::chrono::milliseconds>(p.now() - began), m.attempt());
    }

    [[nodiscard]] std::string reason_of(std::uint64_t token) const {
        const auto all = source->endings();
        const auto found = all.find(token);
        return found == all.end() ? "not settled" : found->second.reason;
    }

    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    std::shared_ptr<telemetry> bus = std::make_shared<telemetry>();
    callbacks f;
    time_point began;
    std::vector<std::pair<std::chrono::milliseconds, std::uint32_t>> course;
    static constexpr retry_options thrice{
        .max_attempts = 3, .delay = 100ms, .max_delay = 1s, .factor = 2.0, .jitter = 0.0};
};

TEST_F(RetryTest, AFailedMessageRunsAgainAfterItsPauseWithItsOriginalData) {
    virtual_pipeline* running = nullptr;
    std::vector<int> seen;
    f.handle_message = [&](test_message& m) {
        note(*running, m);
        seen.push_back(m.data);
        m.data = 77;
        if (m.attempt() < 3) throw std::runtime_error{"not yet"};
    };
    std::size_t failed_for_good = 0;
    f.handle_failed = [&](std::span<test_message> s) { failed_for_good += s.size(); };
    auto p = begin({.retry = thrice});
    running = &p;
    began = p.now();
    source->emit({5});
    p.advance(99ms);
    EXPECT_EQ(source->settled(), 0U);
    EXPECT_EQ(p->snapshot().in_flight, 1U);
    p.advance(1s);
    EXPECT_THAT(course, ElementsAre(Pair(0ms, 1U), Pair(100ms, 2U), Pair(300ms, 3U)));
    EXPECT_THAT(seen, ElementsAre(5, 5, 5));
    EXPECT_EQ(source->count(outcome::successful), 1U);
    EXPECT_EQ(source->settled(), 1U);
    EXPECT_EQ(failed_for_good, 0U);
    EXPECT_EQ(p->snapshot().retried, 2U);
}

TEST_F(RetryTest, HandleFailedSeesTheLastFailureOnly) {
    std::vector<std::string> reasons;
    f.handle_message = [](test_message& m) { m.fail("attempt " + std::to_string(m.attempt())); };
    f.handle_failed = [&](std::span<test_message> s) {
        for (const auto& m : s)
            reasons.push_back(m.failure()->text);
    };
    auto p = begin({.retry = thrice});
    source->emit({1});
    p.advance(1h);
    EXPECT_THAT(reasons, ElementsAre("attempt 3"));
    EXPECT_EQ(source->count(outcome::failed), 1U);
    EXPECT_EQ(source->settled(), 1U);
    EXPECT_EQ(reason_of(1), "attempt 3");
}

TEST_F(RetryTest, OthersPassWhileOneWaits) {
    f.handle_message = [](test_message& m) {
        if (m.data == 0 && m.attempt() == 1) m.fail("first time");
    };
    auto p = begin({.retry = thrice});
    source->emit_range(0, 40);
    p.run();
    EXPECT_EQ(source->settled(), 39U);
    p.advance(100ms);
    EXPECT_EQ(source->count(outcome::successful), 40U);
}

TEST_F(RetryTest, WhatCannotBeDecodedIsNotTriedAgain) {
    auto p = begin({.retry = thrice});
    source->emit({-1, -2});
    p.run();
    EXPECT_EQ(source->count(outcome::failed), 2U);
}

TEST_F(RetryTest, AMessageThatFailedInABatchStartsOver) {
    std::map<int, int> handled;
    std::size_t batches = 0;
    f.handle_message = [&](test_message& m) { ++handled[m.data]; };
    f.handle_batch = [&](test_batch& b) {
        if (++batches == 1) throw std::runtime_error{"the whole batch"};
        if (batches == 2) b[0].fail("one of it");
    };
    auto p = begin({.batchers = {{.batch_size = 3, .batch_timeout = 10ms}}, .retry = thrice});
    source->emit_range(0, 3);
    p.advance(10s);
    EXPECT_EQ(source->count(outcome::successful), 3U);
    EXPECT_EQ(source->settled(), 3U);
    EXPECT_EQ(handled[0], 3);
    EXPECT_EQ(handled[1], 2);
    EXPECT_EQ(p->snapshot().retried, 4U);
}

TEST_F(RetryTest, BeyondMaxWaitingAMessageFailsAtOnceAndSaysWhy) {
    f.handle_message = [](test_message& m) { m.fail("no"); };
    auto o = thrice;
    o.max_waiting = 2;
    auto p = begin({.retry = o});
    source->emit_range(0, 5);
    p.run();
    EXPECT_EQ(source->count(outcome::failed), 3U);
    EXPECT_EQ(p->snapshot().retries_refused, 3U);
    for (const auto& [token, e] : source->endings())
        EXPECT_THAT(e.reason, HasSubstr("not tried again, since 2 messages wait"));
    p.advance(1h);
    EXPECT_EQ(source->count(outcome::failed), 5U);
}

TEST_F(RetryTest, TheTotalLimitEndsTheAttempts) {
    virtual_pipeline* running = nullptr;
    f.handle_message = [&](test_message& m) {
        note(*running, m);
        m.fail("no");
    };
    auto p = begin(
        {.retry = {.max_attempts = 100, .delay = 100ms, .factor = 1.0, .jitter = 0.0, .total_limit = 250ms}});
    running = &p;
    began = p.now();
    source->emit({1});
    p.advance(1h);
    EXPECT_THAT(course, ElementsAre(Pair(0ms, 1U), Pair(100ms, 2U), Pair(200ms, 3U)));
}

TEST_F(RetryTest, OnDrainingThoseThatWaitGetOneImmediateLastAttempt) {
    virtual_pipeline* running = nullptr;
    f.handle_message = [&](test_message& m) {
        note(*running, m);
        m.fail("no");
    };
    auto p = begin({.retry = {.max_attempts = 100, .delay = 1h, .max_delay = 1h, .jitter = 0.0}});
    running = &p;
    began = p.now();
    source->emit({1});
    p.run();
    const auto report = p.stop();
    EXPECT_TRUE(report.drained);
    EXPECT_EQ(report.failed, 1U);
    EXPECT_THAT(course, ElementsAre(Pair(0ms, 1U), Pair(0ms, 2U)));
}

TEST_F(RetryTest, WhatFailsInABatchWhileDrainingIsTriedAgainAndLeavesItsBatcherAtOnce) {
    f.handle_batch = [](test_batch& b) {
        for (auto& m : b)
            if (m.attempt() == 1) m.fail("first time");
    };
    auto p = begin({.batchers = {{.batch_size = 100, .batch_timeout = 1h}}, .retry = thrice});
    source->emit_range(0, 30);
    const auto report = p.stop(1min);
    EXPECT_TRUE(report.drained);
    EXPECT_EQ(report.successful, 30U);
}

TEST_F(RetryTest, AtTheDeadlineThoseThatWaitAreAbandoned) {
    source->drains_at_once = false;
    std::size_t attempts = 0;
    f.handle_message = [&](test_message& m) {
        ++attempts;
        m.fail("no");
    };
    auto p = begin({.retry = {.max_attempts = 100, .delay = 1h, .max_delay = 1h, .jitter = 0.0}});
    source->emit({1});
    p.run();
    const auto report = p.stop(0ms);
    EXPECT_FALSE(report.drained);
    EXPECT_EQ(source->settled(), 1U);
    EXPECT_LE(attempts, 2U);
}

TEST_F(RetryTest, TellsOfEachAttempt) {
    std::vector<std::string> told;
    bus->attach<message_retry>("test", [&](const message_retry& e) {
        told.push_back(
            std::string{to_string(e.stage)} + " " + std::to_string(e.attempt) + " " + std::string{e.reason} +
            " " + std::to_string(e.pause.count()));
    });
    f.handle_message = [](test_message& m) { m.fail("no"); };
    auto p = begin({.retry = thrice});
    source->emit({1});
    p.advance(1h);
    EXPECT_THAT(told, ElementsAre("handle_message 1 no 100", "handle_message 2 no 200"));
}

} // namespace
} // namespace weir::pipeline::testing
