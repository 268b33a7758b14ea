// The test brokers themselves: a script that is not followed must say so.
#include "client_fixture.hpp"

#include <future>

namespace weir::mqtt {
namespace {

class scripted : public client_test {
  protected:
    std::string failures_of(conversation script, std::chrono::milliseconds limit = 5s) {
        test_broker broker{{std::move(script)}};
        auto options = quick_options(broker.port());
        options.reconnect = 0;
        start(options);
        client_->publish(message("t", "p"));
        auto text = broker.finish(limit);
        client_->stop();
        return text;
    }

    static bool contains(const std::string& text, const std::string& part) {
        return text.find(part) != std::string::npos;
    }
};

TEST_F(scripted, a_script_that_is_followed_reports_nothing) {
    EXPECT_EQ(failures_of(conversation{}.accept().expect(publish_packet("t", "p"))), "");
}

TEST_F(scripted, another_packet_than_expected_is_named_with_its_step) {
    const auto text = failures_of(conversation{}.accept().expect(publish_packet("t", "q")));
    EXPECT_TRUE(contains(text, "connection 1, step 3")) << text;
    EXPECT_TRUE(contains(text, "PUBLISH [30 05 00 01 74 00 71]")) << text;
    EXPECT_TRUE(contains(text, "got PUBLISH [30 05 00 01 74 00 70]")) << text;
}

TEST_F(scripted, other_bytes_than_expected_are_shown) {
    const auto text = failures_of(conversation{}.accept().expect_hex("30 05 00 01 \"t\" 00 \"q\""));
    EXPECT_TRUE(contains(text, "got 30 05 00 01 74 00 70")) << text;
}

TEST_F(scripted, a_packet_of_another_kind_is_a_failure) {
    EXPECT_TRUE(contains(failures_of(conversation{}.accept().grant_subscribe()), "expect SUBSCRIBE"));
}

TEST_F(scripted, a_packet_during_silence_is_a_failure) {
    EXPECT_TRUE(contains(failures_of(conversation{}.accept().expect_nothing(2s)), "expected silence"));
}

TEST_F(scripted, a_packet_instead_of_the_end_is_a_failure) {
    EXPECT_TRUE(contains(failures_of(conversation{}.accept().expect_eof()), "got PUBLISH"));
}

TEST_F(scripted, a_packet_after_the_last_step_is_a_failure) {
    std::promise<void> sent;
    test_broker broker{{conversation{}.accept()}};
    start(quick_options(broker.port()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    client_->publish(message("t", "p"), [&](const auto&) { sent.set_value(); });
    sent.get_future().wait();
    client_->stop(); // the broker has read all when it has seen the end
    EXPECT_TRUE(contains(broker.finish(), "after the last step"));
}

TEST_F(scripted, what_never_comes_is_a_failure) {
    const auto text = failures_of(conversation{}
                                      .within(50ms)
                                      .accept()
                                      .expect(publish_packet("t", "p"))
                                      .expect_a<subscribe>("SUBSCRIBE"));
    EXPECT_TRUE(contains(text, "nothing came in time")) << text;
}

TEST_F(scripted, a_connection_that_never_comes_is_a_failure) {
    test_broker broker{{conversation{}.accept()}};
    EXPECT_TRUE(contains(broker.finish(20ms), "0 of 1 conversations"));
}

class accepting : public client_version_test {};

TEST_P(accepting, keeps_a_session_and_sends_what_is_unacknowledged_again) {
    accepting_broker broker;
    auto options = quick_options(broker.port(), GetParam());
    options.auto_ack = false;
    options.clean_start = false;
    if (GetParam() == protocol_version::v5) options.session_expiry = 3'600;
    auto& c = start(options);
    c.subscribe({{.filter = "#", .qos = qos::exactly_once}});
    ASSERT_TRUE(broker.wait_for([](const auto& n) { return n.subscribes == 1; }));
    EXPECT_TRUE(broker.push(publish_packet("a", "1", qos::at_least_once)));
    EXPECT_TRUE(broker.push(publish_packet("a", "2", qos::exactly_once)));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() == 2; }));
    broker.drop_connections();
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.connections.size() == 2; }));
    EXPECT_TRUE(observer_.seen().connections[1].session_present);
    ASSERT_TRUE(broker.wait_for([](const auto& n) { return n.resent == 2; }));
    std::vector<ack_outcome> acks;
    for (const auto& m : observer_.seen().messages)
        acks.push_back({.token = m.token});
    c.acknowledge(acks);
    EXPECT_TRUE(
        broker.wait_for([](const auto& n) { return n.waiting == 0 && n.pubacks == 1 && n.pubcomps == 1; }));
    EXPECT_EQ(observer_.seen().messages.size(), 2u);
}

TEST_P(accepting, routes_between_its_clients_and_back) {
    accepting_broker broker;
    auto& c = start(quick_options(broker.port(), GetParam()));
    c.subscribe({{.filter = "a/+", .qos = qos::at_least_once}});
    c.publish(message("a/b", "x", qos::exactly_once));
    c.publish(message("b", "x", qos::at_least_once));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() == 1; }));
    EXPECT_EQ(observer_.seen().messages[0].received.qos, qos::at_least_once) << "the lower of the two";
    EXPECT_TRUE(broker.wait_for([](const auto& n) { return n.publishes == 2; }));
}

INSTANTIATE_TEST_SUITE_P(
    versions, accepting, ::testing::Values(protocol_version::v4, protocol_version::v5), version_name);

} // namespace
} // namespace weir::mqtt
