// Pings, and connections that are dead.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

#include <random>

namespace weir::mqtt {
namespace {

using namespace test;
using namespace std::chrono_literals;

client_options every(std::chrono::seconds k, protocol_version version = protocol_version::v5) {
    auto o = lasting(version);
    o.keepalive = k;
    return o;
}

std::size_t pings(const std::vector<packet>& list) {
    std::size_t n = 0;
    for (const auto& p : list)
        n += std::holds_alternative<pingreq>(p) ? 1 : 0;
    return n;
}

TEST(session_keep_alive, the_gap_between_two_packets_never_exceeds_the_interval) {
    session_driver d{every(2s)};
    d.accept(false);
    std::mt19937 random{4};
    auto last_sent = d.now;
    std::uint16_t id = 0;
    for (int step = 0; step < 2'000; ++step) {
        d.wait(std::chrono::milliseconds{random() % 50});
        if (random() % 20 == 0) {
            d.server(qos1(++id));
            d.ack({d.last<message_received>().token});
        }
        const auto out = d.sent();
        if (out.empty()) {
            ASSERT_LE(d.now - last_sent, 2s + 50ms);
        } else {
            if (pings(out) != 0) d.server(pingresp{});
            last_sent = d.now;
        }
    }
    EXPECT_EQ(d.count<close_requested>(), 0u);
}

TEST(session_keep_alive, a_busy_publisher_pings_only_when_forced) {
    for (const bool forced : {false, true}) {
        auto o = every(1s);
        o.force_ping = forced;
        session_driver d{o};
        d.accept(false);
        std::size_t seen = 0;
        for (int step = 0; step < 100; ++step) {
            ASSERT_TRUE(d.client.publish(to_publish(qos::at_most_once), d.now, d.happened));
            d.wait(100ms);
            const auto n = pings(d.sent());
            if (n != 0) d.server(pingresp{});
            seen += n;
        }
        EXPECT_EQ(seen, forced ? 10u : 0u);
    }
}

TEST(session_keep_alive, the_server_may_switch_it_off) {
    session_driver d{every(1s)};
    connack off;
    off.props.set(property_id::server_keep_alive, 0u);
    d.accept(off);
    d.wait(1h);
    EXPECT_EQ(d.sent(), packets());
    EXPECT_FALSE(d.client.deadline());
}

TEST(session_keep_alive, the_server_may_shorten_it) {
    session_driver d{every(60s)};
    connack shorter;
    shorter.props.set(property_id::server_keep_alive, 1u);
    d.accept(shorter);
    d.wait(1s);
    EXPECT_EQ(d.sent(), packets(pingreq{}));
}

TEST(session_keep_alive, zero_is_off) {
    session_driver d{every(0s, protocol_version::v4)};
    d.accept(false);
    EXPECT_FALSE(d.client.deadline());
}

TEST(session_keep_alive, silence_is_death_and_the_next_connection_starts_fresh) {
    session_driver d{every(2s)};
    d.accept(false);
    d.wait(4s);
    EXPECT_EQ(d.last<close_requested>().reason, error{errc::keepalive_timeout});
    EXPECT_FALSE(d.last<close_requested>().fatal);
    EXPECT_EQ(pings(d.sent()), 1u); // and no DISCONNECT: nobody listens
    d.forget();
    d.reconnect(true);
    for (int round = 0; round < 10; ++round) {
        d.wait(2s);
        EXPECT_EQ(d.sent(), packets(pingreq{}));
        d.server(pingresp{});
    }
    EXPECT_EQ(d.count<close_requested>(), 0u);
}

TEST(session_keep_alive, any_packet_counts_as_an_answer) {
    session_driver d{every(2s)};
    d.accept(false);
    d.wait(3s);
    d.server(qos0());
    d.wait(2s);
    EXPECT_EQ(d.count<close_requested>(), 0u);
}

TEST(session_keep_alive, a_missing_answer_does_not_count_while_we_do_not_read) {
    auto o = every(1s, protocol_version::v4);
    o.read_ahead_bytes = 1;
    session_driver d{o};
    d.accept(false);
    d.client.pause(d.now);
    d.server(qos1(1));
    ASSERT_FALSE(d.client.wants_read());
    d.wait(5s);
    EXPECT_EQ(pings(d.sent()), 5u);
    EXPECT_EQ(d.count<close_requested>(), 0u);
    d.client.resume(d.now, d.happened);
    ASSERT_TRUE(d.client.wants_read());
    d.wait(900ms);
    EXPECT_EQ(d.count<close_requested>(), 0u);
    d.wait(100ms);
    EXPECT_EQ(d.count<close_requested>(), 1u);
}

TEST(session_keep_alive, no_pings_before_connack_and_none_after_the_end) {
    session_driver d{every(1s)};
    d.open();
    EXPECT_FALSE(d.client.deadline());
    d.wait(10s);
    d.server(connack{});
    d.wait(0s); // CONNECT went out long ago
    EXPECT_EQ(pings(d.sent()), 1u);
    d.lose();
    d.wait(1min);
    EXPECT_FALSE(d.client.has_output());
}

} // namespace
} // namespace weir::mqtt
