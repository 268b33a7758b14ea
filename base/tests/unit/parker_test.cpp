#include <weir/base/parker.hpp>
#include <weir/base/ring.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

namespace {

using namespace std::chrono_literals;
using weir::parker;

/// Until `condition` holds; false when that takes too long.
template <class Condition>
bool eventually(Condition condition) {
    const auto limit = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > limit) return false;
        std::this_thread::yield();
    }
    return true;
}

TEST(Parker, DoesNotWaitForWhatIsThere) {
    parker p;
    EXPECT_TRUE(p.wait([] { return true; }));
    EXPECT_EQ(p.idle(), 0U);
}

TEST(Parker, WakesASleeperWhenWorkIsMadeVisible) {
    parker p;
    std::atomic<bool> work{false};
    std::atomic<bool> found{false};
    std::thread sleeper{[&] { found = p.wait([&] { return work.load(); }); }};
    EXPECT_TRUE(eventually([&] { return p.idle() == 1; }));
    work = true;
    p.wake_one();
    sleeper.join();
    EXPECT_TRUE(found);
    EXPECT_EQ(p.idle(), 0U);
}

TEST(Parker, CloseEndsAllWaiting) {
    parker p;
    std::atomic<int> empty_handed{0};
    std::vector<std::thread> sleepers;
    for (int i = 0; i < 3; ++i)
        sleepers.emplace_back([&] {
            if (!p.wait([] { return false; })) ++empty_handed;
        });
    EXPECT_TRUE(eventually([&] { return p.idle() == 3; }));
    p.close();
    for (auto& t : sleepers)
        t.join();
    EXPECT_EQ(empty_handed, 3);
    EXPECT_FALSE(p.wait([] { return false; }));
}

TEST(Parker, WakeAllLetsEverybodyLookAgain) {
    parker p;
    std::atomic<bool> open{false};
    std::vector<std::thread> sleepers;
    for (int i = 0; i < 3; ++i)
        sleepers.emplace_back([&] { EXPECT_TRUE(p.wait([&] { return open.load(); })); });
    EXPECT_TRUE(eventually([&] { return p.idle() == 3; }));
    open = true;
    p.wake_all();
    for (auto& t : sleepers)
        t.join();
}

// One that goes back to sleep must not use up the wake-up of another.
TEST(Parker, WakeAllReachesTheOneThatMayGoOn) {
    for (int round = 0; round < 200; ++round) {
        parker p;
        std::atomic<bool> leave{false};
        std::thread stays{[&] { EXPECT_FALSE(p.wait([] { return false; })); }};
        std::thread goes{[&] { EXPECT_TRUE(p.wait([&] { return leave.load(); })); }};
        EXPECT_TRUE(eventually([&] { return p.idle() == 2; }));
        leave = true;
        p.wake_all();
        goes.join();
        p.close();
        stays.join();
    }
}

// A lost wake-up would leave a value in the ring with everybody asleep, and the test would hang.
TEST(Parker, LosesNoWakeUpUnderStress) {
    constexpr int values = 30'000;
    weir::ring<int> r{16};
    parker p;
    std::atomic<int> taken{0};
    const auto consume = [&] {
        for (;;) {
            int value = 0;
            if (r.try_pop(value)) {
                if (r.readable()) p.wake_another();
                taken.fetch_add(1);
            } else if (!p.wait([&] { return r.readable(); })) {
                return;
            }
        }
    };
    const auto produce = [&] {
        for (int i = 0; i < values; ++i) {
            while (!r.try_push(i))
                std::this_thread::yield();
            p.wake_one();
            // Let consumers fall asleep again and again.
            if (i % 7 == 0) {
                EXPECT_TRUE(eventually([&] { return !r.readable(); }));
            }
        }
    };
    std::vector<std::thread> consumers;
    for (int i = 0; i < 3; ++i)
        consumers.emplace_back(consume);
    std::thread first{produce};
    std::thread second{produce};
    first.join();
    second.join();
    EXPECT_TRUE(eventually([&] { return taken == 2 * values; }));
    p.close();
    for (auto& t : consumers)
        t.join();
}

} // namespace
