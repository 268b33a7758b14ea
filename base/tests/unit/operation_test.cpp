#include "coroutine_runner.hpp"

#include <weir/base/operation.hpp>
#include <weir/base/run_task.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;

/// A coroutine of a type that knows nothing of this library.
struct foreign {
    struct promise_type {
        foreign get_return_object() noexcept { return {}; }

        std::suspend_never initial_suspend() noexcept { return {}; }

        std::suspend_never final_suspend() noexcept { return {}; }

        void return_void() noexcept {}

        void unhandled_exception() noexcept { std::terminate(); }
    };
};

using text_state = operation_state<std::string>;

result<std::string> text(const char* s) {
    return result<std::string>{std::string{s}};
}

TEST(OperationTest, IsAwaitedByATaskOnItsOwnThread) {
    coroutine_runner r;
    const auto state = std::make_shared<text_state>();
    std::string got;
    const auto body = [](operation<std::string> op, std::string& to) -> task<void> {
        to = (co_await op).value();
    };
    r.start(body(operation<std::string>{state}, got));
    EXPECT_TRUE(state->complete(text("found")));
    EXPECT_EQ(got, "") << "it goes on in its host, not inside of the completion";
    r.run();
    EXPECT_EQ(got, "found");
}

TEST(OperationTest, IsAwaitedByAnyCoroutineOnTheThreadThatCompletesIt) {
    const auto state = std::make_shared<text_state>();
    std::string got;
    const auto body = [](operation<std::string> op, std::string& to) -> foreign {
        to = (co_await op).value();
    };
    body(operation<std::string>{state}, got);
    EXPECT_EQ(got, "");
    EXPECT_TRUE(state->complete(text("found")));
    EXPECT_EQ(got, "found");
}

TEST(OperationTest, WithItsOutcomeThereNobodyWaits) {
    std::string got;
    const auto body = [](operation<std::string> op, std::string& to) -> foreign {
        to = (co_await op).value();
    };
    body(operation<std::string>{text("at once")}, got);
    EXPECT_EQ(got, "at once");
    operation<std::string> other{text("x")};
    EXPECT_TRUE(other.done());
    EXPECT_EQ(other.get().value(), "x");
    EXPECT_FALSE(other.done());
    EXPECT_THROW((void)other.get(), std::logic_error);
}

TEST(OperationTest, BlocksAThreadUntilItIsCompleted) {
    const auto state = std::make_shared<text_state>();
    operation<std::string> op{state};
    std::thread completer{[state] { (void)state->complete(text("late")); }};
    EXPECT_EQ(op.get().value(), "late");
    completer.join();
}

TEST(OperationTest, GivesUpAtTheLimitAndTheOutcomeGoesNowhere) {
    const auto state = std::make_shared<text_state>();
    operation<std::string> op{state};
    const auto r = op.get(10ms);
    ASSERT_TRUE(r.has_error());
    EXPECT_EQ(r.error().code, std::errc::timed_out);
    auto late = text("too late");
    EXPECT_FALSE(state->complete(std::move(late)));
    EXPECT_EQ(late.value(), "too late") << "who completes it may offer it to another";
}

TEST(OperationTest, RefusesToBlockTheThreadThatWouldCompleteIt) {
    const auto state = std::make_shared<text_state>();
    operation<std::string> op{state};
    {
        const must_not_wait here;
        EXPECT_EQ(op.get().error().code, std::errc::resource_deadlock_would_occur);
    }
    EXPECT_TRUE(state->complete(text("x")));
    EXPECT_EQ(op.get().value(), "x") << "a refusal takes nothing away";
}

TEST(OperationTest, CallsBackOnceItIsCompleted) {
    std::vector<std::string> got;
    const auto note = [&](result<std::string> r) { got.push_back(r.value()); };
    const auto state = std::make_shared<text_state>();
    operation<std::string> op{state};
    op.then(note);
    EXPECT_TRUE(got.empty());
    EXPECT_TRUE(state->complete(text("one")));
    operation<std::string>{text("two")}.then(note);
    EXPECT_EQ(got, (std::vector<std::string>{"one", "two"}));
    EXPECT_EQ(state.use_count(), 1);
}

TEST(OperationTest, DroppedItWantsNoOutcome) {
    const auto state = std::make_shared<text_state>();
    { operation<std::string> dropped{state}; }
    EXPECT_FALSE(state->complete(text("for nobody")));
}

TEST(OperationTest, AFrameThatGoesWhileItWaitsWantsNoOutcome) {
    const auto state = std::make_shared<text_state>();
    std::string got;
    {
        coroutine_runner r;
        const auto body = [](operation<std::string> op, std::string& to) -> task<void> {
            to = (co_await op).value();
        };
        r.start(body(operation<std::string>{state}, got));
        r.drop();
    }
    EXPECT_FALSE(state->complete(text("for nobody")));
}

TEST(OperationTest, AHostThatStopsEndsTheWaiting) {
    coroutine_runner r;
    const auto state = std::make_shared<text_state>();
    std::error_code got;
    const auto body = [](operation<std::string> op, std::error_code& to) -> task<void> {
        to = (co_await op).error().code;
    };
    r.start(body(operation<std::string>{state}, got));
    r.host.cancel();
    r.run();
    EXPECT_EQ(got, std::errc::operation_canceled);
}

TEST(OperationTest, OutcomesOfManyThreadsAllArrive) {
    constexpr int operations = 200;
    std::vector<std::shared_ptr<text_state>> states;
    for (int i = 0; i < operations; ++i)
        states.push_back(std::make_shared<text_state>());
    int sum = 0;
    const auto body = [](std::vector<std::shared_ptr<text_state>>& all, int& to) -> task<void> {
        for (const auto& s : all) {
            operation<std::string> op{s};
            to += static_cast<int>((co_await op).value().size());
        }
    };
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < 4; ++t)
        threads.emplace_back([&states, t] {
            for (std::size_t i = t; i < states.size(); i += 4)
                (void)states[i]->complete(text("x"));
        });
    run(body(states, sum));
    for (auto& t : threads)
        t.join();
    EXPECT_EQ(sum, operations);
}

task<int> answer() {
    co_return 42;
}

TEST(RunTaskTest, YieldsTheValueOrThrows) {
    EXPECT_EQ(run(answer()), 42);
    const auto fails = []() -> task<void> {
        throw std::runtime_error{"no"};
        co_return;
    };
    EXPECT_THROW(run(fails()), std::runtime_error);
}

TEST(RunTaskTest, RunsSeveralAtOnce) {
    const auto state = std::make_shared<text_state>();
    std::string got;
    const auto waits = [](operation<std::string> op, std::string& to) -> task<void> {
        to = (co_await op).value();
    };
    const auto completes = [](std::shared_ptr<text_state> s) -> task<void> {
        (void)s->complete(text("from the other"));
        co_return;
    };
    std::vector<task<void>> both;
    both.push_back(waits(operation<std::string>{state}, got));
    both.push_back(completes(state));
    run_all(std::move(both));
    EXPECT_EQ(got, "from the other");
}

} // namespace
} // namespace weir::testing
