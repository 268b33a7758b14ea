// A session that the server keeps for a time only ends at this end, too, when that time has surely passed
// [MQTT 5.0, 3.1.2.11.2].
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

#include <chrono>

namespace weir::mqtt {
namespace {

using namespace test;
using namespace std::chrono_literals;

client_options kept_for(std::uint32_t seconds) {
    auto o = lasting();
    o.session_expiry = seconds;
    o.keepalive = 40s; // of which the server waits for one and a half
    return o;
}

connack granting(std::uint32_t seconds) {
    connack c;
    c.props.set(property_id::session_expiry_interval, seconds);
    return c;
}

TEST(session_expiry, ends_the_session_without_a_connection) {
    session_driver d{kept_for(100)};
    d.accept();
    d.server({qos1(1), qos1(2)});
    const auto held = d.token(0);
    const auto one = d.client.publish(to_publish(qos::at_least_once, "again"), d.now, d.happened);
    const auto two = d.client.publish(to_publish(qos::exactly_once, "once"), d.now, d.happened);
    ASSERT_TRUE(one && two);
    (void)d.sent();
    d.lose();
    d.wait(99s);
    EXPECT_EQ(d.count<session_lost>(), 0u);
    EXPECT_EQ(d.count<publish_done>(), 0u);
    d.wait(1s);
    EXPECT_EQ(d.all<session_lost>(), (std::vector<session_lost>{{2}}));
    EXPECT_EQ(d.last<publish_done>().operation, *two);
    EXPECT_EQ(d.last<publish_done>().failed.code, errc::session_lost);
    d.ack({held});
    EXPECT_EQ(d.let_go(dropped::what::stale_ack), 1u);
    EXPECT_EQ(d.client.deadline(), std::nullopt);
}

TEST(session_expiry, is_told_once_and_what_follows_is_a_new_session) {
    session_driver d{kept_for(100)};
    d.accept();
    (void)d.client.publish(to_publish(qos::at_least_once, "again"), d.now, d.happened);
    (void)d.sent();
    d.lose();
    d.wait(100s);
    d.forget();
    EXPECT_FALSE(d.accept(false).clean_start);
    EXPECT_EQ(d.count<session_lost>(), 0u);
    const auto out = d.sent();
    ASSERT_EQ(out.size(), 1u);
    EXPECT_FALSE(std::get<publish>(out[0]).dup);
    // From then on it is as any other.
    d.lose();
    d.wait(100s);
    EXPECT_EQ(d.count<session_lost>(), 1u);
}

// One that was away itself may have the session all the same, and what it kept is not thrown away.
TEST(session_expiry, a_server_that_kept_it_is_believed) {
    session_driver d{kept_for(100)};
    d.accept();
    d.server(qos1(1, "before"));
    (void)d.client.subscribe({{.filter = "f"}}, {}, d.now);
    (void)d.sent();
    d.server(suback{.packet_id = 1, .codes = {reason_code::success}});
    d.lose();
    d.wait(100s);
    d.forget();
    d.accept(true);
    EXPECT_TRUE(d.client.is_connected());
    const auto out = d.sent();
    ASSERT_EQ(out.size(), 1u) << "the subscriptions are made again";
    EXPECT_TRUE(std::holds_alternative<subscribe>(out[0]));
    d.server(dup(qos1(1, "before")));
    EXPECT_EQ(d.count<message_received>(), 1u) << "nothing is known of the first delivery any more";
}

TEST(session_expiry, with_session_strict_it_is_not) {
    auto o = kept_for(100);
    o.session_strict = true;
    session_driver d{o};
    d.accept();
    d.lose();
    d.wait(100s);
    d.accept(true);
    expect_closed(d, reason_code::protocol_error);
    d.lose();
    EXPECT_TRUE(d.open().clean_start);
}

TEST(session_expiry, is_what_the_server_grants) {
    session_driver d{kept_for(1'000)};
    d.accept(granting(60));
    d.lose();
    d.wait(60s);
    EXPECT_EQ(d.count<session_lost>(), 1u);
}

TEST(session_expiry, is_what_the_last_disconnect_has_said) {
    session_driver d{kept_for(60)};
    d.accept();
    properties longer;
    longer.set(property_id::session_expiry_interval, 600u);
    d.client.disconnect(reason_code::normal_disconnection, longer, d.now, d.happened);
    (void)d.sent();
    d.lose();
    d.wait(599s);
    EXPECT_EQ(d.count<session_lost>(), 0u);
    d.wait(1s);
    EXPECT_EQ(d.count<session_lost>(), 1u);
}

TEST(session_expiry, begins_when_the_server_must_have_noticed) {
    session_driver d{kept_for(100)};
    d.accept();
    d.lose(error{errc::keepalive_timeout});
    d.wait(159s); // one and a half times the keep alive, and then the expiry
    EXPECT_EQ(d.count<session_lost>(), 0u);
    d.wait(1s);
    EXPECT_EQ(d.count<session_lost>(), 1u);
}

TEST(session_expiry, is_never_sure_of_a_server_that_may_not_notice) {
    auto o = kept_for(100);
    o.keepalive = 0s;
    session_driver d{o};
    d.accept();
    d.lose(error{errc::io_error});
    d.wait(24h);
    EXPECT_EQ(d.count<session_lost>(), 0u);
}

// The server may have taken the session up, and only its answer was lost.
TEST(session_expiry, begins_anew_with_an_attempt_whose_answer_is_lost) {
    session_driver d{kept_for(1'000)};
    d.accept(granting(60));
    d.lose();
    d.wait(50s);
    d.open();
    d.lose();
    d.wait(999s);
    EXPECT_EQ(d.count<session_lost>(), 0u);
    d.wait(1s);
    EXPECT_EQ(d.count<session_lost>(), 1u);
}

TEST(session_expiry, leaves_alone_what_never_ends_and_what_connack_will_tell) {
    for (const std::uint32_t seconds : {0u, 0xFFFF'FFFFu}) {
        session_driver d{kept_for(seconds)};
        d.accept();
        d.lose();
        d.wait(24h);
        EXPECT_EQ(d.count<session_lost>(), 0u) << seconds;
    }
    session_driver old{lasting(protocol_version::v4)};
    old.accept();
    old.lose();
    old.wait(24h);
    EXPECT_EQ(old.count<session_lost>(), 0u);
    session_driver never_there{kept_for(100)};
    never_there.open();
    never_there.lose();
    never_there.wait(24h);
    EXPECT_EQ(never_there.count<session_lost>(), 0u);
}

} // namespace
} // namespace weir::mqtt
