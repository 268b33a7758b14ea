// Batches that are tried again as a whole, or in halves; on virtual time.

#include "test_pipeline.hpp"

#include <weir/pipeline/events/failures.hpp>
#include <weir/pipeline/testing/virtual_pipeline.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::Pair;

class BatchRetryTest : public ::testing::Test {
  protected:
    virtual_pipeline begin(const batch_retry_options& r, retry_options messages = {}) {
        auto p = virtual_pipeline::start<int>(
            options{
                .name = "batches",
                .processors = {.concurrency = 1},
                .batchers = {{.name = "b", .batch_size = 4, .batch_timeout = 1ms, .retry = r}},
                .retry = messages},
            {source}, function_handler{std::make_shared<callbacks>(f)}, &decode, bus);
        return p;
    }

    static std::vector<int> values(const test_batch& b) {
        std::vector<int> v;
        for (const auto& m : b)
            v.push_back(m.data);
        return v;
    }

    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    std::shared_ptr<telemetry> bus = std::make_shared<telemetry>();
    callbacks f;
    static constexpr batch_retry_options thrice{
        .max_attempts = 3, .delay = 100ms, .max_delay = 1s, .factor = 2.0, .jitter = 0.0};
};

TEST_F(BatchRetryTest, ABatchThatThrewRunsAgainAsAWhole) {
    std::vector<std::pair<std::chrono::milliseconds, std::vector<int>>> course;
    virtual_pipeline* running = nullptr;
    time_point began;
    f.handle_batch = [&](test_batch& b) {
        course.emplace_back(
            std::chrono::duration_cast<std::chrono::milliseconds>(running->now() - began), values(b));
        if (b[0].attempt() < 3) throw std::runtime_error{"not yet"};
    };
    std::size_t handled = 0;
    f.handle_message = [&](test_message&) { ++handled; };
    std::size_t failures_seen = 0;
    f.handle_failed = [&](std::span<test_message> s) { failures_seen += s.size(); };
    auto p = begin(thrice);
    running = &p;
    began = p.now();
    source->emit_range(0, 4);
    p.run();
    EXPECT_EQ(p->snapshot().in_flight, 4U);
    p.advance(10s);
    EXPECT_THAT(
        course, ElementsAre(
                    Pair(0ms, ElementsAre(0, 1, 2, 3)), Pair(100ms, ElementsAre(0, 1, 2, 3)),
                    Pair(300ms, ElementsAre(0, 1, 2, 3))));
    EXPECT_EQ(source->count(outcome::successful), 4U);
    EXPECT_EQ(source->settled(), 4U);
    EXPECT_EQ(handled, 4U) << "handle_message does not run again";
    EXPECT_EQ(failures_seen, 0U);
    EXPECT_EQ(p->snapshot().batch_retries, 2U);
}

TEST_F(BatchRetryTest, AFailureOfSingleMessagesIsNoFailureOfTheBatch) {
    std::size_t batches = 0;
    f.handle_batch = [&](test_batch& b) {
        ++batches;
        b.fail("no");
    };
    auto p = begin(thrice);
    source->emit_range(0, 4);
    p.advance(10s);
    EXPECT_EQ(batches, 1U);
    EXPECT_EQ(source->count(outcome::failed), 4U);
}

TEST_F(BatchRetryTest, AfterTheLastAttemptItsMessagesFail) {
    std::size_t batches = 0;
    f.handle_batch = [&](test_batch&) {
        ++batches;
        throw std::runtime_error{"never"};
    };
    auto p = begin(thrice);
    source->emit_range(0, 4);
    p.advance(10s);
    EXPECT_EQ(batches, 3U);
    EXPECT_EQ(source->count(outcome::failed), 4U);
    EXPECT_EQ(source->settled(), 4U);
}

TEST_F(BatchRetryTest, ASplitIsolatesTheBadMessages) {
    std::vector<std::vector<int>> course;
    f.handle_batch = [&](test_batch& b) {
        course.push_back(values(b));
        EXPECT_EQ(b.info().size, b.size());
        for (const auto& m : b)
            if (m.data == 2) throw std::runtime_error{"bad"};
    };
    auto p = begin({.split = true});
    source->emit_range(0, 4);
    p.run();
    EXPECT_THAT(
        course,
        ElementsAre(
            ElementsAre(0, 1, 2, 3), ElementsAre(0, 1), ElementsAre(2, 3), ElementsAre(2), ElementsAre(3)));
    EXPECT_EQ(source->count(outcome::successful), 3U);
    EXPECT_EQ(source->endings().find(2)->second.result, outcome::failed);
    EXPECT_EQ(source->endings().find(2)->second.reason, "bad");
}

TEST_F(BatchRetryTest, ABadMessageOfASplitBatchMayBeTriedAgainByItself) {
    std::size_t bad = 0;
    f.handle_batch = [&](test_batch& b) {
        for (const auto& m : b)
            if (m.data == 2 && ++bad < 5) throw std::runtime_error{"bad"};
    };
    auto p = begin({.split = true}, {.max_attempts = 3, .delay = 1s});
    source->emit_range(0, 4);
    p.advance(1min);
    EXPECT_EQ(source->count(outcome::successful), 4U);
    EXPECT_EQ(source->settled(), 4U);
}

TEST_F(BatchRetryTest, BeyondMaxWaitingABatchIsNotTriedAgain) {
    f.handle_batch = [](test_batch&) { throw std::runtime_error{"never"}; };
    auto o = thrice;
    o.max_waiting = 1;
    auto p = begin(o);
    source->emit_range(0, 8);
    p.run();
    EXPECT_EQ(source->count(outcome::failed), 4U);
    EXPECT_EQ(p->snapshot().in_flight, 4U);
}

TEST_F(BatchRetryTest, OnDrainingThoseThatWaitGetOneImmediateLastAttempt) {
    std::size_t batches = 0;
    f.handle_batch = [&](test_batch&) {
        ++batches;
        throw std::runtime_error{"never"};
    };
    auto p = begin({.max_attempts = 100, .delay = 1h, .max_delay = 1h});
    source->emit_range(0, 4);
    p.run();
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(batches, 2U);
    EXPECT_EQ(source->count(outcome::failed), 4U);
}

TEST_F(BatchRetryTest, AtTheDeadlineThoseThatWaitAreAbandoned) {
    source->drains_at_once = false;
    f.handle_batch = [&](test_batch&) { throw std::runtime_error{"never"}; };
    auto p = begin({.max_attempts = 100, .delay = 1h, .max_delay = 1h});
    source->emit_range(0, 4);
    p.run();
    EXPECT_EQ(source->settled(), 0U);
    p.stop(0ms);
    EXPECT_EQ(source->settled(), 4U);
}

TEST_F(BatchRetryTest, TellsOfEachAttempt) {
    std::vector<std::string> told;
    bus->attach<batch_retry>("test", [&](const batch_retry& e) {
        told.push_back(
            std::string{e.batcher} + " " + std::to_string(e.size) + " " + std::to_string(e.attempt) + " " +
            std::string{e.reason});
    });
    f.handle_batch = [&](test_batch&) { throw std::runtime_error{"never"}; };
    auto p = begin(thrice);
    source->emit_range(0, 4);
    p.advance(1min);
    EXPECT_THAT(told, ElementsAre("b 4 1 never", "b 4 2 never"));
}

} // namespace
} // namespace weir::pipeline::testing
