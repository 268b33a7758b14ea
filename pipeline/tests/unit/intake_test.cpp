// What holds intake up but for the rate limit: the application, failures, and a full buffer.

#include "virtual_test.hpp"

#include <weir/pipeline/events.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <string>
#include <thread>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

class PauseTest : public VirtualTest {};

TEST_F(PauseTest, HoldsBackMessagesAndDemandUntilResumed) {
    auto p = begin({.processors = {.concurrency = 1, .max_demand = 10}});
    EXPECT_EQ(newly_announced(), 10U);
    source->emit_range(0, 5);
    p->pause();
    EXPECT_TRUE(p->paused());
    source->emit_range(5, 4);
    p.run();
    EXPECT_EQ(source->settled(), 5U) << "what is inside goes on";
    EXPECT_TRUE(source->paused());
    p.advance(1h);
    EXPECT_EQ(source->settled(), 5U);
    EXPECT_EQ(newly_announced(), 0U);
    p->resume();
    p.run();
    EXPECT_EQ(source->settled(), 9U);
    EXPECT_FALSE(source->paused());
    EXPECT_GE(newly_announced(), 5U);
}

TEST_F(PauseTest, LosesNoDemandOverManyPauses) {
    std::size_t open = 0;
    source->on_demand = [&](std::size_t n) { open += n; };
    auto p = begin({.processors = {.concurrency = 1, .max_demand = 10}});
    int next = 0;
    for (int i = 0; i < 400; ++i) {
        const auto n = static_cast<int>(std::min<std::size_t>(open, 4));
        open -= static_cast<std::size_t>(n);
        source->emit_range(next, n);
        next += n;
        if (i % 4 == 0) p->pause();
        if (i % 4 == 2) p->resume();
        if (i % 2 == 1) p.run();
    }
    p->resume();
    p.run();
    EXPECT_EQ(source->settled(), static_cast<std::size_t>(next));
    EXPECT_GT(next, 100);
    EXPECT_GE(open, 6U) << "less than a step is kept back";
    EXPECT_LE(open, 10U);
}

TEST_F(PauseTest, EndsWhenThePipelineDrains) {
    auto p = begin({});
    p->pause();
    source->emit_range(0, 10);
    p.run();
    const auto began = p.now();
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(source->count(outcome::successful), 10U);
    EXPECT_EQ(p.now(), began);
}

TEST_F(PauseTest, IsTold) {
    std::size_t paused = 0;
    std::size_t resumed = 0;
    count_events<intake_paused>(paused);
    count_events<intake_resumed>(resumed);
    auto p = begin({});
    p->pause();
    p->pause();
    p.run();
    EXPECT_EQ(paused, 1U);
    p->resume();
    p.run();
    EXPECT_EQ(resumed, 1U);
}

TEST(PauseOfThreads, LosesNothing) {
    const auto source = std::make_shared<test_source>();
    auto p = run({.processors = {.concurrency = 2}}, source, {});
    std::atomic<bool> done{false};
    std::thread emitter{[&] {
        for (int i = 0; i < 5'000; ++i) {
            source->emit({i});
            if (i % 500 == 0) std::this_thread::yield();
        }
        done = true;
    }};
    while (!done) {
        p.pause();
        std::this_thread::yield();
        p.resume();
    }
    emitter.join();
    EXPECT_TRUE(source->wait_settled(5'000));
    EXPECT_EQ(source->count(outcome::successful), 5'000U);
}

class CircuitTest : public VirtualTest {
  protected:
    CircuitTest() {
        f.handle_message = [this](test_message& m) {
            ++handled;
            if (failing) m.fail("the store is down");
        };
        bus->attach<circuit_opened>("test", [this](auto&) { told.emplace_back("open"); });
        bus->attach<circuit_probing>("test", [this](auto&) { told.emplace_back("probing"); });
        bus->attach<circuit_closed>("test", [this](auto&) { told.emplace_back("closed"); });
    }

    options with_breaker() {
        return {
            .processors = {.concurrency = 1, .max_demand = 2},
            .circuit_breaker = {.failures = 3, .cooldown = 10s, .probes = 2}};
    }

    bool failing = true;
    std::size_t handled = 0;
    std::vector<std::string> told;
};

TEST_F(CircuitTest, OpensAfterFailuresInARowAndProbesAfterTheCooldown) {
    auto p = begin(with_breaker());
    source->emit_range(0, 50);
    p.run();
    EXPECT_EQ(handled, 4U) << "three failures in a row, and what had come in meanwhile";
    EXPECT_TRUE(source->paused());
    EXPECT_THAT(told, ElementsAre("open"));
    EXPECT_EQ(p->snapshot().intake.circuit, circuit_state::open);
    p.advance(9'999ms);
    EXPECT_EQ(handled, 4U);
    p.advance(1ms);
    EXPECT_EQ(handled, 6U) << "two probes; they fail";
    EXPECT_THAT(told, ElementsAre("open", "probing", "open"));
    failing = false;
    p.advance(10s);
    EXPECT_EQ(handled, 50U);
    EXPECT_FALSE(source->paused());
    EXPECT_THAT(told, ElementsAre("open", "probing", "open", "probing", "closed"));
}

TEST_F(CircuitTest, AsksForNothingWhileItIsOpen) {
    auto p = begin(with_breaker());
    source->emit_range(0, 4);
    p.run();
    static_cast<void>(newly_announced());
    p.advance(9s);
    EXPECT_EQ(newly_announced(), 0U);
    p.advance(1s);
    EXPECT_GE(newly_announced(), 1U);
}

TEST_F(CircuitTest, IsNotHeldOpenByMessagesThatFindNoRoom) {
    auto o = with_breaker();
    o.buffer_size = 1;
    o.overflow.policy = buffer_policy::drop_oldest;
    auto p = begin(o);
    source->emit_range(0, 4);
    p.run();
    failing = false;
    p.advance(10s);
    source->emit_range(4, 30);
    p.run();
    EXPECT_EQ(told.back(), "closed");
    EXPECT_GT(source->count(outcome::abandoned), 0U);
}

TEST_F(CircuitTest, EndsWhenThePipelineDrains) {
    auto p = begin(with_breaker());
    source->emit_range(0, 50);
    p.run();
    const auto began = p.now();
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(handled, 50U);
    EXPECT_EQ(p.now(), began);
}

class OverflowTest : public VirtualTest {
  protected:
    OverflowTest() {
        bus->attach<buffer_overflow>("test", [this](const buffer_overflow& e) {
            told.emplace_back(std::string{to_string(e.policy)} + " " + std::to_string(e.count));
        });
    }

    /// Two go to the processor on demand.
    options with(overflow_options overflow) {
        return {.processors = {.concurrency = 1, .max_demand = 2}, .buffer_size = 10, .overflow = overflow};
    }

    std::vector<int> lost() {
        std::vector<int> tokens;
        for (const auto& [token, e] : source->endings()) {
            if (e.result != outcome::abandoned) continue;
            EXPECT_EQ(e.reason, "buffer overflow");
            tokens.push_back(static_cast<int>(token));
        }
        return tokens;
    }

    std::vector<std::string> told;
};

TEST_F(OverflowTest, DropsTheNewest) {
    auto p = begin(with({.policy = buffer_policy::drop_newest}));
    source->emit_range(0, 10);
    source->emit_range(10, 5);
    EXPECT_THAT(lost(), ElementsAre(12, 13, 14));
    EXPECT_THAT(told, ElementsAre("drop_newest 3"));
    EXPECT_FALSE(source->paused());
    p.run();
    EXPECT_EQ(source->count(outcome::successful), 12U);
}

TEST_F(OverflowTest, DropsTheOldest) {
    auto p = begin(with({.policy = buffer_policy::drop_oldest}));
    source->emit_range(0, 10);
    source->emit_range(10, 5);
    EXPECT_THAT(lost(), ElementsAre(2, 3, 4));
    EXPECT_THAT(told, ElementsAre("drop_oldest 3"));
    source->emit_range(15, 12);
    EXPECT_THAT(lost(), ElementsAre(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
    p.run();
    EXPECT_EQ(source->count(outcome::successful), 12U);
    EXPECT_EQ(p->snapshot().in_flight, 0U);
}

TEST_F(OverflowTest, PausesAtTheHighWatermarkAndResumesAtTheLowOne) {
    std::size_t resumed_at = 99;
    auto p = begin(with({.high_watermark = 8, .low_watermark = 3}));
    source->on_resume = [&] { resumed_at = p->snapshot().queues[1].length; };
    source->emit_range(0, 9);
    EXPECT_FALSE(source->paused()) << "seven wait";
    source->emit_range(9, 1);
    EXPECT_TRUE(source->paused());
    p.run();
    EXPECT_FALSE(source->paused());
    EXPECT_LE(resumed_at, 3U);
    EXPECT_GE(resumed_at, 2U);
}

TEST_F(OverflowTest, KeepsAReserveForAPausedProducer) {
    auto p = begin(with({.reserve = 4}));
    source->emit_range(0, 12);
    EXPECT_TRUE(source->paused());
    source->emit_range(12, 6);
    EXPECT_THAT(lost(), ElementsAre(16, 17));
    EXPECT_THAT(told, ElementsAre("pause 2"));
    EXPECT_EQ(p->snapshot().queues[1].length, 14U);
    EXPECT_EQ(p->snapshot().queues[1].bound, 14U);
    p.run();
    EXPECT_EQ(source->count(outcome::successful), 16U);
}

TEST_F(OverflowTest, LosesNothingOfAProducerThatPausesWhenTold) {
    int next = 0;
    auto p = begin(with({}));
    for (int round = 0; round < 20; ++round) {
        while (!source->paused())
            source->emit({next++});
        p.run();
    }
    EXPECT_THAT(lost(), ElementsAre());
    EXPECT_EQ(source->count(outcome::successful), static_cast<std::size_t>(next));
    EXPECT_GE(next, 200);
}

TEST_F(OverflowTest, MayEmitFromInsideTheCallThatPauses) {
    auto p = begin(with({.reserve = 4}));
    source->on_pause = [&] { source->emit({100, 101}); };
    source->emit_range(0, 12);
    p.run();
    EXPECT_EQ(source->count(outcome::successful), 14U);
}

} // namespace
} // namespace weir::pipeline::testing
