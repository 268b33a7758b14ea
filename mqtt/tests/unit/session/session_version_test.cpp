// Which version of the protocol is spoken, and what happens when the server does not speak it.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;

client_options falling_back() {
    auto o = of_version(protocol_version::v5);
    o.proto_fallback = {protocol_version::v4, protocol_version::v3};
    return o;
}

connack refusal(reason_code code) {
    return {false, static_cast<std::uint8_t>(code), {}};
}

/// A driver speaks the version of its options; this one follows the session.
void speak(session_driver& d, protocol_version v) {
    d.options.proto_ver = v;
}

TEST(session_version, a_refused_version_gives_way_to_the_next) {
    auto o = falling_back();
    o.session_expiry = 3600;
    o.topic_alias_maximum = 5;
    session_driver d{o};
    EXPECT_EQ(d.open().version, protocol_version::v5);
    d.server(refusal(reason_code::unsupported_protocol_version));
    EXPECT_FALSE(d.last<close_requested>().fatal);
    d.lose();
    EXPECT_EQ(
        d.last<version_fallback>(),
        (version_fallback{
            protocol_version::v5, protocol_version::v4, "session_expiry, topic_alias_maximum"}));

    speak(d, protocol_version::v4);
    EXPECT_EQ(d.open().version, protocol_version::v4);
    d.server(
        connack{false, static_cast<std::uint8_t>(connect_return_code::unacceptable_protocol_version), {}});
    d.lose();
    EXPECT_EQ(d.last<version_fallback>().to, protocol_version::v3);

    speak(d, protocol_version::v3);
    EXPECT_EQ(d.open().version, protocol_version::v3);
    d.server(
        connack{false, static_cast<std::uint8_t>(connect_return_code::unacceptable_protocol_version), {}});
    EXPECT_TRUE(d.last<close_requested>().fatal) << "there is no other version";
}

TEST(session_version, a_server_that_closes_on_connect_is_tried_with_the_next) {
    session_driver d{falling_back()};
    d.open();
    d.lose();
    EXPECT_EQ(d.count<version_fallback>(), 1u);
    speak(d, protocol_version::v4);
    d.accept();
    EXPECT_TRUE(d.client.is_connected());
    d.lose();
    d.open();
    d.lose(); // no sign of a version that is not understood: it was, before
    EXPECT_EQ(d.count<version_fallback>(), 1u);
}

TEST(session_version, other_ends_of_an_attempt_change_nothing) {
    session_driver d{falling_back()};
    d.open();
    d.lose(error{errc::connect_timeout});
    d.open();
    d.server(refusal(reason_code::server_busy));
    d.lose();
    EXPECT_EQ(d.count<version_fallback>(), 0u);
}

TEST(session_version, what_waited_is_looked_at_again) {
    session_driver d{falling_back()};
    outgoing with_property = to_publish(qos::at_least_once);
    with_property.props.set(property_id::content_type, "text");
    EXPECT_TRUE(d.client.publish(std::move(with_property), d.now, d.happened));
    EXPECT_TRUE(d.client.publish(to_publish(qos::at_least_once), d.now, d.happened));
    EXPECT_TRUE(d.client.subscribe({{.filter = "a", .no_local = true}}, {}, d.now));
    d.open();
    d.lose();
    speak(d, protocol_version::v4);
    d.accept();
    EXPECT_EQ(d.last<publish_done>().failed, error{errc::unsupported_by_version});
    EXPECT_EQ(d.last<subscribe_done>().failed, error{errc::unsupported_by_version});
    EXPECT_EQ(d.sent(), packets(qos1(1)));
}

TEST(session_version, a_window_of_5_0_is_kept_on_3_1_1) {
    auto o = falling_back();
    o.receive_maximum = 1;
    session_driver d{o};
    d.open();
    d.lose();
    speak(d, protocol_version::v4);
    d.accept();
    d.server({qos1(1), qos1(2)});
    EXPECT_EQ(d.count<message_received>(), 1u);
}

TEST(session_version, an_empty_client_id_is_drawn_for_3_x) {
    auto o = falling_back();
    o.clientid.clear();
    session_driver d{o};
    EXPECT_TRUE(d.open().client_id.empty());
    d.lose();
    speak(d, protocol_version::v4);
    EXPECT_EQ(d.open().client_id.size(), 21u);
}

} // namespace
} // namespace weir::mqtt
