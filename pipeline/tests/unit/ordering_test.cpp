// Which processor handles a message, and in which order: partitions and lanes.

#include "test_pipeline.hpp"

#include <weir/pipeline/per_worker.hpp>
#include <weir/pipeline/testing/virtual_pipeline.hpp>
#include <weir/pipeline/this_worker.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int keys = 10;

/// By the last digit; -7 is refused, -9 throws.
std::int64_t digit(int value) {
    if (value == -9) throw std::runtime_error{"no idea"};
    return value < 0 ? value : value % keys;
}

struct ordered_handler : function_handler {
    [[nodiscard]] std::int64_t partition_by(const int& raw) const { return digit(raw); }
};

class OrderingTest : public ::testing::Test {
  protected:
    ordered_handler handler() { return {{std::make_shared<callbacks>(f)}}; }

    running_pipeline begin(options o) {
        o.name = "ordered";
        return start<int>(std::move(o), {source}, handler(), &decode);
    }

    virtual_pipeline begin_virtual(options o, std::uint64_t seed = 0) {
        o.name = "ordered";
        return virtual_pipeline::start<int>(std::move(o), {source}, handler(), &decode, nullptr, seed);
    }

    /// Remembers what each key saw, and whether two of a key were ever handled at once.
    void record() {
        f.handle_message = [this](test_message& m) {
            const auto key = static_cast<std::size_t>(m.data % keys);
            if (busy[key].exchange(true)) overlapped = true;
            if (before) before(m);
            {
                const std::scoped_lock lock{mutex};
                seen[key].push_back(m.data);
                workers[key].insert(std::string{this_worker::name()});
            }
            busy[key] = false;
        };
    }

    /// The accounts follow shortly after the acknowledger was told.
    static bool comes_to(const running_pipeline& p, std::size_t in_flight) {
        const auto limit = std::chrono::steady_clock::now() + 20s;
        while (p.snapshot().in_flight != in_flight) {
            if (std::chrono::steady_clock::now() > limit) return false;
            std::this_thread::yield();
        }
        return true;
    }

    void expect_order() {
        EXPECT_FALSE(overlapped) << "two messages of a key at once";
        for (const auto& s : seen)
            EXPECT_TRUE(std::is_sorted(s.begin(), s.end()));
    }

    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    callbacks f;
    std::function<void(test_message&)> before;
    std::mutex mutex;
    std::array<std::vector<int>, keys> seen;
    std::array<std::set<std::string>, keys> workers;
    std::array<std::atomic<bool>, keys> busy{};
    std::atomic<bool> overlapped{false};
};

TEST_F(OrderingTest, PartitionedBindsAMessageToItsProcessorAndKeepsTheOrder) {
    record();
    auto p = begin({.processors = {.concurrency = 4, .ordering = {.mode = ordering::partitioned}}});
    for (int i = 0; i < 5'000; i += 50)
        source->emit_range(i, 50);
    ASSERT_TRUE(source->wait_settled(5'000));
    EXPECT_TRUE(p.stop().drained);
    expect_order();
    for (std::size_t key = 0; key < keys; ++key)
        EXPECT_THAT(workers[key], ElementsAre("ordered.Processor_default_" + std::to_string(key % 4)));
    EXPECT_EQ(source->count(outcome::successful), 5'000U);
}

TEST_F(OrderingTest, KeyedHandlesTheMessagesOfALaneOneAfterAnotherOnAnyProcessor) {
    record();
    auto p = begin(
        {.processors = {.concurrency = 4, .ordering = {.mode = ordering::keyed}}, .buffer_size = 20'000});
    for (int i = 0; i < 20'000; i += 40)
        source->emit_range(i, 40);
    ASSERT_TRUE(source->wait_settled(20'000));
    EXPECT_TRUE(p.stop().drained);
    expect_order();
    EXPECT_EQ(source->count(outcome::successful), 20'000U);
}

TEST_F(OrderingTest, KeyedKeepsTheOrderIntoTheBatches) {
    std::map<std::string, std::vector<int>> batched;
    f.handle_message = [](test_message& m) { m.put_batch_key(std::to_string(m.data % keys)); };
    f.handle_batch = [&](test_batch& b) {
        for (const auto& m : b)
            batched[b.info().batch_key].push_back(m.data);
    };
    auto p = begin(
        {.processors = {.concurrency = 4, .ordering = {.mode = ordering::keyed}},
         .batchers = {{.batch_size = 7}}});
    source->emit_range(0, 3'000);
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(batched.size(), 10U);
    for (const auto& [key, values] : batched)
        EXPECT_TRUE(std::is_sorted(values.begin(), values.end())) << key;
}

TEST_F(OrderingTest, KeyedBalancesWhatPartitionsWouldPileUp) {
    // With four processors, keys 0, 4 and 8 would all wait behind the one that is stuck.
    door d;
    record();
    before = [&](test_message& m) {
        if (m.data == 0) d.pass();
    };
    auto p = begin({.processors = {.concurrency = 4, .ordering = {.mode = ordering::keyed}}});
    source->emit_range(0, 300);
    EXPECT_TRUE(source->wait_settled(270)) << "nine keys of ten go on";
    EXPECT_TRUE(comes_to(p, 30));
    d.open();
    EXPECT_TRUE(source->wait_settled(300));
    p.stop();
    expect_order();
}

TEST_F(OrderingTest, ASlowPartitionDelaysOthersOnlyWhenTheBufferOfLanesIsFull) {
    door d;
    f.handle_message = [&](test_message& m) {
        if (m.data % 2 == 0) d.pass();
    };
    auto p = begin(
        {.processors = {.concurrency = 2, .ordering = {.mode = ordering::partitioned, .lane_buffer = 200}}});
    EXPECT_THAT(source->announced(), ElementsAre(220)) << "two processors' demand and the buffer";
    std::vector<int> mixed; // three of the slow partition for each of the other
    for (int i = 0; i < 200; i += 8)
        for (const int v : {i, i + 2, i + 4, i + 1})
            mixed.push_back(v);
    source->emit(mixed);
    EXPECT_TRUE(source->wait_settled(25)) << "the other partition is not held up";
    EXPECT_TRUE(comes_to(p, 75));
    EXPECT_LE(p.snapshot().queues[0].length, p.snapshot().queues[0].bound);

    for (int i = 1'000; i < 1'400; i += 2) // fill up what is left with the slow one
        source->emit({i});
    source->emit({2'001});
    EXPECT_FALSE(source->wait_settled(26, 50ms)) << "all credit is with the slow partition";
    d.open();
    EXPECT_TRUE(source->wait_settled(301));
    EXPECT_TRUE(p.stop().drained);
}

TEST_F(OrderingTest, AFailedMessageDoesNotStopItsPartition) {
    record();
    before = [](test_message& m) {
        if (m.data == 3) throw std::runtime_error{"three"};
    };
    auto p = begin_virtual({.processors = {.concurrency = 2, .ordering = {.mode = ordering::keyed}}});
    source->emit({3, 13, 23});
    p.run();
    EXPECT_EQ(source->count(outcome::failed), 1U);
    EXPECT_EQ(source->count(outcome::successful), 2U);
}

TEST_F(OrderingTest, AMessageWithoutAPartitionFailsBeforeAnyWorkerHasIt) {
    std::vector<int> handled;
    f.handle_message = [&](test_message& m) { handled.push_back(m.data); };
    auto p = begin_virtual(
        {.processors = {.concurrency = 1, .ordering = {.mode = ordering::keyed, .lane_buffer = 0}}});
    source->on_settle = [&](std::span<const settlement> s) {
        for (const auto& one : s)
            if (one.result == outcome::failed) source->emit({5}); // a producer may emit in answer
    };
    source->emit({1, -7, 2, -9, 3});
    EXPECT_EQ(source->settled(), 0U) << "not inside of the call that emits";
    p.run();
    EXPECT_THAT(handled, ::testing::UnorderedElementsAre(1, 2, 3, 5, 5));
    const auto ends = source->endings();
    const auto reason = [&](int token) {
        return ends.find(static_cast<std::uint64_t>(token))->second.reason;
    };
    EXPECT_THAT(reason(-7), HasSubstr("partition_by returned -7"));
    EXPECT_THAT(reason(-9), HasSubstr("no idea"));
    EXPECT_EQ(source->count(outcome::failed), 2U);
    for (int i = 0; i < 100; ++i) { // their credit comes back
        source->emit({-7});
        p.run();
    }
    EXPECT_EQ(p->snapshot().in_flight, 0U);
    EXPECT_EQ(p->snapshot().queues[1].length, 0U);
    EXPECT_TRUE(p.stop().drained);
}

TEST_F(OrderingTest, WhatWaitsInLanesIsAbandonedAtTheDeadline) {
    door d;
    f.handle_message = [&](test_message&) { d.pass(); };
    auto p = begin({.processors = {.concurrency = 2, .ordering = {.mode = ordering::keyed}}});
    source->emit_range(0, 200);
    ASSERT_TRUE(d.wait_for_waiting(2));
    const auto report = p.stop(50ms);
    EXPECT_FALSE(report.drained);
    EXPECT_EQ(source->endings().size(), 200U) << "each settled, and once";
    EXPECT_EQ(source->count(outcome::abandoned), 200U);
    d.open();
}

TEST_F(OrderingTest, EveryOrderOfEventsKeepsTheOrderOfMessages) {
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        for (auto& s : seen)
            s.clear();
        source = std::make_shared<test_source>();
        record();
        auto p = begin_virtual(
            {.processors = {.concurrency = 3, .ordering = {.mode = ordering::keyed, .lanes = 4}}}, seed);
        source->emit_range(0, 100);
        p.run();
        source->emit_range(100, 100);
        EXPECT_TRUE(p.stop().drained);
        expect_order();
        EXPECT_EQ(source->count(outcome::successful), 200U);
    }
}

struct static_handler : function_handler {
    static std::int64_t partition_by(const int& raw) { return digit(raw); }
};

TEST_F(OrderingTest, WorksWithAHandlerPerWorkerWhoseFunctionIsStatic) {
    record();
    auto p = start<int>(
        {.name = "own", .processors = {.concurrency = 3, .ordering = {.mode = ordering::partitioned}}},
        {source}, per_worker{[this] { return static_handler{{std::make_shared<callbacks>(f)}}; }}, &decode);
    source->emit_range(0, 500);
    ASSERT_TRUE(source->wait_settled(500));
    p.stop();
    expect_order();
    EXPECT_THAT(workers, Each(::testing::SizeIs(1)));
}

TEST_F(OrderingTest, IsRefusedWithoutAFunction) {
    EXPECT_THROW(
        run({.processors = {.ordering = {.mode = ordering::keyed}}}, source, f), std::invalid_argument);
}

} // namespace
} // namespace weir::pipeline::testing
