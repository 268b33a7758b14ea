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
        for (std::size_t i = 0; i < specs.size(); ++i) {
            heads[i].batch_key = specs[i].key;
            heads[i].mode = specs[i].mode;
            heads[i].windowed = specs[i].windowed;
        }
        std::vector<std::uint32_t> all(specs.size());
        std::iota(all.begin(), all.end(), 0U);
        return what_leaves(
            core.add({heads.data(), sizeof(message_head), heads.size()}, all, source, time.now()));
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

// Whatever comes in goes out: each message in one batch, of its own key, in order, none larger than the size.
RC_GTEST_PROP(BatcherCore, PartitionsItsInput, ()) {
    const auto size = *rc::gen::inRange<std::size_t>(1, 6);
    const auto max_open = *rc::gen::inRange<std::size_t>(size, 12);
    batcher_core core{
        {.batch_size = size, .batch_timeout = 10ms, .max_open_messages = max_open, .sources = 2}};
    manual_time time;

    struct item {
        int number;
        std::string key;
    };

    std::map<std::uint32_t, std::vector<item>> open;
    std::map<std::string, int> last_out;
    std::set<int> out;
    int next = 0;
    const auto depart = [&](const batch_plan& plan) {
        for (const auto& d : plan.departures) {
            auto batch = std::move(open[d.slot]);
            open.erase(d.slot);
            RC_ASSERT(!batch.empty());
            RC_ASSERT(batch.size() <= size);
            RC_ASSERT(batch.size() == core.size(d.slot));
            if (d.trigger == batch_trigger::size) RC_ASSERT(batch.size() == size);
            for (const auto& i : batch) {
                RC_ASSERT(i.key == core.key(d.slot));
                RC_ASSERT(out.insert(i.number).second);
                RC_ASSERT(last_out.count(i.key) == 0U || last_out[i.key] < i.number);
                last_out[i.key] = i.number;
            }
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
            for (std::uint32_t i = 0; i < count; ++i) {
                heads[i].batch_key = *rc::gen::element<std::string>("a", "b", "c");
                heads[i].mode =
                    *rc::gen::weightedElement<batch_mode>({{6, batch_mode::bulk}, {1, batch_mode::flush}});
                if (*rc::gen::inRange(0, 4) > 0) which.push_back(i); // the others go to another batcher
            }
            const auto source = *rc::gen::inRange<std::size_t>(0, 2);
            const auto& plan =
                core.add({heads.data(), sizeof(message_head), count}, which, source, time.now());
            RC_ASSERT(plan.joins.size() == which.size());
            for (std::size_t i = 0; i < which.size(); ++i) {
                RC_ASSERT(plan.joins[i].index == which[i]);
                open[plan.joins[i].slot].push_back({next++, heads[which[i]].batch_key});
            }
            depart(plan);
        }
        RC_ASSERT(core.open_messages() <= max_open);
        RC_ASSERT(core.open_batches() == open.size());
        RC_ASSERT(core.deadline().has_value() == !open.empty());
        if (core.deadline()) RC_ASSERT(*core.deadline() >= time.now() - 8ms);
    }
    depart(core.flush());
    RC_ASSERT(out.size() == static_cast<std::size_t>(next));
}

} // namespace
} // namespace weir::pipeline
