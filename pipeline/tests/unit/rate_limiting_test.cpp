// The rate limit of a pipeline, as producers and applications see it.

#include "virtual_test.hpp"

#include <weir/pipeline/errc.hpp>
#include <weir/pipeline/events.hpp>

#include <gmock/gmock.h>

#include <numeric>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class RateLimitingTest : public VirtualTest {
  protected:
    RateLimitingTest() {
        f.handle_message = [this](test_message& m) { handled.push_back(m.data); };
    }

    std::vector<int> handled;
};

TEST_F(RateLimitingTest, LetsItsAllowancePassInEachInterval) {
    auto p = begin({.rate_limiting = {.allowed_messages = 10, .interval = 1s}});
    source->emit_range(0, 25);
    p.run();
    EXPECT_EQ(handled.size(), 10U);
    p.advance(999ms);
    EXPECT_EQ(handled.size(), 10U);
    p.advance(1ms);
    EXPECT_EQ(handled.size(), 20U);
    p.advance(1s);
    std::vector<int> all(25);
    std::iota(all.begin(), all.end(), 0);
    EXPECT_THAT(handled, ::testing::UnorderedElementsAreArray(all));
}

TEST_F(RateLimitingTest, CountsTheProducersTogether) {
    others = {std::make_shared<test_source>()};
    auto p = begin({.rate_limiting = {.allowed_messages = 10, .interval = 1s}});
    source->emit_range(0, 8);
    others[0]->emit_range(100, 8);
    p.run();
    EXPECT_EQ(handled.size(), 10U);
    p.advance(1s);
    EXPECT_EQ(handled.size(), 16U);
}

TEST_F(RateLimitingTest, LetsNoProducerStarveWhenAnotherAlwaysHasMore) {
    others = {std::make_shared<test_source>()};
    auto p = begin({.rate_limiting = {.allowed_messages = 10, .interval = 1s}});
    source->emit_range(0, 500);
    others[0]->emit_range(1'000, 50);
    p.advance(10s);
    EXPECT_EQ(others[0]->settled(), 50U);
    EXPECT_EQ(handled.size(), 110U);
}

TEST_F(RateLimitingTest, CarriesNothingOver) {
    auto p = begin({.rate_limiting = {.allowed_messages = 10, .interval = 1s}});
    p.advance(5'500ms);
    source->emit_range(0, 50);
    p.run();
    EXPECT_EQ(handled.size(), 10U);
    p.advance(500ms);
    EXPECT_EQ(handled.size(), 20U);
}

TEST_F(RateLimitingTest, HoldsDemandBackUntilTheWaitingMessagesHaveLeft) {
    auto p = begin(
        {.processors = {.concurrency = 1, .max_demand = 10},
         .rate_limiting = {.allowed_messages = 10, .interval = 1s}});
    EXPECT_EQ(newly_announced(), 10U);
    source->emit_range(0, 10);
    p.run();
    EXPECT_EQ(handled.size(), 10U);
    EXPECT_EQ(newly_announced(), 0U) << "the allowance is used up";
    std::size_t handled_before = 0;
    source->on_demand = [&](auto) { handled_before = p->snapshot().queues[1].length; };
    p.advance(1s);
    EXPECT_EQ(newly_announced(), 10U);
    EXPECT_EQ(handled_before, 0U);
}

TEST_F(RateLimitingTest, NeitherLosesNorInventsDemand) {
    int next = 0;
    std::size_t asked = 0;
    source->on_demand = [&](std::size_t n) { asked += n; };
    auto p = begin(
        {.processors = {.concurrency = 2, .max_demand = 10},
         .rate_limiting = {.allowed_messages = 7, .interval = 1s}});
    asked = test_source::sum_of(source->announced());
    for (int round = 0; round < 50; ++round) {
        const auto count = static_cast<int>(std::min<std::size_t>(asked, 13));
        asked -= static_cast<std::size_t>(count);
        source->emit_range(next, count);
        next += count;
        p.advance(300ms);
    }
    p.advance(60s);
    EXPECT_EQ(handled.size(), static_cast<std::size_t>(next));
    // What is not asked for is kept back by processors until it makes a step: less than a step for each.
    EXPECT_GT(asked, 20U - 2 * 5);
    EXPECT_LE(asked, 20U);
}

TEST_F(RateLimitingTest, LetsMessagesBeyondDemandWaitInTheSameBufferAndUnderItsRule) {
    auto p = begin(
        {.buffer_size = 20,
         .overflow = {.reserve = 0},
         .rate_limiting = {.allowed_messages = 10, .interval = 1s}});
    source->emit_range(0, 40);
    p.run();
    EXPECT_EQ(handled.size(), 10U);
    EXPECT_EQ(p->snapshot().queues[1].length, 20U);
    EXPECT_EQ(source->count(outcome::abandoned), 10U);
    EXPECT_TRUE(source->paused());
    p.advance(2s);
    EXPECT_EQ(handled.size(), 30U);
    EXPECT_FALSE(source->paused());
}

TEST_F(RateLimitingTest, AsksAgainForWhatFoundNoRoom) {
    auto p = begin(
        {.processors = {.concurrency = 1, .max_demand = 10},
         .buffer_size = 2,
         .rate_limiting = {.allowed_messages = 5, .interval = 1s}});
    EXPECT_EQ(newly_announced(), 10U);
    source->emit_range(0, 10);
    p.run();
    EXPECT_EQ(source->count(outcome::abandoned), 3U);
    p.advance(1s);
    EXPECT_EQ(handled.size(), 7U);
    EXPECT_GE(newly_announced(), 8U);
}

TEST_F(RateLimitingTest, NeitherDelaysNorCountsWhatIsPushed) {
    auto p = begin({.rate_limiting = {.allowed_messages = 10, .interval = 1s}});
    source->emit_range(0, 15);
    p.run();
    ASSERT_EQ(handled.size(), 10U);
    std::vector<entry<int>> pushed(200);
    EXPECT_EQ(p->push(std::span{pushed}).value(), 200U);
    p.run();
    EXPECT_EQ(handled.size(), 210U) << "past the messages that wait";
    p.advance(1s);
    EXPECT_EQ(handled.size(), 215U);
    source->emit_range(15, 5);
    p.run();
    EXPECT_EQ(handled.size(), 220U) << "the allowance is untouched";
}

TEST_F(RateLimitingTest, StillHoldsWhileDrainingAndLosesNothing) {
    auto p = begin({.rate_limiting = {.allowed_messages = 4, .interval = 1s}});
    source->emit_range(0, 10);
    p.run();
    const auto began = p.now();
    const auto report = p.stop();
    EXPECT_TRUE(report.drained);
    EXPECT_EQ(source->count(outcome::successful), 10U);
    EXPECT_EQ(p.now() - began, 2s);
}

TEST_F(RateLimitingTest, DeliversInOrder) {
    auto p =
        begin({.processors = {.concurrency = 1}, .rate_limiting = {.allowed_messages = 3, .interval = 1s}});
    for (int i = 0; i < 30; ++i) {
        source->emit({i});
        if (i % 7 == 0) p.advance(400ms);
    }
    p.advance(1min);
    EXPECT_EQ(handled.size(), 30U);
    EXPECT_TRUE(std::is_sorted(handled.begin(), handled.end()));
}

TEST_F(RateLimitingTest, CanBeReadAndChangesWhenTheRunningIntervalEnds) {
    auto p = begin({.rate_limiting = {.allowed_messages = 10, .interval = 1s}});
    EXPECT_EQ(p->rate_limiting().value(), (rate_limiting_options{.allowed_messages = 10, .interval = 1s}));
    source->emit_range(0, 100);
    p.advance(500ms);
    ASSERT_TRUE(p->update_rate_limiting({.allowed_messages = 20}).has_value());
    EXPECT_EQ(p->rate_limiting()->allowed_messages, 10U);
    ASSERT_TRUE(p->update_rate_limiting({.interval = 2s}).has_value());
    p.advance(499ms);
    EXPECT_EQ(handled.size(), 10U);
    p.advance(1ms);
    EXPECT_EQ(handled.size(), 30U);
    EXPECT_EQ(p->rate_limiting().value(), (rate_limiting_options{.allowed_messages = 20, .interval = 2s}));
    p.advance(1'999ms);
    EXPECT_EQ(handled.size(), 30U);
    p.advance(1ms);
    EXPECT_EQ(handled.size(), 50U);
}

TEST_F(RateLimitingTest, ChangesAtOnceWhenItIsReset) {
    auto p = begin({.rate_limiting = {.allowed_messages = 10, .interval = 1h}});
    source->emit_range(0, 100);
    p.advance(1s);
    EXPECT_EQ(handled.size(), 10U);
    ASSERT_TRUE(p->update_rate_limiting({.allowed_messages = 50}, true).has_value());
    p.run();
    EXPECT_EQ(handled.size(), 60U);
    p.advance(1h);
    EXPECT_EQ(handled.size(), 100U);
}

TEST_F(RateLimitingTest, RefusesWhatIsNotAllowedAndNamesIt) {
    auto limited = begin({.rate_limiting = {.allowed_messages = 10, .interval = 1s}});
    const auto refused = limited->update_rate_limiting({.interval = 0ms, .burst = 5});
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, errc::invalid_options);
    EXPECT_THAT(refused.error().detail, HasSubstr("rate_limiting.interval is 0ms"));
    EXPECT_THAT(refused.error().detail, HasSubstr("rate_limiting.burst is 5"));
    EXPECT_EQ(limited->rate_limiting()->interval, 1s);
    limited.stop();
    auto free = begin({});
    EXPECT_EQ(free->rate_limiting().error().code, errc::rate_limiting_disabled);
    EXPECT_EQ(free->update_rate_limiting({.interval = 1s}).error().code, errc::rate_limiting_disabled);
}

TEST_F(RateLimitingTest, WithABurstSpreadsEvenly) {
    auto p = begin({.rate_limiting = {.allowed_messages = 10, .interval = 1s, .burst = 3}});
    source->emit_range(0, 20);
    p.run();
    EXPECT_EQ(handled.size(), 3U);
    p.advance(100ms);
    EXPECT_EQ(handled.size(), 4U);
    p.advance(250ms);
    EXPECT_EQ(handled.size(), 6U);
    p.advance(10s);
    EXPECT_EQ(handled.size(), 20U);
}

TEST_F(RateLimitingTest, TellsWhenItClosesAndOpens) {
    std::size_t closed = 0;
    std::size_t opened = 0;
    count_events<rate_limiter_closed>(closed);
    count_events<rate_limiter_opened>(opened);
    auto p = begin({.rate_limiting = {.allowed_messages = 10, .interval = 1s}});
    source->emit_range(0, 9);
    p.run();
    EXPECT_EQ(closed, 0U);
    source->emit_range(9, 1);
    p.run();
    EXPECT_EQ(closed, 1U);
    EXPECT_EQ(opened, 0U);
    p.advance(1s);
    EXPECT_EQ(opened, 1U);
}

TEST_F(RateLimitingTest, IsSeenInTheSnapshot) {
    auto p = begin({.rate_limiting = {.allowed_messages = 10, .interval = 1s}});
    EXPECT_EQ(p->snapshot().intake.rate_limiting.allowed_messages, 10U);
    EXPECT_FALSE(p->snapshot().intake.rate_limited);
    p.advance(400ms);
    source->emit_range(0, 10);
    p.run();
    EXPECT_TRUE(p->snapshot().intake.rate_limited);
    EXPECT_EQ(p->snapshot().intake.opens_in, 600ms);
    p.advance(600ms);
    EXPECT_FALSE(p->snapshot().intake.rate_limited);
}

TEST_F(RateLimitingTest, IsNotThereWhenThePipelineHasEnded) {
    auto p = begin({.rate_limiting = {.allowed_messages = 10, .interval = 1s}});
    p.stop();
    EXPECT_EQ(p->rate_limiting().error().code, errc::not_running);
    EXPECT_EQ(p->update_rate_limiting({.allowed_messages = 5}).error().code, errc::not_running);
    EXPECT_EQ(p->pause().error().code, errc::not_running);
    EXPECT_EQ(p->resume().error().code, errc::not_running);
}

TEST(RateLimitingOfThreads, HoldsWhileProducersEmitAtOnce) {
    std::vector<std::shared_ptr<test_source>> sources;
    for (int i = 0; i < 3; ++i)
        sources.push_back(std::make_shared<test_source>());
    std::atomic<std::size_t> handled{0};
    callbacks f;
    f.handle_message = [&](auto&) { ++handled; };
    auto p = start<int>(
        options{
            .name = "limited",
            .processors = {.concurrency = 2},
            .rate_limiting = {.allowed_messages = 200, .interval = 20ms, .burst = 50}},
        {sources.begin(), sources.end()}, function_handler{std::make_shared<callbacks>(f)}, &decode);
    const auto began = clock::now();
    std::vector<std::thread> threads;
    for (auto& s : sources)
        threads.emplace_back([&s] {
            for (int i = 0; i < 500; ++i)
                s->emit({i});
        });
    for (auto& t : threads)
        t.join();
    for (auto& s : sources)
        EXPECT_TRUE(s->wait_settled(500));
    EXPECT_GE(clock::now() - began, 145ms) << "1450 messages at 10,000 a second";
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(handled, 1'500U);
}

} // namespace
} // namespace weir::pipeline::testing
