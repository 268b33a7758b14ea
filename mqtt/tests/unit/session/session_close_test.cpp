// The end of a connection: by the server, by the client, by a fault.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;

TEST(session_close, disconnect_leaves_behind_the_acks_that_are_ready) {
    session_driver d{lasting()};
    d.accept(false);
    d.server({qos1(1), qos1(2)});
    d.ack({d.token(0)});
    d.client.disconnect(reason_code::normal_disconnection, {}, d.now, d.happened);
    EXPECT_EQ(d.sent(), packets(puback(1), disconnect{}));
    EXPECT_EQ(d.last<close_requested>().reason, error{errc::local_close});
    d.ack({d.token(1)}); // nothing follows a DISCONNECT
    EXPECT_FALSE(d.client.has_output());
    d.client.disconnect(reason_code::normal_disconnection, {}, d.now, d.happened);
    EXPECT_EQ(d.count<close_requested>(), 1u);
    d.reconnect(true);
    d.server(dup(qos1(2)));
    EXPECT_EQ(d.sent(), packets(puback(2))); // it was held
}

TEST(session_close, the_will_can_be_asked_for) {
    session_driver d{lasting()};
    d.accept(false);
    d.client.disconnect(reason_code::disconnect_with_will_message, {}, d.now, d.happened);
    EXPECT_EQ(d.sent(), packets(disconnect{reason_code::disconnect_with_will_message, {}}));

    session_driver old{lasting(protocol_version::v4)};
    old.accept(false);
    old.client.disconnect(reason_code::disconnect_with_will_message, {}, old.now, old.happened);
    EXPECT_EQ(old.sent(), packets()); // its DISCONNECT would discard the will
    EXPECT_EQ(old.count<close_requested>(), 1u);
}

TEST(session_close, mqtt_3_has_one_disconnect) {
    session_driver d{lasting(protocol_version::v4)};
    d.accept(false);
    d.client.disconnect(reason_code::normal_disconnection, {}, d.now, d.happened);
    EXPECT_EQ(d.sent(), packets(disconnect{}));
}

TEST(session_close, session_expiry_may_change_with_disconnect) {
    session_driver d{lasting()};
    d.accept(false);
    properties props;
    props.set(property_id::session_expiry_interval, 0u);
    d.client.disconnect(reason_code::normal_disconnection, props, d.now, d.happened);
    EXPECT_EQ(d.sent(), packets(disconnect{reason_code::normal_disconnection, props}));
}

TEST(session_close, before_connack_it_only_closes) {
    session_driver d{lasting()};
    d.open();
    d.client.disconnect(reason_code::normal_disconnection, {}, d.now, d.happened);
    EXPECT_EQ(d.sent(), packets());
    EXPECT_EQ(d.count<close_requested>(), 1u);
}

TEST(session_close, a_disconnect_of_the_server_is_not_answered) {
    struct row {
        reason_code code;
        errc reported;
        bool fatal;
    };

    for (const row& r :
         {row{reason_code::session_taken_over, errc::session_taken_over, true},
          row{reason_code::malformed_packet, errc::server_disconnect, true},
          row{reason_code::protocol_error, errc::server_disconnect, true},
          row{reason_code::server_shutting_down, errc::server_disconnect, false},
          row{reason_code::normal_disconnection, errc::server_disconnect, false},
          row{reason_code::quota_exceeded, errc::server_disconnect, false}}) {
        session_driver d{lasting()};
        d.accept(false);
        disconnect farewell{r.code, {}};
        farewell.props.set(property_id::reason_string, "because");
        d.server(farewell);
        EXPECT_EQ(d.sent(), packets());
        EXPECT_EQ(d.last<close_requested>().reason, error{r.reported});
        EXPECT_NE(d.last<close_requested>().reason.detail.find("because"), std::string::npos);
        EXPECT_EQ(d.last<close_requested>().fatal, r.fatal);
        const closing_packet said{packet_type::disconnect, static_cast<std::uint8_t>(r.code), farewell.props};
        EXPECT_EQ(d.last<close_requested>().said, said);
    }
}

TEST(session_close, disconnect_is_nothing_a_3_1_1_server_may_send) {
    session_driver d{lasting(protocol_version::v4)};
    d.accept(false);
    d.raw(bytes::copy(std::string_view{"\xe0\x00", 2}));
    EXPECT_EQ(d.last<close_requested>().reason, error{errc::protocol_error});
}

TEST(session_close, a_second_connack_is_a_protocol_error) {
    session_driver d{lasting()};
    d.accept(false);
    d.server(connack{});
    EXPECT_EQ(d.sent(), packets(disconnect{reason_code::protocol_error, {}}));
    EXPECT_EQ(d.count<connected>(), 1u);
}

TEST(session_close, auth_without_a_method_is_a_protocol_error) {
    session_driver d{lasting()};
    d.accept(false);
    auth a{reason_code::success, {}};
    d.server(a);
    EXPECT_EQ(d.sent(), packets(disconnect{reason_code::protocol_error, {}}));
}

TEST(session_close, packets_in_the_same_read_as_the_fault_are_not_looked_at) {
    session_driver d{lasting()};
    d.accept(false);
    d.server({connack{}, qos1(1), pubrel(2)});
    EXPECT_EQ(d.count<message_received>(), 0u);
    EXPECT_EQ(d.sent(), packets(disconnect{reason_code::protocol_error, {}}));
}

TEST(session_close, closing_what_never_opened_does_nothing) {
    session_driver d{lasting()};
    d.lose();
    EXPECT_TRUE(d.happened.empty());
    d.accept(false);
    d.lose();
    d.lose();
    EXPECT_FALSE(d.client.is_connected());
    d.accept(true);
    EXPECT_TRUE(d.client.is_connected());
}

TEST(session_close, abort_ends_every_operation_once) {
    session_driver d{lasting()};
    d.accept(connack{});
    ASSERT_TRUE(d.client.publish(to_publish(qos::at_least_once), d.now, d.happened));
    ASSERT_TRUE(d.client.publish(to_publish(qos::exactly_once), d.now, d.happened));
    ASSERT_TRUE(d.client.subscribe({{"a"}}, {}, d.now));
    ASSERT_TRUE(d.client.unsubscribe({"a"}, d.now));
    (void)d.sent();
    ASSERT_TRUE(d.client.publish(to_publish(qos::at_most_once), d.now, d.happened)); // not written
    d.lose();
    ASSERT_TRUE(d.client.publish(to_publish(qos::at_most_once), d.now, d.happened)); // queued
    d.forget();
    d.client.abort(d.happened);
    EXPECT_EQ(d.count<publish_done>(), 3u);
    for (const auto& done : d.all<publish_done>())
        EXPECT_EQ(done.failed, error{errc::aborted});
    EXPECT_EQ(d.last<subscribe_done>().failed, error{errc::aborted});
    EXPECT_EQ(d.last<unsubscribe_done>().failed, error{errc::aborted});
    d.forget();
    d.client.abort(d.happened);
    EXPECT_TRUE(d.happened.empty());
}

} // namespace
} // namespace weir::mqtt
