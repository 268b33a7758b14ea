// Each bound has a counter that tells it was reached.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;

TEST(session_counters, of_a_read_with_too_many_events) {
    session_driver d{of_version(protocol_version::v4)};
    d.accept();
    d.forget();
    std::string flood;
    constexpr std::size_t messages = 25'000;
    for (std::size_t i = 0; i < messages; ++i)
        flood += std::string("\x30\x03\x00\x01t", 5);
    d.raw(bytes::copy(flood));
    EXPECT_EQ(d.happened.size(), 10'000u);
    EXPECT_TRUE(d.client.has_more());
    EXPECT_FALSE(d.client.wants_read());
    d.raw({});
    EXPECT_EQ(d.happened.size(), 20'000u);
    d.raw({});
    EXPECT_EQ(d.happened.size(), messages);
    EXPECT_FALSE(d.client.has_more());
    EXPECT_TRUE(d.client.wants_read());
    EXPECT_EQ(d.client.stats().events_held, 2u);
    EXPECT_EQ(d.client.stats().bytes_received, flood.size() + 4);
}

TEST(session_counters, of_a_read_with_too_many_events_end_with_the_connection) {
    session_driver d{of_version(protocol_version::v4)};
    d.accept();
    std::string flood;
    for (std::size_t i = 0; i < 15'000; ++i)
        flood += std::string("\x30\x03\x00\x01t", 5);
    d.raw(bytes::copy(flood));
    EXPECT_TRUE(d.client.has_more());
    d.lose();
    EXPECT_FALSE(d.client.has_more());
    d.forget();
    d.accept();
    d.raw({});
    EXPECT_EQ(d.count<message_received>(), 0u) << "the rest belonged to the connection";
}

TEST(session_counters, of_a_full_window_and_a_full_read_ahead) {
    auto o = of_version(protocol_version::v4);
    o.receive_window = 1;
    o.read_ahead_bytes = 1'000;
    session_driver d{o};
    d.accept();
    d.server({qos1(1), qos1(2, std::string(500, 'x'))});
    EXPECT_EQ(d.client.stats().window_filled, 1u);
    EXPECT_EQ(d.client.stats().reading_stopped, 0u);
    d.server(qos1(3, std::string(500, 'x')));
    EXPECT_EQ(d.client.stats().window_filled, 2u);
    EXPECT_FALSE(d.client.wants_read());
    EXPECT_EQ(d.client.stats().reading_stopped, 1u);
    d.ack({d.token(0)});
    EXPECT_TRUE(d.client.wants_read());
    d.server(qos1(4, std::string(500, 'x')));
    EXPECT_EQ(d.client.stats().reading_stopped, 2u);
}

TEST(session_counters, of_output_that_is_not_written) {
    session_driver d{of_version(protocol_version::v5)};
    d.accept();
    for (int i = 0; i < 100; ++i)
        (void)d.client.publish(to_publish(qos::at_most_once, std::string(10'000, 'x')), d.now, d.happened);
    EXPECT_EQ(d.client.stats().output_filled, 1u);
    EXPECT_GT(d.client.stats().send_queue, 50u);
    for (int i = 0; i < 100 && d.client.stats().send_queue != 0; ++i)
        (void)d.sent();
    EXPECT_EQ(d.client.stats().send_queue, 0u);
    EXPECT_GT(d.client.stats().output_filled, 1u);
}

TEST(session_counters, of_calls_that_find_no_room) {
    session_driver d{of_version(protocol_version::v5)};
    d.accept();
    for (int i = 0; i < 1'001; ++i) {
        (void)d.client.subscribe({{.filter = "f"}}, {}, d.now);
        (void)d.client.ping(d.now);
    }
    (void)d.client.unsubscribe({"f"}, d.now);
    EXPECT_EQ(d.client.stats().calls_refused, 3u);
}

TEST(session_counters, of_packets_that_are_too_large) {
    auto o = of_version(protocol_version::v4);
    o.maximum_packet_size = 100;
    o.oversize = oversize::discard;
    session_driver d{o};
    d.accept();
    d.server({qos0(std::string(200, 'x')), qos1(1, std::string(200, 'x'))});
    EXPECT_EQ(d.client.stats().oversize, 2u);
    o.oversize = oversize::stop;
    session_driver stopping{o};
    stopping.accept();
    stopping.server(qos0(std::string(200, 'x')));
    EXPECT_EQ(stopping.client.stats().oversize, 1u);
}

// A server that does not keep its window makes the client forget what it held longest.
TEST(session_counters, of_messages_of_earlier_connections) {
    auto o = lasting(protocol_version::v4);
    o.receive_window = 1;
    session_driver d{o};
    d.accept();
    d.server(qos1(1));
    d.defer(d.token(0));
    d.reconnect(true);
    d.server(qos1(2));
    d.lose();
    EXPECT_EQ(d.client.stats().forgotten, 1u);
}

} // namespace
} // namespace weir::mqtt
