// Exact numbers for a script that is known.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

#include <array>
#include <type_traits>

namespace weir::mqtt {
namespace {

using namespace test;

/// Packets and bytes of one direction, counted beside the session.
struct tally {
    std::array<std::uint64_t, 16> packets{};
    std::array<std::uint64_t, 16> bytes{};

    void add(const packet& p, protocol_version version) {
        const auto raw = encoded(p, version);
        const auto type = std::to_integer<std::size_t>(raw.data()[0]) >> 4;
        ++packets[type];
        bytes[type] += raw.size();
    }
};

class session_numbers : public testing::TestWithParam<protocol_version> {
  protected:
    void connect(bool session_present) {
        sent.add(d.open(), GetParam());
        server(connack{session_present, 0, {}});
    }

    void server(const packet& p) {
        received.add(p, GetParam());
        d.server(p);
    }

    void take() {
        for (const auto& p : d.sent())
            sent.add(p, GetParam());
    }

    session_driver d{lasting(GetParam())};
    tally sent;
    tally received;
};

INSTANTIATE_TEST_SUITE_P(
    versions, session_numbers, testing::Values(protocol_version::v4, protocol_version::v5),
    [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST_P(session_numbers, are_exact) {
    connect(false);
    server(qos0("unacknowledged"));
    server(qos1(1, "twice"));
    server(dup(qos1(1, "twice")));
    server(qos2(2));
    d.ack({d.token(1), d.token(1), d.token(2)});
    take();
    server(pubrel(2));
    take();
    server(puback(77));
    EXPECT_TRUE(d.client.publish(to_publish(qos::at_most_once), d.now, d.happened));
    EXPECT_TRUE(d.client.publish(to_publish(qos::at_least_once, "answered"), d.now, d.happened));
    EXPECT_TRUE(d.client.publish(to_publish(qos::at_least_once, "unanswered"), d.now, d.happened));
    EXPECT_TRUE(d.client.subscribe({{.filter = "a/#"}}, {}, d.now));
    EXPECT_TRUE(d.client.ping(d.now));
    take();
    server(puback(1));
    server(suback{3, {reason_code::granted_qos_0}, {}});
    server(pingresp{});
    server(qos1(9, "left unacknowledged"));
    d.lose();
    connect(true);
    take();

    const auto s = d.client.stats();
    EXPECT_EQ(s.sent_by_type, sent.packets);
    EXPECT_EQ(s.sent_bytes_by_type, sent.bytes);
    EXPECT_EQ(s.received_by_type, received.packets);
    EXPECT_EQ(s.received_bytes_by_type, received.bytes);
    EXPECT_EQ(s.connections, 2u);
    EXPECT_EQ(s.messages_delivered, 4u);
    EXPECT_EQ(s.acks_sent, 2u);
    EXPECT_EQ(s.duplicates, 1u);
    EXPECT_EQ(s.repeated_acks, 1u);
    EXPECT_EQ(s.unexpected_acks, 1u);
    EXPECT_EQ(s.resent, 1u);
    EXPECT_EQ(s.outbound_inflight, 1u);
    EXPECT_EQ(s.window_used, 1u);
    EXPECT_EQ(s.acks_held, 0u);
    EXPECT_EQ(s.deferred, 0u);
    std::array<std::uint64_t, dropped::kinds> drops{};
    drops[static_cast<std::size_t>(dropped::what::duplicate)] = 1;
    drops[static_cast<std::size_t>(dropped::what::unexpected_ack)] = 1;
    EXPECT_EQ(s.dropped_by_reason, drops);
}

TEST_P(session_numbers, of_publishes_without_room) {
    d.options.send_queue_messages = 1;
    session_driver small{d.options};
    EXPECT_TRUE(small.client.has_room(1));
    EXPECT_TRUE(small.client.publish(to_publish(qos::at_least_once), small.now, small.happened));
    EXPECT_FALSE(small.client.has_room(1));
    EXPECT_FALSE(small.client.publish(to_publish(qos::at_least_once), small.now, small.happened));
    const auto s = small.client.stats();
    EXPECT_EQ(s.dropped_by_reason[static_cast<std::size_t>(dropped::what::send_queue_full)], 1u);
    EXPECT_EQ(small.count<dropped>(), 0u) << "whoever published is told";
}

} // namespace
} // namespace weir::mqtt
