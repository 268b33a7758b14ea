#include "client_fixture.hpp"

#include <algorithm>
#include <future>

namespace weir::mqtt {
namespace {

class reconnecting : public client_version_test {};

TEST_P(reconnecting, comes_back_after_a_loss) {
    test_broker broker{
        {conversation{}.accept().close(), conversation{}.accept().reset(), conversation{}.accept()}};
    start(quick_options(broker.port(), GetParam()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.connections.size() == 3; }));
    const auto seen = observer_.seen();
    ASSERT_EQ(seen.downs.size(), 2u);
    EXPECT_TRUE(seen.downs[0].will_retry);
    EXPECT_EQ(seen.downs[0].reason.code, errc::peer_closed);
    EXPECT_EQ(seen.downs[1].reason.code, errc::io_error);
    std::string ends = seen.order;
    std::erase(ends, 'R');
    EXPECT_EQ(ends, "UDUDU");
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(reconnecting, takes_leave_and_comes_again_when_asked) {
    test_broker broker{
        {conversation{}.accept().expect(disconnect{}).expect_eof(),
         conversation{}
             .expect_a<connect>("CONNECT", [](const connect& c) { return !c.clean_start; })
             .send(connack{.session_present = true})}};
    auto options = quick_options(broker.port(), GetParam());
    options.clean_start = false;
    options.reconnect = 0;
    options.backoff_min = options.backoff_max = 10s;
    start(options);
    client_->reconnect(); // too early
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.connections.size() == 1; }));
    client_->reconnect();
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.connections.size() == 2; }));
    const auto seen = observer_.seen();
    EXPECT_EQ(seen.downs.at(0).reason.code, errc::local_close);
    EXPECT_TRUE(seen.downs[0].will_retry) << "though no failure is allowed";
    EXPECT_EQ(seen.downs[0].retry_in, 0ms) << "without backoff";
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(reconnecting, comes_back_after_dropping_the_connection_itself) {
    test_broker broker{{conversation{}.accept().expect_eof(), conversation{}.accept()}};
    start(quick_options(broker.port(), GetParam()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.connections.size() == 1; }));
    client_->drop_connection();
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.connections.size() == 2; }));
    const auto seen = observer_.seen();
    ASSERT_EQ(seen.downs.size(), 1u);
    EXPECT_EQ(seen.downs[0].reason.code, errc::local_close);
    EXPECT_TRUE(seen.downs[0].will_retry);
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(reconnecting, gives_up_after_the_limit) {
    const auto refuse = conversation{}.expect_a<connect>("CONNECT").send_hex(
        GetParam() == protocol_version::v5 ? "20 03 00 88 00" : "20 02 00 03");
    test_broker broker{{refuse, refuse, refuse}};
    auto options = quick_options(broker.port(), GetParam());
    options.reconnect = 2;
    start(options);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return !r.given_up.empty(); }));
    const auto seen = observer_.seen();
    EXPECT_EQ(seen.order, "FFFG");
    EXPECT_EQ(seen.given_up[0].code, errc::gave_up);
    EXPECT_EQ(seen.failures[0].reason.code, errc::connack_refused);
    EXPECT_TRUE(seen.failures[1].will_retry);
    EXPECT_FALSE(seen.failures[2].will_retry);
    EXPECT_EQ(seen.failures[2].attempt, 3u);
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(reconnecting, a_fatal_refusal_ends_it_at_once) {
    test_broker broker{{conversation{}.expect_a<connect>("CONNECT").send_hex(
        GetParam() == protocol_version::v5 ? "20 03 00 87 00" : "20 02 00 05")}};
    start(quick_options(broker.port(), GetParam()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return !r.given_up.empty(); }));
    const auto seen = observer_.seen();
    EXPECT_EQ(seen.order, "FG");
    EXPECT_EQ(seen.given_up[0].code, errc::connack_refused);
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(reconnecting, a_fatal_refusal_is_retried_when_asked) {
    const std::string refused = GetParam() == protocol_version::v5 ? "20 03 00 87 00" : "20 02 00 05";
    test_broker broker{
        {conversation{}.expect_a<connect>("CONNECT").send_hex(refused), conversation{}.accept()}};
    auto options = quick_options(broker.port(), GetParam());
    options.retry_fatal = true;
    start(options);
    EXPECT_TRUE(observer_.wait_for([](const auto& r) { return r.connections.size() == 1; }));
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(reconnecting, operations_fail_after_giving_up_and_start_begins_anew) {
    test_broker broker{{conversation{}.expect_a<connect>("CONNECT").close(), conversation{}.accept()}};
    auto options = quick_options(broker.port(), GetParam());
    options.reconnect = 0;
    start(options);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return !r.given_up.empty(); }));
    std::promise<error> outcome;
    client_->publish(message("t", "p"), [&](const publish_done& d) { outcome.set_value(d.failed); });
    EXPECT_EQ(outcome.get_future().get().code, errc::not_connected);
    client_->start();
    EXPECT_TRUE(observer_.wait_for([](const auto& r) { return r.connections.size() == 1; }));
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(reconnecting, accept_then_close_backs_off_too) {
    std::vector<conversation> list(6, conversation{}.accept().close());
    test_broker broker{std::move(list)};
    auto options = quick_options(broker.port(), GetParam());
    options.reconnect = 5;
    start(options);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return !r.given_up.empty(); }));
    const auto downs = observer_.seen().downs;
    ASSERT_EQ(downs.size(), 6u);
    EXPECT_EQ(downs[4].attempt, 5u);
    EXPECT_GE(downs[4].retry_in, 25ms) << "five failures in a row wait for backoff_max";
    EXPECT_EQ(broker.finish(), "");
}

// A session that is gone is made anew before the client calls itself ready; one that was kept is not.
TEST_P(reconnecting, subscribes_again_only_when_the_session_is_lost) {
    test_broker broker{
        {conversation{}.accept().grant_subscribe().close(),
         conversation{}.accept({.session_present = true}).expect_nothing(100ms).close(),
         conversation{}.accept().grant_subscribe()}};
    auto options = quick_options(broker.port(), GetParam());
    options.clean_start = false;
    if (GetParam() == protocol_version::v5) options.session_expiry = 3600;
    start(options);
    client_->subscribe({{.filter = "a/#", .qos = qos::at_least_once}});
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 3; }));
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
    const auto events = observer_.seen().events;
    EXPECT_TRUE(std::any_of(events.begin(), events.end(), [](const event& e) {
        return std::holds_alternative<session_lost>(e);
    }));
}

INSTANTIATE_TEST_SUITE_P(
    versions, reconnecting, ::testing::Values(protocol_version::v4, protocol_version::v5), version_name);

} // namespace
} // namespace weir::mqtt
