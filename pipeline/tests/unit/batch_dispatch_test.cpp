#include "stage/batch_dispatch.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace weir::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using dispatch = batch_dispatch<int, std::size_t>;

/// Who gets which batch now.
std::vector<std::pair<std::size_t, int>> all_of(dispatch& d) {
    std::vector<std::pair<std::size_t, int>> all;
    while (const auto a = d.next())
        all.emplace_back(a->worker, a->batch);
    return all;
}

TEST(BatchDispatch, GivesABatchToTheWorkerThatHasBeenIdleLongest) {
    dispatch d{{.workers = 3}};
    for (const std::size_t w : {2, 0, 1})
        d.idle(w, w);
    d.push(1, "k", 0);
    EXPECT_THAT(all_of(d), ElementsAre(Pair(2, 1)));
    d.idle(2, 2);
    d.push(2, "k", 0);
    d.push(3, "k", 0);
    d.push(4, "k", 0);
    d.push(5, "k", 0);
    EXPECT_THAT(all_of(d), ElementsAre(Pair(0, 2), Pair(1, 3), Pair(2, 4)));
    EXPECT_EQ(d.size(), 1U);
    d.idle(1, 1);
    EXPECT_THAT(all_of(d), ElementsAre(Pair(1, 5)));
}

TEST(BatchDispatch, GivesABatchToTheWorkerOfItsPartitionInOrder) {
    dispatch d{{.workers = 2, .partitioned = true}};
    d.idle(0, 0);
    d.push(1, "k", 1);
    d.push(2, "k", 1);
    EXPECT_THAT(all_of(d), IsEmpty()) << "the idle worker is not theirs";
    d.push(3, "k", 0);
    EXPECT_THAT(all_of(d), ElementsAre(Pair(0, 3)));
    d.idle(1, 1);
    EXPECT_THAT(all_of(d), ElementsAre(Pair(1, 1)));
    d.idle(1, 1);
    EXPECT_THAT(all_of(d), ElementsAre(Pair(1, 2)));
}

TEST(BatchDispatch, HoldsBackABatchWhileOneOfItsKeyIsHandled) {
    dispatch d{{.workers = 3, .serial_per_key = true}};
    for (const std::size_t w : {0, 1, 2})
        d.idle(w, w);
    d.push(1, "a", 0);
    d.push(2, "a", 0);
    d.push(3, "a", 0);
    d.push(4, "b", 0);
    EXPECT_THAT(all_of(d), ElementsAre(Pair(0, 1), Pair(1, 4))) << "other keys overtake";
    EXPECT_EQ(d.size(), 2U);
    d.done("a");
    EXPECT_THAT(all_of(d), ElementsAre(Pair(2, 2)));
    d.done("b");
    d.idle(1, 1);
    EXPECT_THAT(all_of(d), IsEmpty());
    d.done("a");
    EXPECT_THAT(all_of(d), ElementsAre(Pair(1, 3)));
}

TEST(BatchDispatch, LetsAHeldBackBatchGoBeforeYoungerOnes) {
    dispatch d{{.workers = 1, .serial_per_key = true}};
    d.idle(0, 0);
    d.push(1, "a", 0);
    d.push(2, "a", 0);
    d.push(3, "b", 0);
    EXPECT_THAT(all_of(d), ElementsAre(Pair(0, 1)));
    d.done("a");
    d.idle(0, 0);
    EXPECT_THAT(all_of(d), ElementsAre(Pair(0, 2)));
}

TEST(BatchDispatch, GivesNothingToAWorkerThatHasLeft) {
    dispatch all{{.workers = 2}};
    all.idle(0, 0);
    all.idle(1, 1);
    all.withdraw(0);
    all.push(1, "a", 0);
    EXPECT_THAT(all_of(all), ElementsAre(Pair(1, 1)));
    dispatch lanes{{.workers = 2, .partitioned = true}};
    lanes.idle(0, 0);
    lanes.withdraw(0);
    lanes.push(1, "a", 0);
    EXPECT_THAT(all_of(lanes), IsEmpty());
}

TEST(BatchDispatch, GivesBackWhatWaits) {
    dispatch d{{.workers = 1, .serial_per_key = true}};
    d.idle(0, 0);
    for (const int b : {1, 2, 3})
        d.push(b, "a", 0);
    d.push(4, "b", 0);
    EXPECT_THAT(all_of(d), ElementsAre(Pair(0, 1)));
    std::multiset<int> taken;
    d.clear([&](int b) { taken.insert(b); });
    EXPECT_THAT(taken, ElementsAre(2, 3, 4));
    EXPECT_EQ(d.size(), 0U);
    d.done("a"); // of the one that was handed out before
    d.idle(0, 0);
    EXPECT_THAT(all_of(d), IsEmpty());
}

// Every batch is handled once; those of a partition by its worker in order; those of a serial key one after
// the other in order; and no batch that could be handled waits.
RC_GTEST_PROP(BatchDispatch, LosesNothingAndKeepsItsOrders, ()) {
    const auto workers = *rc::gen::inRange<std::size_t>(1, 5);
    const auto partitioned = *rc::gen::arbitrary<bool>();
    const auto serial = *rc::gen::arbitrary<bool>();

    struct batch {
        int number;
        std::string key;
        std::size_t partition;
    };

    batch_dispatch<batch, std::size_t> d{{workers, partitioned, serial}};
    std::map<std::size_t, batch> busy;
    std::map<std::string, int> last_of_key;
    std::map<std::size_t, int> last_of_partition;
    int pushed = 0;
    int handled = 0;
    const auto hand_out = [&] {
        while (const auto a = d.next()) {
            RC_ASSERT(busy.count(a->worker) == 0U);
            if (partitioned) RC_ASSERT(a->worker == a->batch.partition);
            if (partitioned && !serial)
                RC_ASSERT(
                    std::exchange(last_of_partition[a->batch.partition], a->batch.number) < a->batch.number);
            if (serial) {
                for (const auto& [w, other] : busy)
                    RC_ASSERT(other.key != a->batch.key);
                RC_ASSERT(std::exchange(last_of_key[a->batch.key], a->batch.number) < a->batch.number);
            }
            busy.emplace(a->worker, a->batch);
            ++handled;
        }
        if (!partitioned && !serial) RC_ASSERT(d.size() == 0U || busy.size() == workers);
    };
    const auto finish_one = [&](std::size_t nth) {
        const auto it = std::next(busy.begin(), static_cast<std::ptrdiff_t>(nth % busy.size()));
        const auto [worker, b] = *it;
        busy.erase(it);
        if (serial) d.done(b.key);
        d.idle(worker, worker);
        hand_out();
    };
    for (std::size_t w = 0; w < workers; ++w)
        d.idle(w, w);
    const auto steps = *rc::gen::inRange(1, 60);
    for (int i = 0; i < steps; ++i) {
        if (busy.empty() || *rc::gen::arbitrary<bool>()) {
            ++pushed;
            batch b{
                pushed, *rc::gen::element<std::string>("a", "b"),
                partitioned ? *rc::gen::inRange<std::size_t>(0, workers) : 0};
            const auto key = b.key;
            const auto partition = b.partition;
            d.push(std::move(b), key, partition);
            hand_out();
        } else {
            finish_one(*rc::gen::inRange<std::size_t>(0, 8));
        }
    }
    while (!busy.empty())
        finish_one(0);
    RC_ASSERT(handled == pushed);
    RC_ASSERT(d.size() == 0U);
}

} // namespace
} // namespace weir::pipeline
