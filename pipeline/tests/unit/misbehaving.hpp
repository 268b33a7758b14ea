#pragma once

#include "test_pipeline.hpp"

#include <weir/base/completion.hpp>
#include <weir/base/task.hpp>
#include <weir/pipeline/this_worker.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <random>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::pipeline::testing {

/// Decides by a message's value, so that every callback misbehaves without a generator shared by threads.
inline unsigned chance(int value, unsigned salt) {
    auto x = static_cast<unsigned>(value) * 2654435761U + salt * 40503U;
    x ^= x >> 13U;
    x *= 1540483477U;
    return (x ^ (x >> 15U)) % 100U;
}

/// Every callback there is, and each throws, fails, decides at random, settles early or is slow, as the value
/// of its message and the number of the attempt have it.
struct misbehaving_handler {
    unsigned salt;
    void (*be_slow)();

    void prepare_messages(std::span<test_message> s) const {
        if (dice(s[0], 2) < 3) throw std::runtime_error{"thrown"};
        if (dice(s[0], 2) < 6) std::reverse(s.begin(), s.end());
        if (dice(s[0], 2) < 10) settle_now(s.first(1));
    }

    void handle_message(test_message& m) const {
        const auto c = dice(m, 0);
        if (c < 8) m.data = -1;
        if (c < 5) throw std::runtime_error{"thrown"};
        if (c < 7) throw 7;
        if (c < 12) m.fail("failed");
        if (c < 15) m.put_batcher("nowhere");
        if (c < 18) m.settle_now();
        if (c < 40) m.put_batch_key(std::to_string(c % 5));
        if (c < 45) m.put_batch_mode(batch_mode::flush);
        if (c > 97) be_slow();
        if (c > 50) m.put_batcher("second");
    }

    void handle_batch(test_batch& b) const {
        const auto c = dice(b[0], 1);
        if (c < 15) throw std::runtime_error{"thrown"};
        if (c < 20) b.fail("failed");
        if (c < 30) b[b.size() - 1].fail("the last one");
        if (c < 40) std::reverse(b.begin(), b.end());
        if (c < 45) settle_now(b.messages().first((b.size() + 1) / 2));
        if (c < 48) throw std::runtime_error{"thrown after some were settled"};
        if (c > 90) be_slow();
    }

    void handle_failed(std::span<test_message> s) const {
        const auto c = dice(s[0], 3);
        if (c < 10) s[0].settle_now();
        if (c < 20) throw std::runtime_error{"thrown"};
    }

    verdict decide_failure(const test_message& m) const {
        const auto c = dice(m, 4);
        if (c < 10) throw std::runtime_error{"thrown"};
        if (c < 20) return verdict::succeed;
        if (c < 30) return verdict::fail;
        if (c < 40) return verdict::dead_letter;
        return verdict::retry;
    }

    void handle_dead_letter(dead_letter<int>& letter) const {
        if (chance(letter.raw, salt + 5) < 20) throw std::runtime_error{"thrown"};
    }

    std::int64_t partition_by(const int& raw) const {
        const auto c = chance(raw, salt + 6);
        if (c < 2) throw std::runtime_error{"thrown"};
        return c < 4 ? -1 : static_cast<std::int64_t>(c % 7);
    }

  protected:
    [[nodiscard]] unsigned dice(const test_message& m, unsigned callback) const {
        return chance(m.metadata, salt + callback + 100 * m.attempt());
    }
};

/// The same as coroutines that wait before they misbehave, or afterwards, or for ever.
struct misbehaving_coroutine : misbehaving_handler {
    bool hangs;

    task<void> handle_message(test_message& m) const {
        co_await dawdle(dice(m, 10));
        misbehaving_handler::handle_message(m);
        co_await dawdle(dice(m, 11));
    }

    task<void> handle_batch(test_batch& b) const {
        co_await dawdle(dice(b[0], 12));
        misbehaving_handler::handle_batch(b);
        co_await dawdle(dice(b[0], 13));
    }

  private:
    task<void> dawdle(unsigned c) const {
        if (hangs && c < 3) {
            completion<int> never;
            const auto kept = never.completer();
            static_cast<void>(co_await never);
        }
        if (c < 6) throw std::runtime_error{"thrown"};
        if (c < 20) co_await this_worker::yield();
        if (c > 70) co_await this_worker::sleep_for(std::chrono::microseconds{100} * (100 - c));
    }
};

/// What can be odd about a pipeline's options.
class random_options {
  public:
    explicit random_options(std::mt19937& random)
        : random_(random) {}

    [[nodiscard]] options make() {
        options o{.name = "faults"};
        o.processors.concurrency = pick(1, 4);
        o.processors.max_demand = pick(1, 12);
        o.buffer_size = pick(1, 300);
        if (maybe()) o.processors.ordering = order();
        if (maybe()) o.retry = retry();
        o.retry.hold_lane =
            o.retry.max_attempts > 1 && o.processors.ordering.mode != ordering::none && maybe();
        if (maybe()) o.dead_letter.settle_as = dead_letter_options::settling::failed;
        if (pick(0, 3) == 0) return o;
        for (const auto* name : {"default", "second"})
            o.batchers.push_back(batcher(name));
        return o;
    }

    /// For coroutines, whose time must be limited where they may hang.
    [[nodiscard]] options make_for_coroutines(bool limited) {
        auto o = make();
        if (o.processors.ordering.mode != ordering::partitioned) o.processors.in_flight = pick(0, 20);
        if (limited) o.processors.time_limit = std::chrono::milliseconds{pick(1, 4)};
        for (auto& b : o.batchers) {
            if (!b.partitioned) b.in_flight = pick(0, 4);
            if (limited) b.time_limit = std::chrono::milliseconds{pick(1, 4)};
        }
        return o;
    }

    [[nodiscard]] std::size_t pick(std::size_t low, std::size_t high) {
        return std::uniform_int_distribution<std::size_t>{low, high}(random_);
    }

    [[nodiscard]] bool maybe() { return pick(0, 1) == 0; }

  private:
    [[nodiscard]] std::chrono::milliseconds some_time() { return std::chrono::milliseconds{pick(0, 3)}; }

    [[nodiscard]] ordering_options order() {
        return {
            .mode = maybe() ? ordering::keyed : ordering::partitioned,
            .lanes = pick(4, 20),
            .lane_buffer = pick(0, 40)};
    }

    [[nodiscard]] retry_options retry() {
        retry_options r{.max_attempts = pick(2, 5), .delay = some_time()};
        if (maybe()) r.total_limit = some_time();
        r.max_waiting = pick(1, 40);
        return r;
    }

    [[nodiscard]] batcher_options batcher(const char* name) {
        batcher_options b{.name = name};
        b.batch_size = pick(1, 30);
        b.batch_timeout = std::chrono::milliseconds{pick(1, 5)};
        b.concurrency = pick(1, 3);
        b.max_open_messages = b.batch_size + pick(0, 40);
        b.serial_per_key = maybe();
        b.partitioned = pick(0, 3) == 0;
        b.retry.split = maybe();
        if (maybe()) return b;
        b.retry.max_attempts = pick(2, 4);
        b.retry.delay = some_time();
        b.retry.max_waiting = pick(1, 4);
        return b;
    }

    std::mt19937& random_;
};

/// How many of a source's tokens were settled; complains of those that were settled more than once.
inline std::size_t settled_once(const test_source& source) {
    std::size_t distinct = 0;
    const auto all = source.endings();
    for (auto it = all.begin(); it != all.end(); it = all.upper_bound(it->first)) {
        EXPECT_EQ(all.count(it->first), 1U) << "token " << it->first << " was settled more than once";
        ++distinct;
    }
    return distinct;
}

} // namespace weir::pipeline::testing
