#include "stage/busy_meter.hpp"

#include <gtest/gtest.h>

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;

constexpr time_point t0{1h};

TEST(busy_meter, nobody_is_busy_at_first) {
    const busy_meter m{t0};
    EXPECT_EQ(m.share(t0), 0.0);
    EXPECT_EQ(m.share(t0 + 10s), 0.0);
}

TEST(busy_meter, work_in_progress_counts) {
    busy_meter m{t0};
    m.turned_busy(t0);
    EXPECT_DOUBLE_EQ(m.share(t0 + 500ms), 1.0);
    EXPECT_DOUBLE_EQ(m.share(t0 + 1h), 1.0) << "who hangs is busy";
}

TEST(busy_meter, says_the_share_of_the_window) {
    busy_meter m{t0};
    for (auto t = t0; t < t0 + 10s; t += 100ms) {
        m.turned_busy(t);
        m.turned_idle(t + 25ms);
    }
    EXPECT_NEAR(m.share(t0 + 9'999ms), 0.25, 0.01);
}

TEST(busy_meter, what_went_idle_falls_to_nothing) {
    busy_meter m{t0};
    m.turned_busy(t0);
    m.turned_idle(t0 + 5s);
    EXPECT_NEAR(m.share(t0 + 7s), 0.5, 0.01);
    EXPECT_EQ(m.share(t0 + 10s), 0.0);
}

TEST(busy_meter, before_a_window_is_full_counts_the_time_there_was) {
    busy_meter m{t0};
    m.turned_busy(t0 + 1s);
    EXPECT_DOUBLE_EQ(m.share(t0 + 2s), 0.5);
}

TEST(busy_meter, a_long_work_is_spread_over_its_seconds) {
    busy_meter m{t0};
    m.turned_busy(t0 + 500ms);
    m.turned_idle(t0 + 6500ms);
    EXPECT_NEAR(m.share(t0 + 6999ms), 4.5 / 4.999, 0.01);
}

} // namespace
} // namespace weir::pipeline
