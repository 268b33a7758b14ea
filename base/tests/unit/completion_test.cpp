#include "coroutine_runner.hpp"

#include <weir/base/completion.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <exception>
#include <future>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;

class CompletionTest : public ::testing::Test {
  protected:
    template <class T>
    task<void> await(completion<T> c) {
        try {
            got = co_await c;
        } catch (const std::exception& e) {
            thrown = e.what();
        }
    }

    coroutine_runner r;
    std::optional<result<std::string>> got;
    std::string thrown;
};

TEST_F(CompletionTest, ResumesWithTheValue) {
    completion<std::string> c;
    const auto done = c.completer();
    r.start(await(std::move(c)));
    r.run();
    EXPECT_FALSE(got.has_value());
    EXPECT_TRUE(done.complete("found"));
    EXPECT_FALSE(got.has_value()) << "it goes on in its host, not in the callback";
    r.run();
    EXPECT_EQ(got.value().value(), "found");
}

TEST_F(CompletionTest, TheFirstCallCounts) {
    completion<std::string> c;
    const auto done = c.completer();
    const auto other = done;
    EXPECT_TRUE(other.complete("first"));
    EXPECT_FALSE(done.complete("second"));
    EXPECT_FALSE(done.fail(failure("third")));
    r.start(await(std::move(c)));
    EXPECT_EQ(got.value().value(), "first") << "nothing to wait for";
}

TEST_F(CompletionTest, GivesErrorsAndThrowsExceptions) {
    completion<std::string> fails;
    static_cast<void>(fails.completer().fail(failure("no such name")));
    r.start(await(std::move(fails)));
    EXPECT_EQ(got.value().error().detail, "no such name");

    completion<std::string> throws;
    const auto done = throws.completer();
    r.start(await(std::move(throws)));
    static_cast<void>(done.fail(std::make_exception_ptr(std::runtime_error{"gone wrong"})));
    r.run();
    EXPECT_EQ(thrown, "gone wrong");
}

TEST_F(CompletionTest, NobodyLeftToCompleteItIsAnError) {
    completion<std::string> c;
    auto done = std::make_optional(c.completer());
    r.start(await(std::move(c)));
    r.run();
    EXPECT_FALSE(got.has_value());
    done.reset();
    r.run();
    EXPECT_EQ(got.value().error().code, make_error_code(std::future_errc::broken_promise));

    got.reset();
    r.start(await(completion<std::string>{}));
    EXPECT_EQ(got.value().error().code, make_error_code(std::future_errc::broken_promise));
}

TEST_F(CompletionTest, IsAwaitedOnceAndThenHasNoNewCompleters) {
    const auto twice = [this]() -> task<void> {
        completion<std::string> c;
        static_cast<void>(c.completer().complete("x"));
        got = co_await c;
        EXPECT_THROW(static_cast<void>(c.completer()), std::logic_error);
        got = co_await c;
    };
    auto t = twice();
    r.host.start(t, nullptr);
    EXPECT_THROW(t.take(), std::logic_error);
}

TEST_F(CompletionTest, CanBeReturnedAndAwaitedAtOnce) {
    const auto look_up = [](std::string name) {
        completion<std::string> c;
        static_cast<void>(c.completer().complete(name + "'s answer"));
        return c;
    };
    const auto ask = [&]() -> task<void> {
        got = co_await look_up("ann");
        EXPECT_EQ((co_await look_up("bob")).value(), "bob's answer");
    };
    r.start(ask());
    EXPECT_EQ(got.value().value(), "ann's answer");
}

TEST_F(CompletionTest, OfNothingAndOfMoveOnlyValues) {
    completion<void> nothing;
    completion<std::unique_ptr<int>> moved;
    const auto done = nothing.completer();
    const auto give = moved.completer();
    int value = 0;
    const auto both = [&]() -> task<void> {
        const auto first = co_await nothing;
        auto second = co_await moved;
        value = first.has_value() ? **second : -1;
    };
    r.start(both());
    static_cast<void>(done.complete());
    static_cast<void>(give.complete(std::make_unique<int>(7)));
    r.run();
    EXPECT_EQ(value, 7);
}

TEST_F(CompletionTest, ACancelledWaitIsAnErrorAndWhatComesLaterIsIgnored) {
    completion<std::string> c;
    const auto done = c.completer();
    r.start(await(std::move(c)));
    r.host.cancel();
    EXPECT_FALSE(got.has_value());
    r.run();
    EXPECT_EQ(got.value().error().code, make_error_code(std::errc::operation_canceled));
    EXPECT_FALSE(done.complete("late"));
    r.run();
}

TEST_F(CompletionTest, BearsThatTheCoroutineOrItsHostGoFirst) {
    std::vector<completer<std::string>> late;
    {
        coroutine_runner gone;
        for (int i = 0; i < 3; ++i) {
            completion<std::string> c;
            late.push_back(c.completer());
            gone.start(await(std::move(c)));
        }
        EXPECT_TRUE(late[0].complete("in the mailbox when its coroutine goes"));
        gone.drop();
        EXPECT_FALSE(gone.host.run_one());
        EXPECT_FALSE(late[1].complete("after its coroutine has gone"));
    }
    EXPECT_FALSE(late[2].complete("after its host has gone"));
    EXPECT_FALSE(got.has_value());
}

TEST_F(CompletionTest, OtherThreadsCompleteIt) {
    constexpr int count = 1'000;
    int sum = 0;
    std::thread::id elsewhere;
    const auto add = [&](completion<int> c) -> task<void> {
        sum += (co_await c).value();
        EXPECT_EQ(std::this_thread::get_id(), elsewhere);
    };
    elsewhere = std::this_thread::get_id();
    std::vector<completer<int>> completers;
    for (int i = 0; i < count; ++i) {
        completion<int> c;
        completers.push_back(c.completer());
        r.start(add(std::move(c)));
    }
    std::vector<std::thread> threads;
    std::atomic<int> next{0};
    for (int i = 0; i < 3; ++i)
        threads.emplace_back([&] {
            for (int n = next++; n < count; n = next++)
                static_cast<void>(completers[static_cast<std::size_t>(n)].complete(1));
        });
    const auto deadline = clock::now() + 20s;
    while (sum < count && clock::now() < deadline)
        if (!r.host.run_one()) r.host.mail().wait(deadline);
    EXPECT_EQ(sum, count);
    for (auto& t : threads)
        t.join();
}

} // namespace
} // namespace weir::testing
