// The number of workers changes while they work.

#include "test_pipeline.hpp"

#include <weir/pipeline/errc.hpp>
#include <weir/pipeline/per_worker.hpp>
#include <weir/pipeline/testing/virtual_pipeline.hpp>
#include <weir/pipeline/this_worker.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <system_error>
#include <vector>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

struct ordered_handler : function_handler {
    [[nodiscard]] std::int64_t partition_by(const int& raw) const { return raw % 10; }
};

class ResizeTest : public ::testing::Test {
  protected:
    running_pipeline begin(options o) {
        o.name = "resized";
        return start<int>(std::move(o), {source}, ordered_handler{{std::make_shared<callbacks>(f)}}, &decode);
    }

    virtual_pipeline begin_virtual(options o) {
        o.name = "resized";
        return virtual_pipeline::start<int>(
            std::move(o), {source}, ordered_handler{{std::make_shared<callbacks>(f)}}, &decode);
    }

    void record_workers() {
        f.handle_message = [this](test_message&) {
            const std::scoped_lock lock{mutex};
            workers.insert(std::string{this_worker::name()});
        };
    }

    /// Changes the number again and again while messages flow.
    void exercise(ordering mode) {
        std::array<int, 10> last{};
        last.fill(-1);
        std::atomic<bool> disorder{false};
        f.handle_message = [&](test_message& m) {
            if (mode == ordering::none) return;
            auto& l = last[static_cast<std::size_t>(m.data % 10)];
            if (l >= m.data) disorder = true;
            l = m.data;
        };
        auto p = begin({.processors = {.concurrency = 2, .ordering = {.mode = mode}}, .buffer_size = 20'000});
        int next = 0;
        for (const std::size_t n : {8U, 1U, 5U, 3U, 12U, 2U, 2U, 7U, 1U, 4U}) {
            source->emit_range(next, 1'000);
            EXPECT_TRUE(p.set_processors(n).has_value());
            EXPECT_EQ(p.processors(), n);
            source->emit_range(next + 1'000, 1'000);
            next += 2'000;
        }
        EXPECT_TRUE(source->wait_settled(20'000));
        EXPECT_TRUE(p.stop().drained);
        EXPECT_EQ(source->count(outcome::successful), 20'000U);
        EXPECT_EQ(source->settled(), 20'000U);
        EXPECT_FALSE(disorder);
    }

    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    callbacks f;
    std::mutex mutex;
    std::set<std::string> workers;
};

TEST_F(ResizeTest, LosesNothing) {
    exercise(ordering::none);
}

TEST_F(ResizeTest, KeepsTheOrderInLanes) {
    exercise(ordering::keyed);
}

TEST_F(ResizeTest, NewProcessorsWorkAndDemandGrowsWithThem) {
    door d;
    f.handle_message = [&](test_message&) { d.pass(); };
    auto p = begin({.processors = {.concurrency = 1, .min_demand = 9}});
    EXPECT_THAT(source->announced(), ElementsAre(10));
    EXPECT_TRUE(p.set_processors(4).has_value());
    EXPECT_THAT(source->announced(), ElementsAre(10, 30));
    source->emit_range(0, 4);
    EXPECT_TRUE(d.wait_for_waiting(4)) << "each in the hands of its own";
    d.open();
    EXPECT_TRUE(source->wait_settled(4));
}

TEST_F(ResizeTest, FewerProcessorsFinishWhatTheyHaveAndDemandShrinks) {
    record_workers();
    auto p = begin_virtual({.processors = {.concurrency = 4, .min_demand = 9}});
    EXPECT_TRUE(p->set_processors(1).has_value());
    source->emit_range(0, 100);
    p.run();
    EXPECT_THAT(workers, ElementsAre("resized.Processor_default_0"));
    EXPECT_EQ(source->count(outcome::successful), 100U);
    EXPECT_EQ(test_source::sum_of(source->announced()), 40U + 100U - 60U - 30U)
        << "sixty came beyond demand; thirty are kept back for good";
    EXPECT_LE(p->snapshot().queues[0].length, p->snapshot().queues[0].bound);
}

TEST_F(ResizeTest, WhatThoseWhoLeaveHeldBackIsAskedForAgain) {
    auto p = begin_virtual({.processors = {.concurrency = 8}});
    std::size_t emitted = 0;
    // As a producer does that emits only what it was asked for.
    const auto answer = [&](std::size_t at_most) {
        const auto asked = test_source::sum_of(source->announced()) - emitted;
        const auto count = std::min(asked, at_most);
        source->emit_range(static_cast<int>(emitted), static_cast<int>(count));
        p.run();
        emitted += count;
    };
    for (const std::size_t n : {8U, 1U, 5U, 2U, 1U}) {
        EXPECT_TRUE(p->set_processors(n).has_value());
        for (int i = 0; i < 100; ++i)
            answer(3);
    }
    EXPECT_EQ(emitted, 1'500U);
    EXPECT_TRUE(p.stop().drained);
}

TEST_F(ResizeTest, AWorkerThatIsStuckDoesNotHoldUpTheChange) {
    door d;
    f.handle_message = [&](test_message& m) {
        if (m.data == 0) d.pass();
    };
    auto p = begin({.processors = {.concurrency = 2}});
    source->emit({0});
    ASSERT_TRUE(d.wait_for_waiting(1));
    EXPECT_TRUE(p.set_processors(1).has_value());
    EXPECT_TRUE(p.set_processors(3).has_value());
    source->emit_range(1, 50);
    EXPECT_TRUE(source->wait_settled(50));
    d.open();
    EXPECT_TRUE(source->wait_settled(51));
    EXPECT_TRUE(p.stop().drained);
}

TEST_F(ResizeTest, MayBeAskedForInsideOfACallback) {
    virtual_pipeline* running = nullptr;
    f.handle_message = [&](test_message& m) {
        EXPECT_TRUE((*running)->set_processors(m.data % 2 == 0 ? 1 : 3).has_value());
    };
    auto p = begin_virtual({.processors = {.concurrency = 3, .min_demand = 9}});
    running = &p;
    source->emit_range(0, 30);
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(source->count(outcome::successful), 30U);
}

TEST_F(ResizeTest, PartitionsChangeOnlyWhileNothingIsInThem) {
    record_workers();
    auto p = begin_virtual({.processors = {.concurrency = 2, .ordering = {.mode = ordering::partitioned}}});
    source->emit({3});
    const auto refused = p->set_processors(4);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, make_error_code(errc::not_quiescent));
    EXPECT_EQ(p->processors(), 2U);
    p.run();
    EXPECT_THAT(workers, ElementsAre("resized.Processor_default_1"));
    EXPECT_TRUE(p->set_processors(4).has_value());
    source->emit({3, 4});
    p.run();
    EXPECT_THAT(
        workers,
        ElementsAre(
            "resized.Processor_default_0", "resized.Processor_default_1", "resized.Processor_default_3"));
    EXPECT_TRUE(p->set_processors(1).has_value());
    source->emit_range(0, 20);
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(source->count(outcome::successful), 23U);
}

TEST_F(ResizeTest, BatchProcessorsChangeWithoutLoss) {
    auto p =
        begin({.processors = {.concurrency = 2}, .batchers = {{.batch_size = 3}}, .buffer_size = 20'000});
    int next = 0;
    for (const std::size_t n : {4U, 1U, 6U, 2U, 1U, 3U}) {
        source->emit_range(next, 1'000);
        EXPECT_TRUE(p.set_batch_processors("default", n).has_value());
        EXPECT_EQ(p.batch_processors("default"), n);
        next += 1'000;
    }
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(source->count(outcome::successful), 6'000U);
    EXPECT_EQ(source->settled(), 6'000U);
}

TEST_F(ResizeTest, MoreBatchProcessorsHandleMoreBatchesAtOnce) {
    door d;
    f.handle_batch = [&](test_batch&) { d.pass(); };
    auto p = begin({.processors = {.concurrency = 1}, .batchers = {{.batch_size = 1}}});
    EXPECT_TRUE(p.set_batch_processors("default", 3).has_value());
    source->emit_range(0, 3);
    EXPECT_TRUE(d.wait_for_waiting(3));
    d.open();
    EXPECT_TRUE(p.stop().drained);
}

TEST_F(ResizeTest, SaysWhyItIsRefused) {
    auto p = begin(
        {.processors = {.concurrency = 2, .max_concurrency = 3},
         .batchers = {{.name = "bound", .concurrency = 2, .partitioned = true}}});
    const auto code = [](const result<std::size_t>& r) { return r ? std::error_code{} : r.error().code; };
    EXPECT_EQ(code(p.set_processors(0)), make_error_code(errc::invalid_options));
    EXPECT_EQ(code(p.set_processors(4)), make_error_code(errc::invalid_options));
    EXPECT_EQ(code(p.set_batch_processors("no such", 1)), make_error_code(errc::invalid_options));
    EXPECT_EQ(code(p.set_batch_processors("bound", 3)), make_error_code(errc::bound_to_partitions));
    p.stop();
    EXPECT_EQ(code(p.set_processors(3)), make_error_code(errc::not_running));
    EXPECT_EQ(p.processors(), 2U);
}

TEST_F(ResizeTest, ChangesNothingWhenANewWorkerCannotBegin) {
    std::atomic<int> made{0};
    auto p = start<int>(
        {.name = "resized", .processors = {.concurrency = 2}}, {source}, per_worker{[&] {
            if (++made > 3) throw std::runtime_error{"no connection"};
            return function_handler{std::make_shared<callbacks>()};
        }},
        &decode);
    const auto refused = p.set_processors(5);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, make_error_code(errc::worker_failed));
    EXPECT_EQ(refused.error().detail, "no connection");
    EXPECT_EQ(p.processors(), 2U);
    source->emit_range(0, 100);
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(source->count(outcome::successful), 100U);
}

} // namespace
} // namespace weir::pipeline::testing
