#include "coroutine_runner.hpp"

#include <weir/base/task.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <coroutine>
#include <memory>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <vector>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

static_assert(!std::is_copy_constructible_v<task<int>> && std::is_nothrow_move_constructible_v<task<int>>);
static_assert(awaitable_in_task<task<int>> && awaitable_in_task<sleeping> && awaitable_in_task<yielding>);
static_assert(!awaitable_in_task<std::suspend_always>, "nobody would resume it");

task<int> give(int value) {
    co_return value;
}

task<std::unique_ptr<int>> give_moved(int value) {
    co_return std::make_unique<int>(value);
}

task<int> fail() {
    throw std::runtime_error{"no value"};
    co_return 0;
}

TEST(TaskTest, RunsWhenItIsAwaitedAndYieldsItsValue) {
    coroutine_runner r;
    bool begun = false;
    int got = 0;
    const auto inner = [&]() -> task<int> {
        begun = true;
        co_return co_await give(4) + *co_await give_moved(5);
    };
    const auto outer = [&]() -> task<void> {
        auto t = inner();
        EXPECT_FALSE(begun) << "it is lazy";
        got = co_await std::move(t);
    };
    auto t = outer();
    EXPECT_EQ(got, 0);
    r.start(std::move(t));
    EXPECT_EQ(got, 9);
    EXPECT_TRUE(r.done(0));
}

TEST(TaskTest, ThrowsOutOfTheAwaitWhatItThrew) {
    coroutine_runner r;
    std::string caught;
    const auto outer = [&]() -> task<void> {
        try {
            static_cast<void>(co_await fail());
        } catch (const std::runtime_error& e) {
            caught = e.what();
        }
        static_cast<void>(co_await fail());
    };
    auto t = outer();
    r.host.start(t, nullptr);
    EXPECT_EQ(caught, "no value");
    EXPECT_TRUE(t.done());
    EXPECT_THROW(t.take(), std::runtime_error);
}

TEST(TaskTest, NeedsNoStackForALoopOverTasksThatNeverWait) {
    coroutine_runner r;
    int sum = 0;
    const auto outer = [&]() -> task<void> {
        for (int i = 0; i < 1'000'000; ++i)
            sum += co_await give(1);
    };
    r.start(outer());
    EXPECT_EQ(sum, 1'000'000);
}

TEST(TaskTest, GoesOnInTheAwaitingTaskAfterAWait) {
    coroutine_runner r;
    std::vector<std::string> course;
    const auto nap = [&](duration d) -> task<int> {
        course.emplace_back("sleeps");
        const bool woke = co_await sleeping{coroutine_host::current()->now() + d};
        course.emplace_back("woke");
        co_return woke ? 1 : 0;
    };
    const auto outer = [&]() -> task<void> {
        for (int i = 0; i < 2; ++i)
            if (co_await nap(10ms) == 1) course.emplace_back("went on");
    };
    r.start(outer());
    EXPECT_THAT(course, ElementsAre("sleeps"));
    r.advance(10ms);
    EXPECT_THAT(course, ElementsAre("sleeps", "woke", "went on", "sleeps"));
    r.advance(9ms);
    EXPECT_FALSE(r.done(0));
    r.advance(1ms);
    EXPECT_TRUE(r.done(0));
}

TEST(TaskTest, DestroysWhatItHoldsWhenItGoesWhileItWaits) {
    coroutine_runner r;
    const auto held = std::make_shared<int>(1);
    const auto inner = [](std::shared_ptr<int> copy) -> task<int> {
        co_await sleeping{time_point::max()};
        co_return *copy;
    };
    const auto outer = [&]() -> task<void> { static_cast<void>(co_await inner(held)); };
    r.start(outer());
    EXPECT_EQ(held.use_count(), 2);
    r.drop();
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_FALSE(r.host.run_one());
    EXPECT_EQ(r.host.due(), std::nullopt) << "nothing rings for a task that has gone";
}

TEST(TaskTest, AnAwaitOfAnEmptyTaskIsMisuse) {
    coroutine_runner r;
    const auto outer = []() -> task<void> {
        task<int> t = give(1);
        const auto moved = std::move(t);
        static_cast<void>(co_await std::move(t)); // NOLINT(bugprone-use-after-move): that is the point
    };
    auto t = outer();
    r.host.start(t, nullptr);
    EXPECT_THROW(t.take(), std::logic_error);
}

TEST(CoroutineHostTest, WaitingOutsideOfAHostIsMisuse) {
    const auto lost = []() -> task<void> { co_await yielding{}; };
    auto t = lost();
    t.start(nullptr);
    EXPECT_TRUE(t.done());
    EXPECT_THROW(t.take(), std::logic_error);
}

TEST(CoroutineHostTest, GivesEachItsTurn) {
    coroutine_runner r;
    std::vector<int> course;
    const auto busy = [&](int id) -> task<void> {
        for (int i = 0; i < 3; ++i) {
            course.push_back(id);
            co_await yielding{};
        }
    };
    r.start(busy(1));
    r.start(busy(2));
    r.run();
    EXPECT_THAT(course, ElementsAre(1, 2, 1, 2, 1, 2));
}

TEST(CoroutineHostTest, LetsSleepersInAmongThoseThatYieldAllTheTime) {
    coroutine_runner r;
    bool stop = false;
    int rounds = 0;
    const auto busy = [&]() -> task<void> {
        while (!stop && ++rounds < 1'000) {
            r.time.advance(1ms);
            co_await yielding{};
        }
    };
    const auto sleeper = [&]() -> task<void> {
        co_await sleeping{r.time.now() + 5ms};
        stop = true;
    };
    r.start(sleeper());
    r.start(busy());
    r.run();
    EXPECT_LE(rounds, 7);
}

TEST(CoroutineHostTest, WakesSleepersInTheOrderOfTheirTimes) {
    coroutine_runner r;
    std::vector<int> woken;
    const auto nap = [&](int id, duration d) -> task<void> {
        co_await sleeping{r.time.now() + d};
        woken.push_back(id);
    };
    r.start(nap(3, 30ms));
    r.start(nap(1, 10ms));
    r.start(nap(2, 20ms));
    EXPECT_EQ(r.host.due(), r.time.now() + 10ms);
    r.advance(25ms);
    EXPECT_THAT(woken, ElementsAre(1, 2));
    r.advance(5ms);
    EXPECT_THAT(woken, ElementsAre(1, 2, 3));
}

TEST(CoroutineHostTest, CancelEndsWaitsNowAndLaterButNeverWithoutATurn) {
    coroutine_runner r;
    std::vector<bool> came;
    const auto stubborn = [&]() -> task<void> {
        for (;;)
            came.push_back(co_await sleeping{time_point::max()});
    };
    r.start(stubborn());
    r.host.cancel();
    for (int i = 0; i < 3; ++i)
        EXPECT_TRUE(r.host.run_one());
    EXPECT_THAT(came, ElementsAre(false, false, false));
    r.drop();
    EXPECT_FALSE(r.host.run_one());
}

} // namespace
} // namespace weir::testing
