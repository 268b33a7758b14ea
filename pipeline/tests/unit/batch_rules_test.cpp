// What the options of a batcher ask of a handler: partitions, sizes, splitters; and the limits and orders
// that they bring about.

#include "ruled_pipeline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class BatchRulesTest : public RuledPipelineTest {};

// Partitions

TEST_F(BatchRulesTest, NeverMixPartitionsAndGoToTheBatchProcessorOfTheirs) {
    int asked = 0;
    f.handle_message = [](test_message& m) { m.data += 1'000; };
    f.partition = [&](const test_message& m) {
        ++asked;
        return m.data - 1'000; // as handle_message left it
    };
    auto p =
        begin(one_batcher({.batch_size = 4, .batch_timeout = 1h, .concurrency = 3, .partitioned = true}, 2));
    source->emit_range(0, 50);
    p.stop();
    EXPECT_EQ(asked, 50) << "once per message";
    std::map<std::size_t, int> last;
    for (const auto& b : batches) {
        ASSERT_TRUE(b.partition.has_value());
        EXPECT_EQ(b.worker, "rules.BatchProcessor_default_" + std::to_string(*b.partition));
        for (const auto v : b.data)
            EXPECT_EQ(static_cast<std::size_t>(v - 1'000) % 3, *b.partition);
    }
    EXPECT_EQ(source->count(outcome::successful), 50U);
}

TEST_F(BatchRulesTest, OfAPartitionKeepTheOrderOfOneProcessor) {
    f.partition = [](const test_message& m) { return m.data % 7; };
    auto p =
        begin(one_batcher({.batch_size = 3, .batch_timeout = 1h, .concurrency = 4, .partitioned = true}));
    source->emit_range(0, 200);
    p.stop();
    std::map<std::size_t, int> last;
    for (const auto& b : batches)
        for (const auto v : b.data)
            EXPECT_LE(std::exchange(last[*b.partition], v), v);
}

TEST_F(BatchRulesTest, HaveNoPartitionUnlessTheyAskForOne) {
    f.partition = [](const test_message&) -> std::int64_t { throw std::logic_error{"not to be called"}; };
    auto p = begin(one_batcher({.batch_size = 2}));
    source->emit_range(0, 2);
    p.run();
    ASSERT_THAT(batches, SizeIs(1));
    EXPECT_EQ(batches[0].partition, std::nullopt);
}

TEST_F(BatchRulesTest, DoNotGetMessagesWhosePartitionIsNone) {
    f.partition = [](const test_message& m) -> std::int64_t {
        if (m.data == 1) throw std::runtime_error{"no partition"};
        return m.data == 2 ? -1 : 0;
    };
    auto p = begin(one_batcher({.batch_size = 3, .batch_timeout = 1h, .partitioned = true}));
    source->emit_range(0, 5);
    p.run();
    EXPECT_THAT(contents(), ElementsAre(ElementsAre(0, 3, 4)));
    EXPECT_EQ(reason_of(1), "no partition");
    EXPECT_EQ(reason_of(2), "partition_batch_by gave -1, must be at least 0");
    EXPECT_THAT(shown_failed, ElementsAre(1, 2));
}

struct inheriting_handler : function_handler {
    static std::int64_t partition_by(const int& raw) { return raw; }
};

TEST_F(BatchRulesTest, InheritThePartitionsOfTheProcessors) {
    options o = one_batcher({.batch_size = 2, .batch_timeout = 1h, .concurrency = 2, .partitioned = true});
    o.name = "inherit";
    auto p = virtual_pipeline::start<int>(
        o, {source}, inheriting_handler{{std::make_shared<callbacks>(f)}}, &decode);
    source->emit_range(0, 4);
    p.run();
    EXPECT_THAT(contents(), ::testing::UnorderedElementsAre(ElementsAre(0, 2), ElementsAre(1, 3)));
}

// Times

TEST_F(BatchRulesTest, LeaveAtTheTimeOfTheirFirstMessageOnly) {
    auto p = begin(one_batcher({.batch_size = 3, .batch_timeout = 100ms}));
    source->emit_range(0, 1);
    p.advance(90ms);
    source->emit_range(1, 3); // the first batch is full; another one begins
    p.advance(99ms);
    EXPECT_THAT(contents(), ElementsAre(ElementsAre(0, 1, 2)))
        << "a time set for one batch is not the next's";
    p.advance(1ms);
    EXPECT_THAT(contents(), ElementsAre(ElementsAre(0, 1, 2), ElementsAre(3)));
    EXPECT_EQ(batches[1].trigger, batch_trigger::timeout);
    p.advance(1h);
    EXPECT_THAT(batches, SizeIs(2)) << "an empty batch";
}

// While the batch processor was busy the time of the message's batch has come: the next one must not join it.
TEST_F(BatchRulesTest, CountTheirTimeAlsoWhileAllBatchProcessorsAreBusy) {
    door d;
    f.handle_message = [](test_message& m) {
        m.put_batch_mode(m.data == 0 ? batch_mode::flush : batch_mode::bulk);
    };
    f.handle_batch = [&](test_batch& b) {
        if (b[0].data == 0) d.pass();
        record(b);
    };
    options o = one_batcher({.batch_size = 100, .batch_timeout = 20ms});
    o.name = "busy";
    auto p = start<int>(o, {source}, ruled_handler{std::make_shared<rules>(f)}, &decode);
    source->emit({0});
    ASSERT_TRUE(d.wait_for_waiting(1));
    source->emit({1});
    while (p.snapshot().open_batches == 0)
        std::this_thread::yield();
    EXPECT_FALSE(source->wait_settled(1, 40ms)); // time passes
    source->emit({2});
    while (p.snapshot().queues.at(3).length + p.snapshot().queues.at(4).length < 2)
        std::this_thread::yield();
    d.open();
    ASSERT_TRUE(source->wait_settled(3));
    p.stop();
    EXPECT_THAT(contents(), ElementsAre(ElementsAre(0), ElementsAre(1), ElementsAre(2)));
}

// Turns

TEST_F(BatchRulesTest, GoToTheBatchProcessorThatHasBeenFreeLongest) {
    auto p = begin(one_batcher({.batch_size = 1, .concurrency = 3}), 5);
    for (int i = 0; i < 12; ++i) {
        source->emit({i});
        p.run();
    }
    ASSERT_THAT(batches, SizeIs(12));
    for (std::size_t i = 3; i < batches.size(); ++i)
        EXPECT_EQ(batches[i].worker, batches[i - 3].worker);
    EXPECT_NE(batches[0].worker, batches[1].worker);
    EXPECT_NE(batches[1].worker, batches[2].worker);
    EXPECT_NE(batches[0].worker, batches[2].worker);
}

TEST_F(BatchRulesTest, OfAKeyAreHandledOneAfterTheOtherOnRequest) {
    for (const bool serial : {false, true}) {
        door d;
        source = std::make_shared<test_source>();
        f.handle_message = [](test_message& m) { m.put_batch_key(m.data < 3 ? "a" : "b"); };
        f.handle_batch = [&](test_batch&) { d.pass(); };
        options o = one_batcher({.batch_size = 1, .concurrency = 4, .serial_per_key = serial});
        o.name = "serial";
        auto p = start<int>(o, {source}, ruled_handler{std::make_shared<rules>(f)}, &decode);
        source->emit_range(0, 4); // a a a b
        const std::size_t at_once = serial ? 2 : 4;
        EXPECT_TRUE(d.wait_for_waiting(at_once));
        EXPECT_EQ(d.waiting(), at_once);
        d.open();
        EXPECT_TRUE(source->wait_settled(4));
        EXPECT_TRUE(p.stop().drained);
    }
}

// Limits

TEST_F(BatchRulesTest, HoldAtMostAsManyBytesAsTold) {
    f.size = [](const test_message& m) {
        if (m.data == 99) throw std::runtime_error{"no size"};
        return static_cast<std::size_t>(m.data);
    };
    auto p = begin(one_batcher({.batch_size = 100, .batch_timeout = 1h, .max_bytes = 10}));
    source->emit({4, 5, 2, 99, 8, 12, 1});
    p.stop();
    EXPECT_THAT(
        contents(), ElementsAre(ElementsAre(4, 5), ElementsAre(2, 8), ElementsAre(12), ElementsAre(1)));
    EXPECT_EQ(reason_of(99), "no size");
    EXPECT_EQ(batches[0].trigger, batch_trigger::size);
}

struct text_handler {
    std::shared_ptr<std::vector<std::size_t>> sizes = std::make_shared<std::vector<std::size_t>>();

    void handle_message(message<std::string, int>&) const {}

    void handle_batch(batch<std::string, int>& b) const { sizes->push_back(b.size()); }
};

TEST_F(BatchRulesTest, TakeTheSizeOfDataThatIsARunOfBytes) {
    options o = one_batcher({.batch_size = 100, .batch_timeout = 1h, .max_bytes = 10});
    o.name = "text";
    text_handler h;
    auto p = virtual_pipeline::start<int>(o, {source}, h, [](const int& raw) -> result<std::string> {
        return std::string(static_cast<std::size_t>(raw), 'x');
    });
    source->emit({6, 4, 5, 1, 2, 7});
    p.stop();
    EXPECT_THAT(*h.sizes, ElementsAre(2, 3, 1));
}

TEST_F(BatchRulesTest, EndWhereTheSplitterSaysSo) {
    f.split = [](int& sum, const test_message& m) {
        if (sum + m.data > 10) return split_verdict::starts_next;
        sum += m.data;
        return sum == 10 ? split_verdict::completes : split_verdict::joins;
    };
    auto p = begin(one_batcher({.batch_timeout = 1s, .max_demand = 100, .splitter = true}));
    source->emit({4, 6, 7, 5, 30, 9});
    p.run();
    EXPECT_THAT(contents(), ElementsAre(ElementsAre(4, 6), ElementsAre(7), ElementsAre(5), ElementsAre(30)))
        << "what does not even go with an empty batch leaves alone";
    for (const auto& b : batches)
        EXPECT_EQ(b.trigger, batch_trigger::size);
    p.advance(1s);
    EXPECT_THAT(batches.back().data, ElementsAre(9));
    source->emit({8, 3});
    p.run();
    EXPECT_THAT(batches.back().data, ElementsAre(8)) << "the state began anew after the timeout";
}

TEST_F(BatchRulesTest, KeepASplitterStateForEachKey) {
    f.handle_message = [](test_message& m) { m.put_batch_key(m.data % 2 == 0 ? "even" : "odd"); };
    f.split = [](int& count, const test_message&) {
        return ++count == 2 ? split_verdict::completes : split_verdict::joins;
    };
    auto p = begin(one_batcher({.batch_timeout = 1h, .max_demand = 100, .splitter = true}));
    source->emit_range(0, 8);
    p.run();
    EXPECT_THAT(
        contents(), ElementsAre(ElementsAre(0, 2), ElementsAre(1, 3), ElementsAre(4, 6), ElementsAre(5, 7)));
}

TEST_F(BatchRulesTest, StayOpenWhenTheSplitterThrows) {
    f.split = [](int& count, const test_message& m) {
        if (m.data >= 90) throw std::runtime_error{"bad " + std::to_string(m.data)};
        return ++count == 3 ? split_verdict::completes : split_verdict::joins;
    };
    auto p = begin(one_batcher({.batch_timeout = 1h, .max_demand = 100, .splitter = true}));
    source->emit({90}); // the first of a batch
    p.run();
    EXPECT_EQ(p->snapshot().open_batches, 0U);
    source->emit({1, 91, 2, 92, 3});
    p.run();
    EXPECT_THAT(contents(), ElementsAre(ElementsAre(1, 2, 3)));
    EXPECT_EQ(reason_of(91), "bad 91");
    EXPECT_THAT(shown_failed, ElementsAre(90, 91, 92));
    EXPECT_EQ(source->count(outcome::failed), 3U);
    EXPECT_TRUE(p.stop().drained);
}

TEST_F(BatchRulesTest, LeaveLargestFirstAtTheBoundWhenToldTo) {
    f.handle_message = [](test_message& m) { m.put_batch_key(std::to_string(m.data % 10)); };
    auto p = begin(one_batcher(
        {.batch_size = 4,
         .batch_timeout = 1h,
         .max_open_messages = 5,
         .at_max_open = open_bound::largest_leaves}));
    source->emit({1, 2, 12, 22, 3, 4});
    p.run();
    EXPECT_THAT(contents(), ElementsAre(ElementsAre(2, 12, 22)));
    EXPECT_EQ(batches[0].trigger, batch_trigger::bound);
}

TEST_F(BatchRulesTest, StopTheIntakeAtTheBoundWhenToldTo) {
    f.handle_message = [](test_message& m) { m.put_batch_key(std::to_string(m.data)); };
    auto p = begin(
        {.processors = {.concurrency = 2, .max_demand = 10},
         .batchers = {
             {.batch_size = 4,
              .batch_timeout = 1s,
              .max_demand = 1'000,
              .max_open_messages = 15,
              .at_max_open = open_bound::intake_stops}}});
    source->emit_range(0, 200);
    p.run();
    EXPECT_THAT(batches, IsEmpty());
    const auto held = p->snapshot().queues[3];
    EXPECT_GE(held.length, 15U);
    EXPECT_LE(held.length, held.bound);
    const auto announced = test_source::sum_of(source->announced());
    p.run();
    EXPECT_EQ(test_source::sum_of(source->announced()), announced);
    p.advance(1min);
    EXPECT_EQ(source->count(outcome::successful), 200U) << "their timeouts let others in";
    for (const auto& b : batches)
        EXPECT_EQ(b.trigger, batch_trigger::timeout);
}

// The size adapts

TEST_F(BatchRulesTest, GrowUntilTheirCallbackTakesAsLongAsWanted) {
    manual_time time;
    f.handle_batch = [&](test_batch& b) {
        record(b);
        time.advance(10ms + b.size() * 1ms);
    };
    options o{
        .name = "adaptive",
        .processors = {.concurrency = 1, .max_demand = 1'000},
        .batchers = {
            {.batch_size = 10,
             .batch_timeout = 1h,
             .adaptive = {.min_size = 5, .max_size = 500, .target = 60ms}}}};
    auto p = engine::launch(
        engine::assemble<int>(o, {source}, ruled_handler{std::make_shared<rules>(f)}, &decode, nullptr),
        {&time, 1});
    for (int i = 0; i < 200; ++i) {
        source->emit_range(i * 100, 100);
        while (engine::step(p)) {
        }
    }
    ASSERT_GT(batches.size(), 50U);
    EXPECT_EQ(batches[0].data.size(), 10U);
    for (std::size_t i = batches.size() - 10; i < batches.size(); ++i)
        EXPECT_NEAR(static_cast<double>(batches[i].data.size()), 50, 8);
    p.stop();
}

// All of it at once, in many courses: nothing is lost, limits and orders hold.
TEST_F(BatchRulesTest, HoldTheirRulesInEveryCourse) {
    for (std::uint64_t seed = 0; seed < 60; ++seed) {
        std::minstd_rand random(static_cast<unsigned>(seed + 1));
        const auto pick = [&](auto... values) {
            const std::array all{values...};
            return all[random() % all.size()];
        };
        batches.clear();
        source = std::make_shared<test_source>(pick(std::size_t{0}, std::size_t{20}));
        batcher_options b{
            .batch_size = pick(std::size_t{1}, std::size_t{4}, std::size_t{50}),
            .batch_timeout = 100ms,
            .concurrency = pick(std::size_t{1}, std::size_t{3}),
            .max_demand = pick(std::size_t{1}, std::size_t{20}),
            .max_open_messages = 60,
            .at_max_open =
                pick(open_bound::oldest_leaves, open_bound::largest_leaves, open_bound::intake_stops),
            .max_bytes = pick(std::size_t{0}, std::size_t{12}),
            .splitter = pick(true, false),
            .partitioned = pick(true, false),
            .serial_per_key = pick(true, false)};
        f.handle_message = [](test_message& m) {
            m.put_batch_key(std::to_string(m.data % 4));
            if (m.data % 17 == 0) m.put_batch_mode(batch_mode::flush);
        };
        f.partition = [](const test_message& m) -> std::int64_t {
            if (m.data % 31 == 0) throw std::runtime_error{"partition"};
            return m.data / 4 % 5;
        };
        f.size = [](const test_message& m) -> std::size_t {
            if (m.data % 37 == 0) throw std::runtime_error{"size"};
            return static_cast<std::size_t>(m.data % 15);
        };
        f.split = [](int& sum, const test_message& m) {
            if (m.data % 41 == 0) throw std::runtime_error{"split"};
            if (sum + m.data % 9 > 20) return split_verdict::starts_next;
            sum += m.data % 9;
            return m.data % 23 == 0 ? split_verdict::completes : split_verdict::joins;
        };
        auto p = begin({.processors = {.concurrency = 1, .max_demand = 12}, .batchers = {b}}, seed);
        for (int i = 0; i < 300; i += 10) {
            source->emit_range(i, 10);
            if (random() % 2 == 0) p.run();
            if (random() % 4 == 0) p.advance(60ms);
        }
        SCOPED_TRACE("seed " + std::to_string(seed));
        EXPECT_TRUE(p.stop().drained);
        ASSERT_EQ(source->settled(), 300U);
        EXPECT_EQ(source->count(outcome::abandoned), 0U);
        std::map<std::string, int> last;
        std::size_t in_batches = 0;
        for (const auto& left : batches) {
            ASSERT_FALSE(left.data.empty());
            EXPECT_LE(left.data.size(), b.batch_size);
            in_batches += left.data.size();
            std::size_t bytes = 0;
            for (const auto v : left.data) {
                EXPECT_EQ(left.key, std::to_string(v % 4));
                bytes += static_cast<std::size_t>(v % 15);
                const auto lane = left.key + "/" + std::to_string(left.partition.value_or(0));
                EXPECT_LT(std::exchange(last.try_emplace(lane, -1).first->second, v), v);
            }
            if (b.max_bytes > 0 && left.data.size() > 1) {
                EXPECT_LE(bytes, b.max_bytes);
            }
        }
        EXPECT_EQ(in_batches, source->count(outcome::successful));
    }
}

} // namespace
} // namespace weir::pipeline::testing
