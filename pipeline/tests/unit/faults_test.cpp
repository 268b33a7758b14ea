// Whatever callbacks do and whenever a pipeline is stopped, every accepted message is settled exactly once.

#include "test_pipeline.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;
using testing::callbacks;
using testing::test_batch;
using testing::test_message;
using testing::test_source;

/// Decides by a message's value, so that every callback misbehaves without a generator shared by threads.
unsigned chance(int value, unsigned salt) {
    auto x = static_cast<unsigned>(value) * 2654435761U + salt * 40503U;
    x ^= x >> 13U;
    x *= 1540483477U;
    return (x ^ (x >> 15U)) % 100U;
}

void be_slow() {
    std::this_thread::sleep_for(200us);
}

callbacks misbehaving(unsigned salt) {
    callbacks f;
    f.handle_message = [salt](test_message& m) {
        const auto c = chance(m.data, salt);
        if (c < 5) throw std::runtime_error{"thrown"};
        if (c < 7) throw 7;
        if (c < 12) m.fail("failed");
        if (c < 15) m.put_batcher("nowhere");
        if (c < 40) m.put_batch_key(std::to_string(c % 5));
        if (c < 45) m.put_batch_mode(batch_mode::flush);
        if (c > 97) be_slow();
        if (c > 50) m.put_batcher("second");
    };
    f.handle_batch = [salt](test_batch& b) {
        const auto c = chance(b[0].data, salt + 1);
        if (c < 5) throw std::runtime_error{"thrown"};
        if (c < 10) b.fail("failed");
        if (c < 20) b[b.size() - 1].fail("the last one");
        if (c < 30) std::reverse(b.begin(), b.end());
        if (c > 90) be_slow();
    };
    f.prepare_messages = [salt](std::span<test_message> s) {
        if (chance(s[0].data, salt + 2) < 3) throw std::runtime_error{"thrown"};
    };
    f.handle_failed = [salt](std::span<test_message> s) {
        if (chance(s[0].data, salt + 3) < 20) throw std::runtime_error{"thrown"};
    };
    return f;
}

options random_options(std::mt19937& random) {
    const auto pick = [&](std::size_t low, std::size_t high) {
        return std::uniform_int_distribution<std::size_t>{low, high}(random);
    };
    options o{.name = "faults"};
    o.processors.concurrency = pick(1, 4);
    o.processors.max_demand = pick(1, 12);
    o.buffer_size = pick(1, 300);
    if (pick(0, 3) == 0) return o;
    for (const auto* name : {"default", "second"}) {
        batcher_options b{.name = name};
        b.batch_size = pick(1, 30);
        b.batch_timeout = std::chrono::milliseconds{pick(1, 5)};
        b.concurrency = pick(1, 3);
        b.max_open_messages = b.batch_size + pick(0, 40);
        o.batchers.push_back(b);
    }
    return o;
}

class FaultsTest : public ::testing::TestWithParam<unsigned> {};

TEST_P(FaultsTest, EveryAcceptedMessageIsSettledExactlyOnce) {
    std::mt19937 random{GetParam()};
    const auto source = std::make_shared<test_source>(random() % 2 == 0 ? 0 : 40);
    const auto second = std::make_shared<test_source>(20);
    source->on_settle = [&](std::span<const settlement> s) {
        if (chance(static_cast<int>(s[0].token), GetParam()) < 5) throw std::runtime_error{"thrown"};
    };
    std::atomic<int> emitted{0};
    std::atomic<bool> done{false};
    {
        auto p = start<int>(
            random_options(random), {source, second},
            testing::function_handler{std::make_shared<callbacks>(misbehaving(GetParam()))}, &testing::decode,
            nullptr);
        const auto emit = [&](test_source& to, unsigned seed) {
            std::mt19937 mine{seed};
            while (!done && emitted < 6'000) {
                const auto n = static_cast<int>(mine() % 30);
                std::vector<int> values;
                for (int i = 0; i < n; ++i) {
                    const auto v = emitted++;
                    values.push_back(mine() % 50 == 0 ? -1 - v : v);
                }
                to.emit(values);
                if (mine() % 8 == 0) std::this_thread::yield();
            }
        };
        std::thread first_emitter{emit, std::ref(*source), random()};
        std::thread second_emitter{emit, std::ref(*second), random()};
        std::this_thread::sleep_for(
            std::chrono::microseconds{random() % 20'000}); // the random moment of the stop
        const auto report = p.stop(std::chrono::milliseconds{random() % 3 == 0 ? random() % 5 : 20'000});
        done = true;
        first_emitter.join();
        second_emitter.join();
        const auto s = p.snapshot();
        EXPECT_EQ(s.accepted, static_cast<std::uint64_t>(emitted.load()));
        if (report.drained) {
            EXPECT_EQ(s.in_flight, 0U);
        }
    }
    std::size_t distinct = 0;
    for (const auto* one : {source.get(), second.get()}) {
        const auto all = one->endings();
        for (auto it = all.begin(); it != all.end(); it = all.upper_bound(it->first)) {
            EXPECT_EQ(all.count(it->first), 1U) << "token " << it->first << " was settled more than once";
            ++distinct;
        }
    }
    EXPECT_EQ(distinct, static_cast<std::size_t>(emitted.load())) << "messages were not settled";
}

INSTANTIATE_TEST_SUITE_P(Seeds, FaultsTest, ::testing::Range(0U, 24U));

} // namespace
} // namespace weir::pipeline
