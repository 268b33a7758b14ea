// Batchers and batch processors at work in a pipeline.

#include "test_pipeline.hpp"

#include <weir/pipeline/this_worker.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;
using testing::callbacks;
using testing::door;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::run;
using ::testing::SizeIs;
using testing::test_batch;
using testing::test_message;
using testing::test_source;
using ::testing::UnorderedElementsAre;

class BatchesTest : public ::testing::Test {
  protected:
    struct seen {
        std::string batcher;
        std::string key;
        std::vector<int> data;
        batch_trigger trigger;
    };

    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    callbacks f;
    std::mutex mutex;
    std::vector<seen> batches;

    BatchesTest() {
        f.handle_batch = [this](test_batch& b) { record(b); };
    }

    void record(const test_batch& b) {
        const std::scoped_lock lock{mutex};
        auto& s = batches.emplace_back(
            seen{std::string{b.info().batcher}, b.info().batch_key, {}, b.info().trigger});
        EXPECT_EQ(b.info().size, b.size());
        for (const auto& m : b)
            s.data.push_back(m.data);
    }

    [[nodiscard]] std::vector<std::size_t> sizes() {
        const std::scoped_lock lock{mutex};
        std::vector<std::size_t> all;
        for (const auto& b : batches)
            all.push_back(b.data.size());
        return all;
    }

    static options one_batcher(batcher_options b, std::size_t processors = 1) {
        return {.processors = {.concurrency = processors}, .batchers = {std::move(b)}};
    }

    std::string reason_of(std::uint64_t token) const {
        const auto all = source->endings();
        const auto found = all.find(token);
        return found == all.end() ? "not settled" : found->second.reason;
    }
};

TEST_F(BatchesTest, LeaveWhenFull) {
    auto p = run(one_batcher({.batch_size = 3, .batch_timeout = 1h}), source, f);
    source->emit_range(0, 7);
    ASSERT_TRUE(source->wait_settled(6));
    ASSERT_THAT(sizes(), ElementsAre(3, 3));
    EXPECT_THAT(batches[0].data, ElementsAre(0, 1, 2));
    EXPECT_EQ(batches[0].trigger, batch_trigger::size);
    EXPECT_EQ(source->settled(), 6U) << "only handle_batch makes a message successful";
}

TEST_F(BatchesTest, LeaveByTimeoutHoweverSmall) {
    auto p = run(one_batcher({.batch_size = 100, .batch_timeout = 20ms}), source, f);
    source->emit({1});
    ASSERT_TRUE(source->wait_settled(1));
    source->emit({2, 3});
    ASSERT_TRUE(source->wait_settled(3));
    EXPECT_EQ(batches.back().trigger, batch_trigger::timeout);
}

// The second batch processor has slept without a time to wake up; the first is busy for good.
TEST_F(BatchesTest, LeaveByTimeoutAlsoWhenAnotherBatchProcessorIsBusy) {
    door d;
    f.handle_batch = [&](test_batch& b) {
        if (b[0].data == 0) d.pass();
        record(b);
    };
    auto p = run(one_batcher({.batch_size = 100, .batch_timeout = 20ms, .concurrency = 2}), source, f);
    source->emit({0});
    ASSERT_TRUE(d.wait_for_waiting(1));
    for (int i = 1; i <= 3; ++i) {
        source->emit({i});
        EXPECT_TRUE(source->wait_settled(static_cast<std::size_t>(i)));
    }
    d.open();
}

TEST_F(BatchesTest, LeaveAtOnceInFlushMode) {
    f.handle_message = [](test_message& m) {
        if (m.data == 2) m.put_batch_mode(batch_mode::flush);
    };
    auto p = run(one_batcher({.batch_size = 100, .batch_timeout = 1h}), source, f);
    source->emit({1});
    source->emit({2});
    ASSERT_TRUE(source->wait_settled(2));
    EXPECT_THAT(sizes(), ElementsAre(2));
    EXPECT_EQ(batches[0].trigger, batch_trigger::flush);
}

TEST_F(BatchesTest, LeaveAtOnceWhenThePipelineDrains) {
    auto p = run(one_batcher({.batch_size = 3, .batch_timeout = 60s}), source, f);
    source->emit_range(0, 8);
    EXPECT_TRUE(p.stop().drained);
    EXPECT_THAT(sizes(), ElementsAre(3, 3, 2));
    EXPECT_EQ(batches.back().trigger, batch_trigger::flush);
    EXPECT_EQ(source->count(outcome::successful), 8U);
}

TEST_F(BatchesTest, NeverMixKeys) {
    f.handle_message = [](test_message& m) { m.put_batch_key(m.data % 2 == 0 ? "even" : "odd"); };
    auto p = run(one_batcher({.batch_size = 4, .batch_timeout = 1h}, 2), source, f);
    source->emit_range(0, 100);
    EXPECT_TRUE(p.stop().drained);
    for (const auto& b : batches)
        for (const auto v : b.data)
            EXPECT_EQ(b.key, v % 2 == 0 ? "even" : "odd");
    EXPECT_EQ(source->count(outcome::successful), 100U);
}

TEST_F(BatchesTest, AreMadeByTheBatcherTheMessageWasRoutedTo) {
    f.handle_message = [](test_message& m) {
        if (m.data >= 10) m.put_batcher("alarms");
        if (m.data == 99) m.put_batcher("nowhere");
    };
    options o{
        .processors = {.concurrency = 1},
        .batchers = {
            {.name = "default", .batch_size = 2, .batch_timeout = 1h}, {.name = "alarms", .batch_size = 1}}};
    auto p = run(o, source, f);
    source->emit({1, 10, 2, 99, 11});
    ASSERT_TRUE(source->wait_settled(5));
    p.stop();
    std::multimap<std::string, std::vector<int>> by_batcher;
    for (const auto& b : batches)
        by_batcher.emplace(b.batcher, b.data);
    EXPECT_THAT(
        by_batcher, UnorderedElementsAre(
                        std::pair{"default", std::vector{1, 2}}, std::pair{"alarms", std::vector{10}},
                        std::pair{"alarms", std::vector{11}}));
    EXPECT_EQ(reason_of(99), "unknown batcher \"nowhere\"; known: \"default\", \"alarms\"");
}

TEST_F(BatchesTest, TakeUnroutedMessagesWhenThereIsOneBatcherOfAnyName) {
    auto p = run(one_batcher({.name = "only", .batch_size = 1}), source, f);
    source->emit({1});
    ASSERT_TRUE(source->wait_settled(1));
    EXPECT_EQ(source->count(outcome::successful), 1U);
    EXPECT_EQ(batches[0].batcher, "only");
}

TEST_F(BatchesTest, DoNotGetMessagesThatFailedBefore) {
    f.handle_message = [](test_message& m) {
        if (m.data % 3 == 0) m.fail("third");
        if (m.data % 3 == 1) m.put_batcher("default");
    };
    auto p = run(one_batcher({.batch_size = 2, .batch_timeout = 1h}), source, f);
    source->emit_range(0, 9);
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(source->count(outcome::failed), 3U);
    EXPECT_EQ(source->count(outcome::successful), 6U);
}

TEST_F(BatchesTest, AreSettledByTheStatusOfEachMessage) {
    std::vector<std::vector<int>> shown;
    f.handle_batch = [](test_batch& b) {
        for (auto& m : b)
            if (m.data % 2 == 1) m.fail("odd");
    };
    f.handle_failed = [&](std::span<test_message> s) {
        auto& call = shown.emplace_back();
        for (const auto& m : s)
            call.push_back(m.data);
    };
    auto p = run(one_batcher({.batch_size = 5}), source, f);
    source->emit_range(0, 5);
    ASSERT_TRUE(source->wait_settled(5));
    EXPECT_THAT(shown, ElementsAre(ElementsAre(1, 3)));
    EXPECT_EQ(source->count(outcome::failed), 2U);
    EXPECT_EQ(reason_of(3), "odd");
    EXPECT_EQ(source->count(outcome::successful), 3U);
}

TEST_F(BatchesTest, FailAsAWholeWhenTheirCallbackThrows) {
    f.handle_batch = [](test_batch& b) {
        if (b[0].data == 0) throw std::runtime_error{"disk full"};
    };
    auto p = run(one_batcher({.batch_size = 5, .batch_timeout = 1h}), source, f);
    source->emit_range(0, 10);
    ASSERT_TRUE(source->wait_settled(10));
    EXPECT_EQ(source->count(outcome::failed), 5U);
    EXPECT_EQ(reason_of(4), "disk full");
    EXPECT_EQ(source->count(outcome::successful), 5U);
}

TEST_F(BatchesTest, MayBeReorderedByTheirCallback) {
    f.handle_batch = [](test_batch& b) {
        std::reverse(b.begin(), b.end());
        for (auto& m : b)
            if (m.data == 1) m.fail("one");
    };
    auto p = run(one_batcher({.batch_size = 4}), source, f);
    source->emit_range(0, 4);
    ASSERT_TRUE(source->wait_settled(4));
    EXPECT_EQ(reason_of(1), "one");
    EXPECT_EQ(source->count(outcome::failed), 1U);
    EXPECT_EQ(source->count(outcome::successful), 3U);
}

TEST_F(BatchesTest, AreSettledBeforeTheNextOneIsTakenUp) {
    std::size_t settled_at_second = 0;
    f.handle_batch = [&](test_batch& b) {
        if (b[0].data == 2) settled_at_second = source->settled();
    };
    auto p = run(one_batcher({.batch_size = 2, .batch_timeout = 1h}), source, f);
    source->emit_range(0, 4);
    ASSERT_TRUE(source->wait_settled(4));
    EXPECT_EQ(settled_at_second, 2U);
}

TEST_F(BatchesTest, GoToSeveralBatchProcessorsAtOnce) {
    door d;
    f.handle_batch = [&](test_batch&) { d.pass(); };
    auto p = run(one_batcher({.batch_size = 2, .batch_timeout = 1h, .concurrency = 3}), source, f);
    source->emit_range(0, 6);
    EXPECT_TRUE(d.wait_for_waiting(3));
    d.open();
    EXPECT_TRUE(source->wait_settled(6));
}

TEST_F(BatchesTest, GoToWhicheverBatchProcessorIsFree) {
    std::set<std::string> used;
    door d;
    f.handle_batch = [&](test_batch&) {
        {
            const std::scoped_lock lock{mutex};
            used.emplace(this_worker::name());
        }
        d.pass();
    };
    auto p = run(one_batcher({.batch_size = 1, .concurrency = 3}), source, f);
    source->emit_range(0, 3);
    EXPECT_TRUE(d.wait_for_waiting(3)) << "a batch waits while a batch processor is free";
    d.open();
    ASSERT_TRUE(source->wait_settled(3));
    p.stop();
    EXPECT_THAT(used, SizeIs(3));
}

TEST_F(BatchesTest, BlockedAtTheirSinkStopProcessorsAndThenTheSource) {
    door d;
    std::atomic<std::size_t> handled{0};
    f.handle_message = [&](test_message&) { ++handled; };
    f.handle_batch = [&](test_batch&) { d.pass(); };
    auto p = run(one_batcher({.batch_size = 5, .batch_timeout = 1h, .max_demand = 5}, 2), source, f);
    source->emit_range(0, 2'000);
    ASSERT_TRUE(d.wait_for_waiting(1));
    // In hand: 5. Waiting: 2 x 5, then whatever the processors' credit of 2 x 10 lets in; and an open batch.
    const std::size_t bound = 5 + 10 + 20 + 5;
    const auto stable = [&] {
        auto before = handled.load();
        for (int same = 0; same < 20; ++same) {
            std::this_thread::sleep_for(1ms); // to see that nothing happens there is nothing to wait for
            if (handled != before) same = 0;
            before = handled.load();
        }
        return before;
    }();
    EXPECT_LE(stable, bound);
    EXPECT_LE(test_source::sum_of(source->announced()), bound);
    EXPECT_GE(p.snapshot().queues[1].length, 2'000 - 20 - bound);
    d.open();
    EXPECT_TRUE(source->wait_settled(2'000));
    EXPECT_TRUE(p.stop().drained);
}

TEST_F(BatchesTest, OfASlowBatcherDoNotHoldUpThoseOfAFastOne) {
    door d;
    std::atomic<std::size_t> fast{0};
    f.handle_message = [](test_message& m) { m.put_batcher(m.data < 50 ? "slow" : "fast"); };
    f.handle_batch = [&](test_batch& b) {
        if (b.info().batcher == "slow")
            d.pass();
        else
            fast += b.size();
    };
    options o{
        .processors = {.concurrency = 2, .max_demand = 50},
        .batchers = {{.name = "slow", .batch_size = 1, .max_demand = 5}, {.name = "fast", .batch_size = 1}}};
    auto p = run(o, source, f);
    source->emit_range(0, 50); // far beyond what may wait for the slow batcher
    ASSERT_TRUE(d.wait_for_waiting(1));
    source->emit_range(50, 30);
    EXPECT_TRUE(source->wait_settled(30));
    EXPECT_EQ(fast, 30U);
    d.open();
    EXPECT_TRUE(source->wait_settled(80));
    EXPECT_TRUE(p.stop().drained);
    const auto announced = test_source::sum_of(source->announced());
    EXPECT_GE(announced, 100U + 80U - 50U) << "the credit of the slow batcher's messages came back";
}

TEST_F(BatchesTest, StayWithinTheBoundOfThePipeline) {
    f.handle_message = [](test_message& m) { m.put_batch_key(std::to_string(m.data % 50)); };
    options o{
        .processors = {.concurrency = 2},
        .batchers = {{.batch_size = 10, .batch_timeout = 1h, .max_open_messages = 40}},
        .buffer_size = 5'000};
    auto p = run(o, source, f);
    source->emit_range(0, 3'000);
    const auto s = p.snapshot();
    EXPECT_LE(s.queues[0].length, s.queues[0].bound);
    for (const auto& q : s.queues)
        EXPECT_LE(q.length, q.bound) << q.name;
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(source->count(outcome::successful), 3'000U);
    bool early = false;
    for (const auto& b : batches)
        early |= b.trigger == batch_trigger::bound;
    EXPECT_TRUE(early);
}

} // namespace
} // namespace weir::pipeline
