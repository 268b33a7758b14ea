#include "client_fixture.hpp"
#include "support/full_listener.hpp"
#include "support/slow_resolver.hpp"

namespace weir::mqtt {
namespace {

/// A port where nobody listens: that of a broker that is gone.
std::uint16_t dead_port() {
    return accepting_broker{}.port();
}

class connecting : public client_version_test {};

TEST_P(connecting, reports_what_the_server_said) {
    test_broker broker{{conversation{}.accept({.session_present = false})}};
    start(quick_options(broker.port(), GetParam()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    const auto seen = observer_.seen();
    ASSERT_EQ(seen.connections.size(), 1u);
    EXPECT_EQ(seen.connections[0].client_id, "tester");
    EXPECT_EQ(seen.order, "UR");
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
}

// [MQTT-3.1.0-1], and nothing else before CONNACK.
TEST_P(connecting, sends_nothing_but_connect_before_connack) {
    test_broker broker{
        {conversation{}.expect_a<connect>("CONNECT").expect_nothing(100ms).send(connack{}).expect_a<publish>(
            "the waiting PUBLISH")}};
    client_ = std::make_unique<client>(lane_, quick_options(broker.port(), GetParam()), observer_);
    client_->publish(message("t", "early"));
    client_->start();
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(connecting, a_silent_server_ends_the_attempt_at_the_deadline) {
    test_broker broker{{conversation{}.expect_a<connect>("CONNECT").expect_eof()}};
    auto options = quick_options(broker.port(), GetParam());
    options.connect_timeout = 200ms;
    options.reconnect = 0;
    const auto began = clock::now();
    start(options);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.failures.size() == 1; }));
    const auto took = clock::now() - began;
    EXPECT_GE(took, 200ms);
    EXPECT_LT(took, 5s);
    const auto down = observer_.seen().failures[0];
    EXPECT_EQ(down.reason.code, errc::connect_timeout);
    EXPECT_NE(down.reason.detail.find("connack"), std::string::npos) << down.reason.message();
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(connecting, an_end_before_connack_is_a_failed_attempt) {
    test_broker broker{{conversation{}.expect_a<connect>("CONNECT").close()}};
    auto options = quick_options(broker.port(), GetParam());
    options.reconnect = 0;
    start(options);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.failures.size() == 1; }));
    EXPECT_EQ(observer_.seen().failures[0].reason.code, errc::peer_closed);
    EXPECT_EQ(broker.finish(), "");
}

TEST_F(client_test, a_long_client_id_is_warned_of_on_mqtt_3_1_alone) {
    for (const auto version : {protocol_version::v3, protocol_version::v4}) {
        accepting_broker broker;
        recording_observer observer;
        auto o = quick_options(broker.port(), version);
        o.clientid = std::string(24, 'c');
        client c{lane_, o, observer};
        c.start();
        ASSERT_TRUE(observer.wait_for([](const auto& r) { return r.connections.size() == 1; }));
        const auto warnings = observer.seen().warnings;
        ASSERT_EQ(warnings.size(), version == protocol_version::v3 ? 1u : 0u);
        if (!warnings.empty()) {
            EXPECT_NE(warnings[0].find("24 bytes"), std::string::npos) << warnings[0];
        }
        c.stop();
    }
}

INSTANTIATE_TEST_SUITE_P(
    versions, connecting, ::testing::Values(protocol_version::v4, protocol_version::v5), version_name);

class reaching : public client_test {
  protected:
    error first_failure(client_options options) {
        options.reconnect = 0;
        start(std::move(options));
        if (!observer_.wait_for([](const auto& r) { return !r.failures.empty(); })) return {};
        return observer_.seen().failures[0].reason;
    }
};

TEST_F(reaching, a_closed_port_is_connect_refused) {
    const auto port = dead_port();
    const auto reason = first_failure(quick_options(port));
    EXPECT_EQ(reason.code, errc::connect_refused);
    EXPECT_NE(reason.detail.find("127.0.0.1:" + std::to_string(port)), std::string::npos) << reason.message();
}

TEST_F(reaching, a_name_nobody_knows_is_resolve_failed) {
    auto options = quick_options(1883);
    options.host = "no-such-host.invalid";
    EXPECT_EQ(first_failure(options).code, errc::resolve_failed);
}

// One deadline from the first step on; the error says how far the attempt came.

TEST_F(reaching, a_resolver_that_does_not_answer_ends_the_attempt_at_the_deadline) {
    const slow_resolver resolver;
    auto options = quick_options(1883);
    options.host = slow_resolver::name;
    options.connect_timeout = 100ms;
    const auto reason = first_failure(options);
    EXPECT_EQ(reason.code, errc::connect_timeout);
    EXPECT_EQ(reason.detail.rfind("resolve:", 0), 0u) << reason.detail;
    EXPECT_EQ(observer_.seen().failures[0].phase, "resolve");
    client_.reset(); // does not wait for the resolver
}

TEST_F(reaching, a_host_that_does_not_answer_ends_the_attempt_at_the_deadline) {
    const full_listener silent;
    auto options = quick_options(silent.port());
    options.connect_timeout = 100ms;
    const auto reason = first_failure(options);
    EXPECT_EQ(reason.code, errc::connect_timeout);
    EXPECT_EQ(reason.detail.rfind("tcp:", 0), 0u) << reason.detail;
    const auto failed = observer_.seen().failures[0];
    EXPECT_EQ(failed.phase, "tcp");
    EXPECT_GE(failed.took, 100ms);
}

TEST_F(reaching, a_name_is_resolved) {
    test_broker broker{{conversation{}.accept()}};
    auto options = quick_options(broker.port());
    options.host = "localhost";
    start(options);
    EXPECT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
}

TEST_F(reaching, an_ipv6_address_may_stand_in_brackets) {
    auto options = quick_options(dead_port());
    options.host = "[::1]";
    // Refused, or unreachable where the machine has no IPv6; never a matter for the resolver.
    const auto code = first_failure(options).code;
    EXPECT_TRUE(code == errc::connect_refused || code == errc::unreachable || code == errc::io_error) << code;
}

TEST_F(reaching, bad_options_are_refused_before_any_io) {
    auto options = quick_options(1883);
    options.max_inflight = 0;
    options.receive_maximum = 0;
    try {
        const client c{lane_, options, observer_};
        FAIL() << "accepted";
    } catch (const std::invalid_argument& e) {
        const std::string text = e.what();
        EXPECT_NE(text.find("max_inflight"), std::string::npos) << text;
        EXPECT_NE(text.find("receive_maximum"), std::string::npos) << text;
    }
}

} // namespace
} // namespace weir::mqtt
