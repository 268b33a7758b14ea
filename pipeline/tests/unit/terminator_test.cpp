#include "stage/terminator.hpp"

#include <gtest/gtest.h>

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;
using step = terminator::step;

class TerminatorTest : public testing::Test {
  protected:
    manual_time time;
    terminator course{time.now(), time.now() + 10s};

    step next(const terminator::observation& seen) { return course.next(seen, time.now()); }
};

TEST_F(TerminatorTest, WaitsForSourcesThenProcessorsThenFlushesOnceThenCloses) {
    EXPECT_EQ(next({.sources_drained = false, .accepted = 3, .passed = 3, .in_flight = 1}), step::wait);
    EXPECT_EQ(next({.sources_drained = true, .accepted = 4, .passed = 3, .in_flight = 2}), step::wait);
    EXPECT_EQ(next({.sources_drained = true, .accepted = 4, .passed = 4, .in_flight = 2}), step::flush);
    EXPECT_EQ(next({.sources_drained = true, .accepted = 4, .passed = 4, .in_flight = 1}), step::wait);
    EXPECT_EQ(next({.sources_drained = true, .accepted = 4, .passed = 4, .in_flight = 0}), step::close);
}

TEST_F(TerminatorTest, ClosesAtOnceWhenNothingIsInside) {
    EXPECT_EQ(next({.sources_drained = true}), step::close);
}

TEST_F(TerminatorTest, GivesUpInTimeForTheSourcesToClose) {
    EXPECT_EQ(course.give_up_at(), time.now() + 9s);
    time.advance(9s - 1ms);
    EXPECT_EQ(next({.in_flight = 1}), step::wait);
    time.advance(1ms);
    EXPECT_EQ(next({.in_flight = 1}), step::abandon);
}

TEST_F(TerminatorTest, KeepsNoMoreThanATenthForTheSources) {
    const terminator brief{time.now(), time.now() + 300ms};
    EXPECT_EQ(brief.give_up_at(), time.now() + 270ms);
    const terminator at_once{time.now(), time.now()};
    EXPECT_EQ(at_once.give_up_at(), time.now());
}

TEST_F(TerminatorTest, TheEarliestDeadlineCounts) {
    course.hasten(time.now() + 20s);
    EXPECT_EQ(course.deadline(), time.now() + 10s);
    course.hasten(time.now() + 1s);
    EXPECT_EQ(course.deadline(), time.now() + 1s);
}

} // namespace
} // namespace weir::pipeline
