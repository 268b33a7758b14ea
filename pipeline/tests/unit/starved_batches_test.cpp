// Open batches while the window of their source is used up.

#include "ruled_pipeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class StarvedBatchesTest : public RuledPipelineTest {
  protected:
    StarvedBatchesTest() { source = std::make_shared<test_source>(window); }

    static constexpr std::size_t window = 10;

    static options slow_batcher(std::size_t processors = 1) {
        return one_batcher({.batch_size = 100, .batch_timeout = 1h}, processors);
    }

    /// However often the window is used up, its messages leave and make room, without time passing.
    void expect_flow(batcher_options b) {
        b.batch_size = 100;
        b.batch_timeout = 1h;
        auto p = begin(one_batcher(std::move(b), 2));
        std::size_t settled = 0;
        int next = 0;
        for (int round = 0; round < 30; ++round) {
            // The source lets out as much as the window has room for.
            const auto room = 10 - (next - static_cast<int>(settled));
            source->emit_range(next, room);
            next += room;
            p.run();
            EXPECT_GT(source->settled(), settled) << "round " << round;
            settled = source->settled();
        }
        EXPECT_EQ(p.now(), time_point{} + 1h) << "no time passed";
        for (const auto& left : batches)
            EXPECT_EQ(left.trigger, batch_trigger::starved);
    }
};

TEST_F(StarvedBatchesTest, LeaveWithPartitions) {
    f.partition = [](const test_message& m) { return m.data; };
    expect_flow({.concurrency = 3, .partitioned = true});
}

TEST_F(StarvedBatchesTest, LeaveWithSerialKeys) {
    f.handle_message = [](test_message& m) { m.put_batch_key(std::to_string(m.data % 3)); };
    expect_flow({.concurrency = 3, .serial_per_key = true});
}

TEST_F(StarvedBatchesTest, LeaveWithRoomForMoreBytes) {
    expect_flow({.max_bytes = 1'000});
}

TEST_F(StarvedBatchesTest, LeaveThoughTheirSplitterKeepsThemOpen) {
    expect_flow({.max_demand = 100, .splitter = true});
}

TEST_F(StarvedBatchesTest, LeaveWhereTheIntakeStops) {
    f.handle_message = [](test_message& m) { m.put_batch_key(std::to_string(m.data)); };
    expect_flow({.max_open_messages = 100, .at_max_open = open_bound::intake_stops});
}

TEST_F(StarvedBatchesTest, LeaveEarlyWhenTheWindowIsUsedUp) {
    expect_flow({});
}

TEST_F(StarvedBatchesTest, LeaveOneAfterTheOtherOldestFirst) {
    f.handle_message = [](test_message& m) { m.put_batch_key(m.data < 5 ? "first" : "second"); };
    auto p = begin(slow_batcher());
    source->emit_range(0, 10);
    p.run();
    ASSERT_THAT(batches, SizeIs(1)) << "the window has room again, the other batch waits";
    EXPECT_EQ(batches[0].key, "first");
    EXPECT_EQ(batches[0].trigger, batch_trigger::starved);
    source->emit_range(10, 5);
    p.run();
    ASSERT_THAT(batches, SizeIs(2));
    EXPECT_THAT(batches[1].data, SizeIs(10));
}

TEST_F(StarvedBatchesTest, WaitAsLongAsTheWindowHasRoom) {
    auto p = begin(slow_batcher());
    source->emit_range(0, 9);
    p.advance(59min);
    EXPECT_THAT(batches, IsEmpty());
    source->emit({9});
    p.run();
    EXPECT_EQ(source->settled(), 10U);
}

TEST_F(StarvedBatchesTest, WaitForTheirTimeWhenMessagesAreOutsideOfTheWindow) {
    source->windowed = false;
    auto p = begin(slow_batcher());
    source->emit_range(0, 30);
    p.advance(59min);
    EXPECT_THAT(batches, IsEmpty());
    p.advance(1min);
    ASSERT_THAT(batches, SizeIs(1));
    EXPECT_EQ(batches[0].trigger, batch_trigger::timeout);
}

TEST_F(StarvedBatchesTest, CountTheWindowOfEachSourceApart) {
    const auto other = std::make_shared<test_source>(window);
    auto o = slow_batcher(2);
    o.name = "apart";
    auto p =
        virtual_pipeline::start<int>(o, {source, other}, ruled_handler{std::make_shared<rules>(f)}, &decode);
    source->emit_range(0, 5);
    other->emit_range(100, 9);
    p.run();
    EXPECT_THAT(batches, IsEmpty()) << "fourteen messages, but no window is used up";
    other->emit({109});
    p.run();
    EXPECT_EQ(other->settled(), 10U);
}

TEST_F(StarvedBatchesTest, ReleaseAWindowThatShrinksByFailures) {
    f.handle_message = [](test_message& m) {
        if (m.data < 5) m.fail("no");
    };
    auto p = begin(slow_batcher(2));
    source->emit_range(0, 10);
    p.run();
    EXPECT_EQ(source->settled(), 5U);
    source->emit_range(10, 5); // the five places that the failures freed
    p.run();
    EXPECT_EQ(source->settled(), 15U);
}

} // namespace
} // namespace weir::pipeline::testing
