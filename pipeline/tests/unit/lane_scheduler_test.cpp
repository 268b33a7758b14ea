#include "stage/lane_scheduler.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>
#include <map>
#include <set>
#include <vector>

namespace weir::pipeline {
namespace {

TEST(LaneScheduler, TakesOnePieceOfALaneAtATime) {
    lane_scheduler<int> s{4, 1};
    s.push(2, 20);
    s.push(2, 21);
    s.push(3, 30);
    EXPECT_EQ(s.ready(0), 2U);
    const auto first = s.take(0);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->lane, 2U);
    EXPECT_EQ(first->piece, 20);
    EXPECT_EQ(s.take(0)->piece, 30);
    EXPECT_FALSE(s.take(0)) << "the rest of lane 2 waits for what is in hand";
    s.done(2);
    EXPECT_EQ(s.take(0)->piece, 21);
}

TEST(LaneScheduler, LetsLanesTakeTurns) {
    lane_scheduler<int> s{2, 1};
    for (int i = 0; i < 100; ++i)
        s.push(0, i);
    s.push(1, 1'000);
    const auto first = s.take(0);
    s.done(first->lane);
    EXPECT_EQ(s.take(0)->piece, 1'000) << "a full lane does not starve the others";
}

TEST(LaneScheduler, DividesLanesAmongGroups) {
    lane_scheduler<int> s{3, 3};
    s.push(1, 10);
    EXPECT_FALSE(s.take(0));
    EXPECT_FALSE(s.take(2));
    EXPECT_EQ(s.take(1)->piece, 10);
}

TEST(LaneScheduler, HoldsALaneUntilItIsReleased) {
    lane_scheduler<int> s{2, 1};
    s.push(0, 1);
    s.push(0, 2);
    s.push(1, 3);
    const auto in_hand = s.take(0);
    s.hold(0);
    s.done(0);
    EXPECT_EQ(s.take(0)->piece, 3) << "others pass";
    EXPECT_FALSE(s.take(0));
    s.push_front(0, in_hand->piece); // another attempt, in its old place
    EXPECT_FALSE(s.take(0));
    s.release(0);
    EXPECT_EQ(s.take(0)->piece, 1);
    s.done(0);
    EXPECT_EQ(s.take(0)->piece, 2);
}

TEST(LaneScheduler, KeepsTheTurnsOfOthersWhenALaneInTheirMidstIsHeld) {
    lane_scheduler<int> s{4, 1};
    for (int lane = 0; lane < 4; ++lane)
        s.push(static_cast<std::size_t>(lane), lane);
    s.hold(1);
    s.hold(3);
    EXPECT_EQ(s.ready(0), 2U);
    s.push(3, 30);
    EXPECT_EQ(s.take(0)->piece, 0);
    EXPECT_EQ(s.take(0)->piece, 2);
    s.release(3);
    s.release(1);
    EXPECT_EQ(s.take(0)->piece, 3);
    EXPECT_EQ(s.take(0)->piece, 1);
    EXPECT_FALSE(s.take(0));
}

TEST(LaneScheduler, ChangesItsShapeWhenQuiet) {
    lane_scheduler<int> s{2, 2};
    EXPECT_TRUE(s.quiet());
    s.push(0, 1);
    EXPECT_FALSE(s.quiet());
    static_cast<void>(s.take(0));
    EXPECT_FALSE(s.quiet());
    s.done(0);
    EXPECT_TRUE(s.quiet());
    s.hold(1);
    EXPECT_FALSE(s.quiet());
    s.release(1);
    s.reshape(5, 5);
    s.push(4, 7);
    EXPECT_EQ(s.take(4)->piece, 7);
}

TEST(LaneScheduler, GivesOutEverythingWhateverItsState) {
    lane_scheduler<int> s{3, 1};
    for (int i = 0; i < 9; ++i)
        s.push(static_cast<std::size_t>(i % 3), i);
    const auto in_hand = s.take(0);
    s.hold(1);
    std::multiset<int> out;
    while (const auto piece = s.take_out())
        out.insert(*piece);
    EXPECT_EQ(out, (std::multiset<int>{1, 2, 3, 4, 5, 6, 7, 8}));
    s.done(in_hand->lane);
    EXPECT_FALSE(s.take(0));
    EXPECT_EQ(s.ready(0), 0U);
}

/// Any sequence of operations, against a model of plain queues: order in each lane, never two pieces of a
/// lane in hand, nothing of a held lane, nothing lost, and a lane that can go on gets its turn.
RC_GTEST_PROP(LaneScheduler, BehavesLikeAQueuePerLane, ()) {
    const auto lanes = *rc::gen::inRange<std::size_t>(1, 8);
    const auto groups = *rc::gen::inRange<std::size_t>(1, lanes + 1);
    lane_scheduler<int> s{lanes, groups};
    std::vector<std::deque<int>> model(lanes);
    std::set<std::size_t> in_hand;
    std::set<std::size_t> held;
    std::map<std::size_t, std::size_t> passed_over; // by lane: by how many others since it became ready
    int next = 0;
    const auto ready = [&](std::size_t lane) {
        return !model[lane].empty() && in_hand.count(lane) == 0 && held.count(lane) == 0;
    };
    const auto steps = *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 1'000));
    for (const auto step : steps) {
        const auto lane = static_cast<std::size_t>(step / 10) % lanes;
        switch (step % 10) {
        case 0:
        case 1:
        case 2:
            model[lane].push_back(next);
            s.push(lane, next++);
            break;
        case 3:
            model[lane].push_front(next);
            s.push_front(lane, next++);
            break;
        case 4:
            s.hold(lane);
            held.insert(lane);
            passed_over.erase(lane); // loses its turn
            break;
        case 5:
            s.release(lane);
            held.erase(lane);
            break;
        case 6:
            if (in_hand.erase(lane) > 0) s.done(lane);
            break;
        default: {
            const auto group = lane % groups;
            const auto taken = s.take(group);
            bool any = false;
            for (std::size_t l = group; l < lanes; l += groups)
                any = any || ready(l);
            RC_ASSERT(taken.has_value() == any);
            if (!taken) break;
            RC_ASSERT(taken->lane % groups == group);
            RC_ASSERT(ready(taken->lane));
            RC_ASSERT(model[taken->lane].front() == taken->piece);
            model[taken->lane].pop_front();
            in_hand.insert(taken->lane);
            passed_over.erase(taken->lane);
            for (std::size_t l = group; l < lanes; l += groups)
                if (ready(l)) RC_ASSERT(++passed_over[l] < lanes);
        }
        }
        std::size_t waiting = 0;
        for (std::size_t g = 0; g < groups; ++g) {
            std::size_t count = 0;
            for (std::size_t l = g; l < lanes; l += groups)
                count += ready(l) ? 1 : 0;
            RC_ASSERT(s.ready(g) == count);
        }
        for (const auto& m : model)
            waiting += m.size();
        RC_ASSERT(s.waiting() == waiting);
    }
}

} // namespace
} // namespace weir::pipeline
