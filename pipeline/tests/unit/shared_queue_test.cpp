#include "engine/shared_queue.hpp"

#include <weir/pipeline/engine/typed_runs.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace weir::pipeline::engine {
namespace {

using run_type = typed_raw_run<int>;

std::unique_ptr<raw_run> chunk_of(int count) {
    auto run = std::make_unique<run_type>(0, nullptr);
    for (int i = 0; i < count; ++i)
        run->entries.push_back({.value = i});
    return run;
}

template <class Condition>
bool eventually(Condition condition) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (!condition()) {
        if (std::chrono::steady_clock::now() > limit) return false;
        std::this_thread::yield();
    }
    return true;
}

TEST(SharedQueue, GivesChunksOutInTheirOrder) {
    shared_queue q{16, 5};
    q.push(chunk_of(1));
    q.push(chunk_of(2));
    EXPECT_EQ(q.size(), 2U);
    seat me{0};
    EXPECT_EQ(q.pop(me)->size(), 1U);
    EXPECT_EQ(q.try_pop(me)->size(), 2U);
    EXPECT_EQ(q.try_pop(me), nullptr);
}

TEST(SharedQueue, EndsWaitingWhenItCloses) {
    shared_queue q{16, 5};
    seat me{0};
    std::thread waiter{[&] { EXPECT_EQ(q.pop(me), nullptr); }};
    q.close();
    waiter.join();
}

TEST(SharedQueue, LetsOneWorkerGoWhileOthersWait) {
    shared_queue q{16, 5};
    seat stays{0};
    seat goes{1};
    std::thread other{[&] { EXPECT_NE(q.pop(stays), nullptr); }};
    std::thread leaver{[&] { EXPECT_EQ(q.pop(goes), nullptr); }};
    EXPECT_TRUE(eventually([&] { return q.chunk_length(2) == 1; }));
    q.dismiss(goes);
    leaver.join();
    q.push(chunk_of(1));
    q.pushed();
    other.join();
    q.push(chunk_of(1));
    EXPECT_EQ(q.try_pop(goes), nullptr) << "it takes nothing more up";
    EXPECT_EQ(q.size(), 1U);
}

TEST(SharedQueue, CutsBurstsByTheIdleProcessors) {
    shared_queue q{16, 5};
    EXPECT_EQ(q.chunk_length(13), 5U);
    EXPECT_EQ(q.chunk_length(3), 3U) << "nobody waits: nothing is gained by smaller chunks";
    std::vector<std::thread> idle;
    for (int i = 0; i < 4; ++i)
        idle.emplace_back([&] {
            seat me{0};
            EXPECT_EQ(q.pop(me), nullptr);
        });
    EXPECT_TRUE(eventually([&] { return q.chunk_length(4) == 1; }));
    EXPECT_EQ(q.chunk_length(10), 3U);
    EXPECT_EQ(q.chunk_length(100), 5U);
    q.close();
    for (auto& t : idle)
        t.join();
}

TEST(SharedQueue, DividesAChunkAmongIdleProcessorsWhenItIsTakenUp) {
    shared_queue q{64, 8};
    std::atomic<std::size_t> messages{0};
    std::atomic<std::size_t> takers{0};
    std::atomic<bool> done{false};
    const auto take_one = [&] {
        seat me{0};
        const auto chunk = q.pop(me);
        if (chunk == nullptr) return;
        messages += chunk->size();
        ++takers;
        while (!done) // busy: what is left is for the others
            std::this_thread::yield();
    };
    std::vector<std::thread> processors;
    for (int i = 0; i < 3; ++i)
        processors.emplace_back(take_one);
    EXPECT_TRUE(eventually([&] { return q.chunk_length(3) == 1; }));
    q.push(chunk_of(8)); // in one piece, as if nobody had been idle when it was emitted
    q.pushed();
    EXPECT_TRUE(eventually([&] { return takers == 3; }));
    EXPECT_EQ(messages, 8U);
    done = true;
    q.close();
    for (auto& t : processors)
        t.join();
}

} // namespace
} // namespace weir::pipeline::engine
