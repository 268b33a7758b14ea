#include "session/keep_alive.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace std::chrono_literals;
using action = keep_alive::action;

const time_point begin{1h};

keep_alive started(
    std::chrono::seconds k, std::optional<std::chrono::milliseconds> timeout = {}, bool force = false) {
    keep_alive alive;
    alive.start(k, timeout, force, begin);
    return alive;
}

TEST(keep_alive, pings_one_interval_after_the_last_packet_sent) {
    auto alive = started(2s);
    EXPECT_EQ(alive.deadline(), begin + 2s);
    alive.sent(begin + 1900ms);
    EXPECT_EQ(alive.tick(begin + 2s), action::none); // on a fixed tick the gap would become 3.9 s
    EXPECT_EQ(alive.deadline(), begin + 3900ms);
    EXPECT_EQ(alive.tick(begin + 3900ms), action::ping);
    EXPECT_EQ(alive.tick(begin + 3900ms), action::none);
}

TEST(keep_alive, forced_pings_come_whatever_else_is_sent) {
    auto alive = started(2s, {}, true);
    alive.sent(begin + 1900ms);
    EXPECT_EQ(alive.tick(begin + 2s), action::ping);
    alive.received();
    alive.sent(begin + 3s);
    EXPECT_EQ(alive.deadline(), begin + 4s);
}

TEST(keep_alive, zero_is_off) {
    auto alive = started(0s);
    EXPECT_FALSE(alive.deadline());
    EXPECT_EQ(alive.tick(begin + 1000h), action::none);
}

TEST(keep_alive, silence_after_a_ping_is_death) {
    auto alive = started(60s);
    EXPECT_EQ(alive.tick(begin + 60s), action::ping);
    EXPECT_EQ(alive.deadline(), begin + 70s); // the smaller of the interval and 10 s
    EXPECT_EQ(alive.tick(begin + 70s - 1ms), action::none);
    EXPECT_EQ(alive.tick(begin + 70s), action::dead);
}

TEST(keep_alive, any_byte_is_an_answer) {
    auto alive = started(1s);
    EXPECT_EQ(alive.tick(begin + 1s), action::ping);
    alive.received();
    EXPECT_EQ(alive.tick(begin + 2s), action::ping);
    EXPECT_EQ(alive.tick(begin + 3s), action::dead);
}

TEST(keep_alive, silence_proves_nothing_while_we_do_not_read) {
    auto alive = started(1s);
    EXPECT_EQ(alive.tick(begin + 1s), action::ping);
    alive.reading(false, begin + 1500ms);
    for (int second = 2; second < 10; ++second)
        EXPECT_EQ(alive.tick(begin + std::chrono::seconds{second}), action::ping) << second;
    alive.reading(true, begin + 9500ms);
    EXPECT_EQ(alive.tick(begin + 10s), action::ping);
    EXPECT_EQ(alive.tick(begin + 10500ms), action::dead); // the wait began anew
}

TEST(keep_alive, a_new_connection_knows_nothing_of_the_last_one) {
    auto alive = started(1s);
    EXPECT_EQ(alive.tick(begin + 1s), action::ping);
    alive.stop();
    EXPECT_FALSE(alive.deadline());
    alive.start(1s, {}, false, begin + 100s);
    EXPECT_EQ(alive.tick(begin + 100s), action::none);
    EXPECT_EQ(alive.deadline(), begin + 101s);
}

} // namespace
} // namespace weir::mqtt
