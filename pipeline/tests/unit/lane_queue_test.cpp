#include "engine/lane_queue.hpp"
#include "test_source.hpp"

#include <weir/base/result.hpp>
#include <weir/pipeline/engine/launch.hpp>
#include <weir/pipeline/engine/typed_source.hpp>
#include <weir/pipeline/engine/typed_stages.hpp>
#include <weir/pipeline/options.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace weir::pipeline::engine {
namespace {

struct handler {
    void handle_message(message<int, int>&) {}

    [[nodiscard]] std::int64_t partition_by(const int& raw) const { return raw / 10; }
};

result<int> same(const int& raw) {
    return raw;
}

class LaneQueueTest : public ::testing::Test {
  protected:
    LaneQueueTest() {
        sources.push_back(std::make_unique<typed_source<int>>(
            std::make_shared<pipeline::testing::test_source>(), 0, rules_of(options{})));
    }

    lane_queue make(ordering mode, std::size_t workers, std::size_t max_chunk = 2) {
        return {{.mode = mode, .lanes = 16}, workers, max_chunk, {stages, sources, unplaced}};
    }

    static std::unique_ptr<raw_run> chunk(const std::vector<int>& values) {
        auto run = std::make_unique<typed_raw_run<int>>(0, nullptr);
        for (const auto v : values)
            run->entries.push_back({.value = v});
        return run;
    }

    static std::vector<int> values(const std::unique_ptr<raw_run>& chunk) {
        std::vector<int> all;
        if (chunk != nullptr)
            for (const auto& e : static_cast<const typed_raw_run<int>&>(*chunk).entries)
                all.push_back(e.value);
        return all;
    }

    using ints = std::vector<int>;

    typed_stages<int, int, handler, result<int> (*)(const int&)> stages{handler{}, &same};
    std::vector<std::unique_ptr<source>> sources;
    control shared;
    ledger accounts{sources, 1, shared.progress};
    rejects unplaced{shared, accounts, sources, 0};
    seat first{0};
    seat second{1};
};

TEST_F(LaneQueueTest, DividesChunksAndJoinsWhatWaits) {
    auto q = make(ordering::keyed, 2);
    q.push(chunk({10, 20, 11}));
    q.push(chunk({12, 21}));
    EXPECT_EQ(q.size(), 5U);
    const auto a = q.try_pop(first);
    EXPECT_EQ(values(a), (ints{10, 11}));
    EXPECT_EQ(values(q.try_pop(second)), (ints{20, 21}));
    EXPECT_EQ(q.try_pop(second), nullptr) << "lane 1 is in hand, and lane 2 is empty";
    q.done(a->lane());
    EXPECT_EQ(values(q.try_pop(second)), (ints{12}));
    EXPECT_EQ(q.size(), 0U);
}

TEST_F(LaneQueueTest, HoldsALaneWhileAMessageOfItWaitsForAnotherAttempt) {
    auto q = make(ordering::keyed, 2, 1);
    q.push(chunk({10, 11, 20}));
    auto failed = q.try_pop(first);
    ASSERT_EQ(values(failed), (ints{10}));
    q.hold(failed->lane());
    first.finished = failed->lane();
    EXPECT_EQ(values(q.try_pop(first)), (ints{20}));
    EXPECT_EQ(q.try_pop(second), nullptr);
    failed->set_retries(1);
    q.push(std::move(failed));
    const auto again = q.try_pop(second);
    EXPECT_EQ(values(again), (ints{10})) << "in its old place";
    q.done(again->lane());
    EXPECT_EQ(values(q.try_pop(second)), (ints{11}));
}

TEST_F(LaneQueueTest, LetsALaneGoOnWhenNoAttemptFollows) {
    auto q = make(ordering::keyed, 2, 1);
    q.push(chunk({10, 11}));
    const auto failed = q.try_pop(first);
    q.hold(failed->lane());
    q.done(failed->lane());
    EXPECT_EQ(q.try_pop(second), nullptr);
    q.release(failed->lane());
    EXPECT_EQ(values(q.try_pop(second)), (ints{11}));
}

TEST_F(LaneQueueTest, KeepsWhatWaitsForAPartitionForItsNextProcessor) {
    auto q = make(ordering::partitioned, 2);
    q.push(chunk({10, 11, 12}));
    const auto taken = q.try_pop(second);
    q.dismiss(second);
    second.finished = taken->lane();
    EXPECT_EQ(q.try_pop(second), nullptr) << "it leaves";
    EXPECT_EQ(q.try_pop(first), nullptr) << "not its partition";
    seat successor{1};
    EXPECT_EQ(values(q.pop(successor)), (ints{12}));
}

TEST_F(LaneQueueTest, ChangesPartitionsOnlyWhenNothingIsInside) {
    auto q = make(ordering::partitioned, 2);
    q.push(chunk({10}));
    EXPECT_FALSE(q.resize(3));
    const auto taken = q.try_pop(second);
    EXPECT_FALSE(q.resize(3)) << "in hand";
    q.done(taken->lane());
    EXPECT_TRUE(q.resize(3));
    q.push(chunk({50}));
    seat third{2};
    EXPECT_EQ(q.try_pop(second), nullptr);
    EXPECT_EQ(values(q.try_pop(third)), (ints{50}));
}

TEST_F(LaneQueueTest, EndsWaiting) {
    auto q = make(ordering::partitioned, 2);
    std::thread closed{[&] { EXPECT_EQ(q.pop(first), nullptr); }};
    std::thread dismissed{[&] { EXPECT_EQ(q.pop(second), nullptr); }};
    q.dismiss(second);
    dismissed.join();
    q.close();
    closed.join();
}

} // namespace
} // namespace weir::pipeline::engine
