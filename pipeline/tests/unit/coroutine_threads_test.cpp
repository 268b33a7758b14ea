// Handlers that are coroutines, on real threads.

#include "coroutine_handler.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;

/// An executor of somebody else, with a thread.
class elsewhere {
  public:
    elsewhere()
        : thread_([this](const std::stop_token& stop) { run(stop); }) {}

    /// The way to await what is not weir's: its callback completes a completion.
    completion<std::thread::id> ask() {
        completion<std::thread::id> c;
        post(0ms, [done = c.completer()] { done.complete(std::this_thread::get_id()); });
        return c;
    }

    completion<void> wait(std::chrono::milliseconds d) {
        completion<void> c;
        post(d, [done = c.completer()] { done.complete(); });
        return c;
    }

  private:
    using clock = std::chrono::steady_clock;

    void post(std::chrono::milliseconds in, std::function<void()> what) {
        const std::scoped_lock lock{mutex_};
        work_.emplace(clock::now() + in, std::move(what));
        posted_.notify_one();
    }

    void run(const std::stop_token& stop) {
        std::unique_lock lock{mutex_};
        while (posted_.wait(lock, stop, [this] { return !work_.empty(); })) {
            const auto due = work_.begin()->first;
            const auto earlier = [&] { return work_.begin()->first < due; };
            if (due > clock::now() && posted_.wait_until(lock, stop, due, earlier)) continue;
            if (stop.stop_requested()) return;
            const auto next = work_.extract(work_.begin());
            lock.unlock();
            next.mapped()();
            lock.lock();
        }
    }

    std::mutex mutex_;
    std::condition_variable_any posted_;
    std::multimap<clock::time_point, std::function<void()>> work_;
    std::jthread thread_; // last: it uses the others
};

class CoroutineThreadsTest : public ::testing::Test {
  protected:
    running_pipeline begin(options o) {
        o.name = "coroutine threads";
        return start<int>(
            std::move(o), {source}, coroutine_handler{std::make_shared<coroutines>(f)}, &decode);
    }

    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    coroutines f;
};

TEST_F(CoroutineThreadsTest, AwaitAnotherExecutorAndResumeOnTheirOwnThread) {
    elsewhere other;
    std::atomic<std::size_t> right{0};
    f.handle_message = [&](test_message&) -> task<void> {
        const auto before = std::this_thread::get_id();
        const auto answer = co_await other.ask();
        const auto waited = co_await other.wait(1ms);
        if (answer.value() != before && waited && std::this_thread::get_id() == before) ++right;
    };
    auto p = begin({.processors = {.concurrency = 3}});
    source->emit_range(0, 2'000);
    ASSERT_TRUE(source->wait_settled(2'000));
    EXPECT_EQ(right, 2'000U);
    EXPECT_TRUE(p.stop().drained);
}

TEST_F(CoroutineThreadsTest, SleepByTheRealClockManyAtOnce) {
    f.handle_message = [](test_message&) -> task<void> { co_await this_worker::sleep_for(100ms); };
    f.handle_batch = [](test_batch&) -> task<void> { co_await this_worker::sleep_for(10ms); };
    auto p = begin(
        {.processors = {.concurrency = 1, .in_flight = 200},
         .batchers = {{.batch_size = 50, .batch_timeout = 50ms}}});
    const auto began = clock::now();
    source->emit_range(0, 200);
    ASSERT_TRUE(source->wait_settled(200));
    EXPECT_GE(clock::now() - began, 100ms);
    EXPECT_LT(clock::now() - began, 10s) << "one after the other they take 20 s";
    EXPECT_EQ(source->count(outcome::successful), 200U);
}

TEST_F(CoroutineThreadsTest, IdleWorkersWakeForEachMessageAndBatch) {
    elsewhere other;
    f.handle_message = [&](test_message&) -> task<void> { static_cast<void>(co_await other.ask()); };
    f.handle_batch = [&](test_batch&) -> task<void> { static_cast<void>(co_await other.ask()); };
    auto p = begin({.processors = {.concurrency = 3}, .batchers = {{.batch_size = 1, .concurrency = 2}}});
    for (int i = 0; i < 300; ++i) {
        source->emit({i});
        ASSERT_TRUE(source->wait_settled(static_cast<std::size_t>(i) + 1)) << i;
    }
}

TEST_F(CoroutineThreadsTest, BatchesLeaveByTheirTimeout) {
    auto p = begin({.batchers = {{.batch_size = 100, .batch_timeout = 30ms, .concurrency = 2}}});
    for (int i = 0; i < 5; ++i) {
        source->emit({i});
        ASSERT_TRUE(source->wait_settled(static_cast<std::size_t>(i) + 1)) << i;
    }
}

TEST_F(CoroutineThreadsTest, AStopPastItsDeadlineEndsWaitsAndIgnoresLateCompletions) {
    std::mutex mutex;
    std::vector<completer<int>> open;
    std::atomic<int> cancelled{0};
    f.handle_message = [&](test_message& m) -> task<void> {
        completion<int> never;
        {
            const std::scoped_lock lock{mutex};
            open.push_back(never.completer());
        }
        if (!co_await never) ++cancelled;
        if (m.data % 2 == 0) {
            for (;;) // pays no attention
                co_await this_worker::sleep_for(1h);
        }
    };
    std::thread late;
    {
        auto p = begin({.processors = {.concurrency = 2, .in_flight = 10}});
        source->emit_range(0, 40);
        const auto all_wait = [&] {
            const std::scoped_lock lock{mutex};
            return open.size() == 20;
        };
        const auto deadline = clock::now() + 20s;
        while (!all_wait() && clock::now() < deadline)
            std::this_thread::yield();
        late = std::thread{[&] {
            for (int round = 0; round < 200; ++round) {
                std::this_thread::yield();
                const std::scoped_lock lock{mutex};
                if (round % 10 == 0 && !open.empty()) static_cast<void>(open.back().complete(round));
            }
        }};
        const auto report = p.stop(50ms);
        EXPECT_FALSE(report.drained);
        EXPECT_FALSE(report.running_callbacks.empty());
    }
    late.join();
    EXPECT_EQ(source->settled(), 40U) << "each once";
    EXPECT_GE(cancelled, 18);
    for (const auto& c : open)
        EXPECT_FALSE(c.complete(1)) << "the pipeline has gone";
}

TEST_F(CoroutineThreadsTest, AHandlerForEachWorkerNeedsNoLocks) {
    struct counting {
        std::shared_ptr<std::atomic<std::size_t>> total;
        std::size_t mine{0};

        task<void> handle_message(test_message&) {
            ++mine;
            co_await this_worker::yield();
            total->fetch_add(1);
        }
    };

    const auto total = std::make_shared<std::atomic<std::size_t>>(0);
    auto p = start<int>(
        {.name = "counting", .processors = {.concurrency = 4}}, {source},
        per_worker{[total] { return counting{total}; }}, &decode);
    source->emit_range(0, 5'000);
    ASSERT_TRUE(source->wait_settled(5'000));
    EXPECT_EQ(*total, 5'000U);
}

} // namespace
} // namespace weir::pipeline::testing
