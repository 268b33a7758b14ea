// Demand, chunks, buffers: what a producer can see, and how work is divided.

#include "test_pipeline.hpp"

#include <weir/pipeline/events.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <future>
#include <mutex>
#include <set>
#include <vector>

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;
using ::testing::AllOf;
using testing::callbacks;
using testing::door;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::Ge;
using ::testing::Le;
using testing::run;
using testing::test_message;
using testing::test_source;

class DemandTest : public ::testing::Test {
  protected:
    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    callbacks f;
    std::mutex mutex;
    std::vector<std::size_t> chunks;

    void record_chunks() {
        f.prepare_messages = [this](std::span<test_message> s) {
            const std::scoped_lock lock{mutex};
            chunks.push_back(s.size());
        };
    }
};

TEST_F(DemandTest, BeginsWithWhatAllProcessorsMayHold) {
    auto p = run({.processors = {.concurrency = 3, .max_demand = 7}}, source, f);
    EXPECT_THAT(source->announced(), ElementsAre(21));
}

TEST_F(DemandTest, ComesBackAfterAChunkWasHandledInStepsThatRestoreIt) {
    auto p = run({.processors = {.concurrency = 1}}, source, f);
    source->emit_range(0, 3);
    ASSERT_TRUE(source->wait_settled(3));
    EXPECT_THAT(source->announced(), ElementsAre(10)) << "seven are left, more than min_demand";
    source->emit_range(3, 3);
    ASSERT_TRUE(source->wait_announced(16));
    EXPECT_THAT(source->announced().back(), AllOf(Ge(5U), Le(6U)));
}

TEST_F(DemandTest, IsNotGivenBackBeforeTheChunkWasHandled) {
    door d;
    f.handle_message = [&](auto&) { d.pass(); };
    auto p = run({.processors = {.concurrency = 1}}, source, f);
    source->emit_range(0, 10);
    ASSERT_TRUE(d.wait_for_waiting(1));
    EXPECT_THAT(source->announced(), ElementsAre(10));
    d.open();
    EXPECT_TRUE(source->wait_announced(20));
}

TEST_F(DemandTest, NeverAnnouncesZero) {
    auto p = run({.processors = {.concurrency = 2, .max_demand = 3}}, source, f);
    for (int i = 0; i < 50; ++i)
        source->emit({i});
    ASSERT_TRUE(source->wait_settled(50));
    p.stop();
    EXPECT_THAT(source->announced(), Each(Ge(1U)));
}

TEST_F(DemandTest, CutsABurstIntoChunks) {
    record_chunks();
    source->on_start = [&] { source->emit_range(0, 13); };
    auto p = run({.processors = {.concurrency = 1}}, source, f);
    ASSERT_TRUE(source->wait_settled(13));
    EXPECT_THAT(chunks, ElementsAre(5, 5, 3));
}

TEST_F(DemandTest, HandlesMessagesOneByOneWhenTheDemandsDifferByOne) {
    record_chunks();
    source->on_start = [&] { source->emit_range(0, 13); };
    auto p = run({.processors = {.concurrency = 1, .min_demand = 9}}, source, f);
    ASSERT_TRUE(source->wait_settled(13));
    EXPECT_EQ(chunks, std::vector<std::size_t>(13, 1));
}

TEST_F(DemandTest, DividesABurstAmongAllIdleProcessors) {
    // Whether all four are idle cannot be seen from outside: a burst that comes too early is repeated in the
    // same pipeline, whose threads are then there.
    constexpr std::size_t tries = 20;
    std::array<door, tries> doors;
    f.handle_message = [&](test_message& m) { doors.at(static_cast<std::size_t>(m.data) / 10).pass(); };
    auto p = run({.processors = {.concurrency = 4}}, source, f);
    bool divided = false;
    for (std::size_t i = 0; i < tries && !divided; ++i) {
        source->emit_range(static_cast<int>(i) * 10, 10);
        divided = doors.at(i).wait_for_waiting(4, 500ms);
        doors.at(i).open();
        ASSERT_TRUE(source->wait_settled(10 * (i + 1)));
    }
    EXPECT_TRUE(divided) << "a message waits behind a busy processor while another is idle";
}

TEST_F(DemandTest, KeepsWhatIsEmittedBeyondItAndServesThatFirst) {
    door d;
    std::vector<int> order;
    f.handle_message = [&](test_message& m) {
        d.pass();
        order.push_back(m.data);
    };
    auto p = run({.processors = {.concurrency = 1}}, source, f);
    source->emit_range(0, 15);
    source->emit_range(15, 2);
    ASSERT_TRUE(d.wait_for_waiting(1));
    EXPECT_EQ(p.snapshot().queues[1].length, 7U);
    EXPECT_EQ(p.snapshot().queues[1].name, "test.Producer_0");
    d.open();
    ASSERT_TRUE(source->wait_settled(17));
    p.stop();
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    // Seventeen messages came back; the seven beyond demand were paid from that, the rest was announced.
    EXPECT_LE(test_source::sum_of(source->announced()), 20U);
}

TEST_F(DemandTest, AbandonsVisiblyWhatTheBufferCannotHold) {
    door d;
    std::size_t reported = 0;
    auto bus = std::make_shared<telemetry>();
    bus->attach<buffer_overflow>("test", [&](const buffer_overflow& e) {
        reported += e.count;
        EXPECT_EQ(e.reason, "buffer overflow");
    });
    f.handle_message = [&](auto&) { d.pass(); };
    auto p = run({.processors = {.concurrency = 1}, .buffer_size = 4}, source, f, bus);
    source->emit_range(0, 20);
    EXPECT_EQ(source->count(outcome::abandoned), 6U) << "ten on demand, four in the buffer";
    EXPECT_EQ(reported, 6U);
    EXPECT_EQ(source->endings().find(19)->second.reason, "buffer overflow");
    EXPECT_EQ(p.snapshot().abandoned, 6U);
    d.open();
    EXPECT_TRUE(source->wait_settled(20));
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(source->count(outcome::successful), 14U);
}

TEST_F(DemandTest, IsNotAnnouncedAnyMoreOnceDrainingHasBegun) {
    std::promise<std::size_t> told;
    auto at_drain = told.get_future();
    source->drains_at_once = false;
    source->on_drain = [&] { told.set_value(source->announced().size()); };
    auto p = run({.processors = {.concurrency = 1}}, source, f);
    p.request_stop();
    const auto announced = at_drain.get();
    source->emit_range(0, 30); // ten on demand, the others wait in the buffer: all are handled
    source->into().drained();
    EXPECT_TRUE(p.wait().value().drained);
    EXPECT_EQ(source->count(outcome::successful), 30U);
    EXPECT_EQ(source->announced().size(), announced);
}

TEST_F(DemandTest, MayBeServedFromInsideTheCallThatAnnouncesIt) {
    std::atomic<int> next{0};
    source->on_demand = [&](std::size_t n) {
        for (; n > 0 && next < 500; --n)
            source->emit({next++});
    };
    auto p = run({.processors = {.concurrency = 1}}, source, f);
    EXPECT_TRUE(source->wait_settled(500));
    EXPECT_TRUE(p.stop().drained);
}

TEST_F(DemandTest, ThatAProducerAnswersWithAnExceptionEndsThePipeline) {
    source->on_demand = [](std::size_t) { throw std::runtime_error{"cannot"}; };
    auto p = run({.processors = {.concurrency = 1}}, source, f);
    const auto end = p.wait();
    ASSERT_FALSE(end.has_value());
    EXPECT_EQ(end.error().detail, "cannot");
    EXPECT_EQ(p.state(), state::failed);
}

} // namespace
} // namespace weir::pipeline
