#include "window_watch.hpp"

#include <gtest/gtest.h>

namespace weir::connector {
namespace {

using namespace std::chrono_literals;
using news = window_watch::news;

class window_watch_test : public ::testing::Test {
  protected:
    [[nodiscard]] news after(duration d) {
        now += d;
        return watch.look(state, now);
    }

    window_watch watch{10s};
    window_state state{.size = 4, .taken = 4};
    time_point now{time_point{} + 1h};
};

TEST_F(window_watch_test, tells_of_a_full_window_that_does_not_move_ever_more_seldom) {
    EXPECT_EQ(after(0s), news::none);
    EXPECT_EQ(after(9s), news::none);
    EXPECT_EQ(after(1s), news::stalled);
    EXPECT_EQ(after(9s), news::none);
    EXPECT_EQ(after(1s), news::stalled) << "20 s";
    EXPECT_EQ(after(19s), news::none);
    EXPECT_EQ(after(1s), news::stalled) << "40 s";
    EXPECT_EQ(now - watch.since(), 40s);
}

TEST_F(window_watch_test, tells_once_that_it_moves_again) {
    static_cast<void>(after(0s));
    ASSERT_EQ(after(10s), news::stalled);
    ++state.acks;
    EXPECT_EQ(after(1s), news::resumed) << "though it is full again";
    EXPECT_EQ(after(1s), news::none);
    EXPECT_EQ(after(8s), news::none);
    EXPECT_EQ(after(1s), news::stalled) << "10 s later";
}

TEST_F(window_watch_test, a_window_with_room_or_with_movement_does_not_stall) {
    state.taken = 3;
    for (int i = 0; i < 10; ++i)
        EXPECT_EQ(after(5s), news::none);
    state.taken = 4;
    for (int i = 0; i < 10; ++i) {
        ++state.acks;
        EXPECT_EQ(after(5s), news::none);
    }
}

class resume_rule_test : public ::testing::Test {
  protected:
    [[nodiscard]] bool due(resume_rule& which) { return which.due(state, now); }

    resume_rule rule{30s, true};
    resume_rule without_session{30s, false};
    window_state state{.size = 100, .arrivals = 1};
    time_point now{time_point{} + 1h};
};

TEST_F(resume_rule_test, a_quarter_of_the_window_is_worth_it) {
    state.passed_over = 60;
    state.passed_over_done = 24;
    EXPECT_FALSE(due(rule));
    state.passed_over_done = 25;
    EXPECT_TRUE(due(rule));
    EXPECT_FALSE(due(without_session));
}

TEST_F(resume_rule_test, a_session_may_turn_out_to_end_with_its_connection) {
    state.passed_over = 60;
    state.passed_over_done = 25;
    EXPECT_TRUE(due(rule));
    rule.session_ends_with_connection();
    EXPECT_FALSE(due(rule));
}

TEST_F(resume_rule_test, one_is_worth_it_when_nothing_else_can_come) {
    state.passed_over = 100;
    EXPECT_FALSE(due(rule)) << "none is done";
    state.passed_over_done = 1;
    EXPECT_TRUE(due(rule));
    EXPECT_TRUE(due(without_session));
}

TEST_F(resume_rule_test, one_is_worth_it_when_nothing_else_comes) {
    state.passed_over = state.passed_over_done = 1;
    EXPECT_FALSE(due(rule));
    now += 29s;
    EXPECT_FALSE(due(rule));
    state.arrivals = 2;
    EXPECT_FALSE(due(rule));
    now += 29s;
    EXPECT_FALSE(due(rule)) << "one came meanwhile";
    now += 1s;
    EXPECT_TRUE(due(rule));
}

TEST_F(resume_rule_test, a_narrow_window_needs_one) {
    state.size = 2;
    state.passed_over = state.passed_over_done = 1;
    EXPECT_TRUE(due(rule));
}

} // namespace
} // namespace weir::connector
