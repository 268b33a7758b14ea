// Whatever callbacks do and whenever a pipeline is stopped, every accepted message is settled exactly once.

#include "misbehaving.hpp"

#include <weir/base/log.hpp>
#include <weir/pipeline/testing/virtual_pipeline.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <random>
#include <stdexcept>
#include <thread>
#include <vector>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;

/// Some values cannot be decoded.
std::vector<int> some_values(std::mt19937& random, int& next) {
    std::vector<int> values;
    for (auto n = static_cast<int>(random() % 30); n > 0; --n) {
        const auto v = next++;
        values.push_back(random() % 50 == 0 ? -1 - v : v);
    }
    return values;
}

class FaultsTest : public ::testing::TestWithParam<unsigned> {
  protected:
    static void be_slow() { std::this_thread::sleep_for(200us); }

    FaultsTest() {
        first->on_settle = [salt = GetParam()](std::span<const settlement> s) {
            if (chance(static_cast<int>(s[0].token), salt) < 5) throw std::runtime_error{"thrown"};
        };
    }

    std::mt19937 random{GetParam()};
    std::shared_ptr<test_source> first = std::make_shared<test_source>(random() % 2 == 0 ? 0 : 40);
    std::shared_ptr<test_source> second = std::make_shared<test_source>(20);
};

class ThreadsTest : public FaultsTest {
  protected:
    template <class Handler>
    void check(const options& o, const Handler& handler);
};

template <class Handler>
void ThreadsTest::check(const options& o, const Handler& handler) {
    std::atomic<std::size_t> emitted{0};
    std::atomic<bool> done{false};
    {
        auto p = start<int>(o, {first, second}, handler, &decode, nullptr);
        const auto emit = [&](test_source& to, unsigned seed, int next) {
            std::mt19937 mine{seed};
            while (!done && emitted < 6'000) {
                const auto values = some_values(mine, next);
                emitted += values.size();
                to.emit(values);
                if (mine() % 8 == 0) std::this_thread::yield();
            }
        };
        std::thread first_emitter{emit, std::ref(*first), random(), 0};
        std::thread second_emitter{emit, std::ref(*second), random(), 1'000'000};
        std::this_thread::sleep_for(
            std::chrono::microseconds{random() % 20'000}); // the random moment of the stop
        const auto report = p.stop(std::chrono::milliseconds{random() % 3 == 0 ? random() % 5 : 20'000});
        done = true;
        first_emitter.join();
        second_emitter.join();
        const auto s = p.snapshot();
        EXPECT_EQ(s.accepted, emitted.load());
        if (report.drained) {
            EXPECT_EQ(s.in_flight, 0U);
        }
    }
    EXPECT_EQ(settled_once(*first) + settled_once(*second), emitted) << "messages were not settled";
}

TEST_P(ThreadsTest, EveryAcceptedMessageIsSettledExactlyOnce) {
    check(random_options{random}.make(), misbehaving_handler{GetParam(), &be_slow});
}

TEST_P(ThreadsTest, SoIsEachThatACoroutineHandles) {
    const bool hangs = GetParam() % 2 == 0;
    check(
        random_options{random}.make_for_coroutines(hangs),
        misbehaving_coroutine{{GetParam(), &be_slow}, hangs});
}

INSTANTIATE_TEST_SUITE_P(Seeds, ThreadsTest, ::testing::Range(0U, 24U));

class VirtualTimeTest : public FaultsTest {
  protected:
    template <class Handler>
    void check(const options& o, const Handler& handler);
};

template <class Handler>
void VirtualTimeTest::check(const options& o, const Handler& handler) {
    std::size_t emitted = 0;
    {
        auto p = virtual_pipeline::start<int>(o, {first, second}, handler, &decode, nullptr, GetParam());
        int next = 0;
        for (auto moves = random() % 60; moves > 0; --moves) {
            const auto values = some_values(random, next);
            emitted += values.size();
            (random() % 2 == 0 ? first : second)->emit(values);
            if (random() % 3 == 0) p.advance(std::chrono::microseconds{random() % 3'000});
        }
        const auto report = p.stop(std::chrono::milliseconds{random() % 3 == 0 ? random() % 3 : 20'000});
        const auto s = p->snapshot();
        EXPECT_EQ(s.accepted, emitted);
        EXPECT_EQ(s.in_flight, 0U);
        EXPECT_TRUE(report.drained || report.abandoned > 0);
    }
    EXPECT_EQ(settled_once(*first) + settled_once(*second), emitted) << "messages were not settled";
}

TEST_P(VirtualTimeTest, EveryAcceptedMessageIsSettledExactlyOnce) {
    check(random_options{random}.make(), misbehaving_handler{GetParam(), [] {}});
}

TEST_P(VirtualTimeTest, SoIsEachThatACoroutineHandles) {
    const bool limited = random() % 2 == 0;
    const bool hangs = random() % 2 == 0;
    check(
        random_options{random}.make_for_coroutines(limited),
        misbehaving_coroutine{{GetParam(), [] {}}, hangs});
}

INSTANTIATE_TEST_SUITE_P(Seeds, VirtualTimeTest, ::testing::Range(0U, 400U));

} // namespace
} // namespace weir::pipeline::testing
