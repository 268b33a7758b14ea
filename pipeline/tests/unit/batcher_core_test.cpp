#include "stage/batcher_core.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <numeric>
#include <set>
#include <string>
#include <vector>

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

struct spec {
    std::string key{"default"};
    batch_mode mode{batch_mode::bulk};
    bool windowed{true};
    std::size_t bytes{0};
    std::uint32_t partition{0};
};

/// A batcher core on manual time, and what left it.
class bench {
  public:
    struct left {
        std::string key;
        std::size_t size;
        batch_trigger trigger;
        friend bool operator==(const left&, const left&) = default;

        friend std::ostream& operator<<(std::ostream& out, const left& l) {
            return out << l.key << ' ' << l.size << ' ' << to_string(l.trigger);
        }
    };

    explicit bench(batcher_limits limits)
        : core(limits) {}

    std::vector<left> add(const std::vector<spec>& specs, std::size_t source = 0) {
        std::vector<message_head> heads(specs.size());
        std::vector<std::size_t> bytes;
        std::vector<std::uint32_t> partitions;
        for (std::size_t i = 0; i < specs.size(); ++i) {
            bytes.push_back(specs[i].bytes);
            partitions.push_back(specs[i].partition);
            heads[i].batch_key = specs[i].key;
            heads[i].mode = specs[i].mode;
            heads[i].windowed = specs[i].windowed;
        }
        std::vector<std::uint32_t> all(specs.size());
        std::iota(all.begin(), all.end(), 0U);
        return what_leaves(core.add(
            {{heads.data(), sizeof(message_head), heads.size()}, all, source, bytes, partitions},
            time.now()));
    }

    std::vector<left> add(std::size_t count) { return add(std::vector<spec>(count)); }

    std::vector<left> expire() { return what_leaves(core.expire(time.now())); }

    std::vector<left> what_leaves(const batch_plan& plan) const {
        std::vector<left> all;
        for (const auto& d : plan.departures)
            all.push_back({core.key(d.slot), core.size(d.slot), d.trigger});
        return all;
    }

    manual_time time;
    batcher_core core;
};

using left = bench::left;

batcher_limits limits(std::size_t size) {
    return {.batch_size = size, .batch_timeout = 300ms};
}

TEST(BatcherCore, LetsABatchLeaveWhenItIsFull) {
    bench b{limits(3)};
    EXPECT_THAT(b.add(2), IsEmpty());
    EXPECT_THAT(
        b.add(5),
        ElementsAre(left{"default", 3, batch_trigger::size}, left{"default", 3, batch_trigger::size}));
    EXPECT_EQ(b.core.open_messages(), 1U);
}

TEST(BatcherCore, CountsTheTimeoutFromTheFirstMessage) {
    bench b{limits(100)};
    std::vector<std::pair<int, std::vector<left>>> seen;
    int at = 0;
    for (const int arrival : {0, 100, 200, 310, 410}) {
        b.time.advance(std::chrono::milliseconds{arrival - at});
        at = arrival;
        for (const auto& l : b.add(1))
            seen.push_back({at, {l}});
    }
    // Nobody looked at 300, and yet the message of 310 did not join the batch whose time had come.
    ASSERT_EQ(seen.size(), 1U);
    EXPECT_THAT(seen[0].second, ElementsAre(left{"default", 3, batch_trigger::timeout}));
    b.time.advance(200ms);
    EXPECT_EQ(b.core.deadline(), b.time.now());
    EXPECT_THAT(b.expire(), ElementsAre(left{"default", 2, batch_trigger::timeout}));
    EXPECT_EQ(b.core.deadline(), std::nullopt);
}

TEST(BatcherCore, DoesNotExpireBeforeTheTime) {
    bench b{limits(100)};
    b.add(1);
    b.time.advance(299ms);
    EXPECT_THAT(b.expire(), IsEmpty());
    b.time.advance(1ms);
    EXPECT_THAT(b.expire(), ElementsAre(left{"default", 1, batch_trigger::timeout}));
}

TEST(BatcherCore, StartsTheTimeoutAnewForTheNextBatchOfAKey) {
    bench b{limits(2)};
    b.add(1);
    b.time.advance(290ms);
    EXPECT_THAT(b.add(2), ElementsAre(left{"default", 2, batch_trigger::size}));
    b.time.advance(290ms);
    EXPECT_THAT(b.expire(), IsEmpty());
    b.time.advance(10ms);
    EXPECT_THAT(b.expire(), ElementsAre(left{"default", 1, batch_trigger::timeout}));
}

TEST(BatcherCore, KeepsABatchPerKey) {
    bench b{limits(2)};
    EXPECT_THAT(
        b.add({{"a"}, {"b"}, {"c"}, {"b"}, {"a"}}),
        ElementsAre(left{"b", 2, batch_trigger::size}, left{"a", 2, batch_trigger::size}));
    EXPECT_EQ(b.core.open_batches(), 1U);
}

TEST(BatcherCore, FlushesOnlyTheKeyOfTheFlushMessage) {
    bench b{limits(100)};
    EXPECT_THAT(
        b.add({{"a"}, {"b", batch_mode::flush}, {"a"}}), ElementsAre(left{"b", 1, batch_trigger::flush}));
    EXPECT_EQ(b.core.open_messages(), 2U);
}

TEST(BatcherCore, FlushTakesAlongWhatWaitsAndWhatFollowsDirectly) {
    bench b{limits(100)};
    b.add({{"a"}, {"a"}});
    EXPECT_THAT(
        b.add({{"a", batch_mode::flush}, {"a"}, {"b"}, {"a"}}),
        ElementsAre(left{"a", 4, batch_trigger::flush}));
    EXPECT_EQ(b.core.open_messages(), 2U);
}

TEST(BatcherCore, NamesSizeWhenAFlushMessageFillsItsBatch) {
    bench b{limits(2)};
    EXPECT_THAT(
        b.add({{"a"}, {"a", batch_mode::flush}, {"a"}}), ElementsAre(left{"a", 2, batch_trigger::size}));
    EXPECT_EQ(b.core.open_messages(), 1U);
}

TEST(BatcherCore, FlushLetsEverythingLeaveOldestFirst) {
    bench b{limits(100)};
    b.add({{"z"}, {"a"}, {"z"}});
    EXPECT_THAT(
        b.what_leaves(b.core.flush()),
        ElementsAre(left{"z", 2, batch_trigger::flush}, left{"a", 1, batch_trigger::flush}));
    EXPECT_THAT(b.what_leaves(b.core.flush()), IsEmpty());
}

TEST(BatcherCore, LetsTheOldestLeaveBeyondItsBound) {
    bench b{{.batch_size = 4, .batch_timeout = 300ms, .max_open_messages = 5}};
    b.add({{"a"}, {"a"}, {"b"}, {"b"}, {"c"}});
    EXPECT_THAT(b.add({{"d"}}), ElementsAre(left{"a", 2, batch_trigger::bound}));
    EXPECT_EQ(b.core.open_messages(), 4U);
}

TEST(BatcherCore, LetsTheOldestBatchOfAStarvedSourceLeave) {
    bench b{{.batch_size = 100, .batch_timeout = 300ms, .sources = 2}};
    b.add({{"a"}}, 0);
    b.time.advance(1ms);
    const auto opened = b.time.now();
    b.add({{"b"}, {"c", batch_mode::bulk, false}}, 1);
    EXPECT_EQ(b.core.oldest_holding(1), opened);
    EXPECT_THAT(b.what_leaves(b.core.starve(1)), ElementsAre(left{"b", 1, batch_trigger::starved}));
    // The message in "c" does not count against the window.
    EXPECT_EQ(b.core.oldest_holding(1), std::nullopt);
    EXPECT_THAT(b.what_leaves(b.core.starve(1)), IsEmpty());
}

TEST(BatcherCore, KnowsHowManyPlacesOfEachWindowABatchHolds) {
    bench b{{.batch_size = 100, .batch_timeout = 300ms, .sources = 2}};
    b.add({{"a"}, {"a"}}, 0);
    b.add({{"a"}, {"a", batch_mode::bulk, false}}, 1);
    const auto& plan = b.core.flush();
    ASSERT_EQ(plan.departures.size(), 1U);
    EXPECT_EQ(b.core.held(plan.departures[0].slot, 0), 2U);
    EXPECT_EQ(b.core.held(plan.departures[0].slot, 1), 1U);
}

TEST(BatcherCore, KeepsABatchPerPartition) {
    bench b{limits(3)};
    EXPECT_THAT(b.add({{.partition = 1}, {.partition = 0}, {.partition = 2}, {.partition = 0}}), IsEmpty());
    EXPECT_EQ(b.core.open_batches(), 3U);
    EXPECT_THAT(
        b.add({{.mode = batch_mode::flush, .partition = 1}, {.partition = 0}}),
        ElementsAre(left{"default", 2, batch_trigger::flush}, left{"default", 3, batch_trigger::size}))
        << "a flush message concerns its own partition only";
}

TEST(BatcherCore, ClosesABatchBeforeTheMessageThatWouldExceedItsBytes) {
    bench b{{.batch_size = 100, .batch_timeout = 300ms, .max_bytes = 10}};
    EXPECT_THAT(b.add({{.bytes = 6}, {.bytes = 3}}), IsEmpty());
    EXPECT_THAT(b.add({{.bytes = 2}}), ElementsAre(left{"default", 2, batch_trigger::size}));
    EXPECT_EQ(b.core.open_messages(), 1U);
    EXPECT_THAT(b.add({{.bytes = 8}}), ElementsAre(left{"default", 2, batch_trigger::size}))
        << "a batch that is exactly full leaves at once";
}

TEST(BatcherCore, LetsAMessageBeyondTheBytesLeaveAlone) {
    bench b{{.batch_size = 100, .batch_timeout = 300ms, .max_bytes = 10}};
    EXPECT_THAT(
        b.add({{.bytes = 1}, {.bytes = static_cast<std::size_t>(-1)}, {.bytes = 2}}),
        ElementsAre(left{"default", 1, batch_trigger::size}, left{"default", 1, batch_trigger::size}));
    EXPECT_EQ(b.core.open_messages(), 1U);
}

TEST(BatcherCore, LetsTheLargestLeaveBeyondItsBoundWhenToldTo) {
    bench b{
        {.batch_size = 4,
         .batch_timeout = 300ms,
         .max_open_messages = 5,
         .at_max_open = open_bound::largest_leaves}};
    b.add({{"a"}, {"b"}, {"b"}, {"c"}, {"c"}});
    EXPECT_THAT(b.add({{"d"}}), ElementsAre(left{"b", 2, batch_trigger::bound}));
}

TEST(BatcherCore, LetsNothingLeaveAtItsBoundWhenIntakeStops) {
    bench b{
        {.batch_size = 4,
         .batch_timeout = 300ms,
         .max_open_messages = 5,
         .at_max_open = open_bound::intake_stops}};
    EXPECT_THAT(b.add({{"a"}, {"b"}, {"c"}, {"d"}, {"e"}, {"f"}}), IsEmpty());
}

TEST(BatcherCore, KeepsTheSizeWithWhichABatchWasOpened) {
    bench b{limits(3)};
    b.add({{"a"}});
    b.core.resize(2);
    EXPECT_THAT(b.add({{"a"}, {"b"}, {"b"}}), ElementsAre(left{"b", 2, batch_trigger::size}));
    EXPECT_THAT(b.add({{"a"}}), ElementsAre(left{"a", 3, batch_trigger::size}));
}

TEST(BatcherCore, ForgetsABatchWhoseFirstMessageDoesNotJoin) {
    bench b{limits(3)};
    std::vector<message_head> heads(2);
    heads[0].batch_key = "a";
    heads[1].batch_key = "b";
    const std::vector<std::uint32_t> which{0, 1};
    const arrivals in{{heads.data(), sizeof(message_head), 2}, which, 0};
    b.core.begin(b.time.now());
    static_cast<void>(b.core.aim(in, 0, b.time.now()));
    b.core.skip();
    static_cast<void>(b.core.aim(in, 1, b.time.now()));
    b.core.join(in, 1, true);
    EXPECT_THAT(b.what_leaves(b.core.end()), ElementsAre(left{"b", 1, batch_trigger::size}));
    EXPECT_EQ(b.core.open_batches(), 0U);
    EXPECT_EQ(b.core.deadline(), std::nullopt);
}

/// What a splitter might say, and what it says about the message it was asked about before.
enum class said { joins, completes, starts_next, throws };

/// Takes messages in as a stage with a splitter does.
const batch_plan& add_by_splitter(
    batcher_core& core, const arrivals& in, time_point now, const std::vector<said>& verdicts,
    std::set<std::uint32_t>& skipped) {
    core.begin(now);
    for (std::size_t i = 0; i < in.which.size(); ++i) {
        const auto slot = core.aim(in, i, now);
        if (verdicts[i] == said::starts_next && core.size(slot) > 0) {
            core.close();
            static_cast<void>(core.aim(in, i, now));
        }
        if (verdicts[i] == said::throws) {
            core.skip();
            skipped.insert(in.which[i]);
        } else {
            core.join(in, i, verdicts[i] == said::completes);
        }
    }
    return core.end();
}

// Whatever comes in goes out, whatever the keys, partitions, sizes, splitters and times: each message in one
// batch, of its own key and partition, in order; none larger than the limits.
RC_GTEST_PROP(BatcherCore, PartitionsItsInput, ()) {
    const auto size = *rc::gen::inRange<std::size_t>(1, 6);
    const auto max_open = *rc::gen::inRange<std::size_t>(size, 12);
    const auto max_bytes = *rc::gen::element<std::size_t>(0, 7, 20);
    const auto policy =
        *rc::gen::element(open_bound::oldest_leaves, open_bound::largest_leaves, open_bound::intake_stops);
    const bool splits = *rc::gen::arbitrary<bool>();
    batcher_core core{
        {.batch_size = size,
         .batch_timeout = 10ms,
         .max_open_messages = max_open,
         .sources = 2,
         .max_bytes = max_bytes,
         .at_max_open = policy}};
    manual_time time;

    struct item {
        int number;
        std::string key;
        std::uint32_t partition;
        std::size_t bytes;
    };

    std::map<std::uint32_t, std::vector<item>> open;
    std::map<std::pair<std::string, std::uint32_t>, int> last_out;
    std::set<int> out;
    int next = 0;
    const auto depart = [&](const batch_plan& plan) {
        for (const auto& d : plan.departures) {
            auto batch = std::move(open[d.slot]);
            open.erase(d.slot);
            RC_ASSERT(!batch.empty());
            RC_ASSERT(batch.size() <= size);
            RC_ASSERT(batch.size() == core.size(d.slot));
            std::size_t bytes = 0;
            for (const auto& i : batch) {
                RC_ASSERT(i.key == core.key(d.slot));
                RC_ASSERT(i.partition == core.partition(d.slot));
                RC_ASSERT(out.insert(i.number).second);
                auto& last = last_out.try_emplace({i.key, i.partition}, -1).first->second;
                RC_ASSERT(last < i.number);
                last = i.number;
                bytes += i.bytes;
            }
            RC_ASSERT(max_bytes == 0U || batch.size() == 1U || bytes <= max_bytes);
            if (d.trigger == batch_trigger::size && max_bytes == 0 && !splits)
                RC_ASSERT(batch.size() == size);
        }
    };
    const auto steps = *rc::gen::inRange(1, 40);
    for (int step = 0; step < steps; ++step) {
        time.advance(std::chrono::milliseconds{*rc::gen::inRange(0, 8)});
        const auto what = *rc::gen::inRange(0, 10);
        if (what == 0) {
            depart(core.expire(time.now()));
        } else if (what == 1) {
            depart(core.starve(*rc::gen::inRange<std::size_t>(0, 2)));
        } else if (what == 2) {
            depart(core.flush());
            RC_ASSERT(core.open_messages() == 0U);
        } else {
            const auto count = *rc::gen::inRange<std::size_t>(1, 9);
            std::vector<message_head> heads(count);
            std::vector<std::uint32_t> which;
            std::vector<std::size_t> bytes;
            std::vector<std::uint32_t> partitions;
            std::vector<said> verdicts;
            for (std::uint32_t i = 0; i < count; ++i) {
                heads[i].batch_key = *rc::gen::element<std::string>("a", "b", "c");
                heads[i].mode =
                    *rc::gen::weightedElement<batch_mode>({{6, batch_mode::bulk}, {1, batch_mode::flush}});
                if (*rc::gen::inRange(0, 4) == 0) continue; // it goes to another batcher
                which.push_back(i);
                bytes.push_back(*rc::gen::inRange<std::size_t>(0, 9));
                partitions.push_back(*rc::gen::inRange<std::uint32_t>(0, 2));
                verdicts.push_back(*rc::gen::weightedElement<said>(
                    {{6, said::joins}, {1, said::completes}, {1, said::starts_next}, {1, said::throws}}));
            }
            const arrivals in{
                {heads.data(), sizeof(message_head), count},
                which,
                *rc::gen::inRange<std::size_t>(0, 2),
                bytes,
                partitions};
            std::set<std::uint32_t> skipped;
            const auto& plan =
                splits ? add_by_splitter(core, in, time.now(), verdicts, skipped) : core.add(in, time.now());
            RC_ASSERT(plan.joins.size() + skipped.size() == which.size());
            auto joined = plan.joins.begin();
            for (std::size_t i = 0; i < which.size(); ++i) {
                if (skipped.count(which[i]) != 0) continue;
                RC_ASSERT(joined->index == which[i]);
                open[joined->slot].push_back({next++, heads[which[i]].batch_key, partitions[i], bytes[i]});
                ++joined;
            }
            depart(plan);
        }
        RC_ASSERT(policy == open_bound::intake_stops || core.open_messages() <= max_open);
        RC_ASSERT(core.open_batches() == open.size());
        RC_ASSERT(core.deadline().has_value() == !open.empty());
        if (core.deadline()) RC_ASSERT(*core.deadline() >= time.now() - 8ms);
    }
    depart(core.flush());
    RC_ASSERT(out.size() == static_cast<std::size_t>(next));
}

} // namespace
} // namespace weir::pipeline
