#include "client_fixture.hpp"
#include "fronts/tls_front.hpp"
#include "fronts/websocket_front.hpp"

#include <gmock/gmock.h>

#include <optional>
#include <thread>

namespace weir::mqtt {
namespace {

using fronts::tls_front;
using fronts::websocket_front;
using ::testing::HasSubstr;
using ::testing::StartsWith;
using weir::testing::certificate_authority;

/// A broker behind a WebSocket.
class websocket : public client_test {
  protected:
    void serve(websocket_front::settings how = {}) { front_.emplace(broker_.port(), std::move(how)); }

    [[nodiscard]] client_options options() const {
        auto o = quick_options(front_->port());
        o.websocket = true;
        o.reconnect = 0;
        return o;
    }

    error failure(client_options o) {
        start(std::move(o));
        if (!observer_.wait_for([](const auto& r) { return !r.failures.empty() || !r.downs.empty(); }))
            return {};
        const auto seen = observer_.seen();
        return seen.failures.empty() ? seen.downs[0].reason : seen.failures[0].reason;
    }

    void exchange_messages() {
        client_->subscribe({{.filter = "a", .qos = qos::at_least_once}});
        for (const std::size_t size : {0u, 1u, 125u, 126u, 70'000u})
            client_->publish(message("a", std::string(size, 'x'), qos::at_least_once));
        ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() == 5; }));
        EXPECT_EQ(observer_.seen().messages[4].received.payload.size(), 70'000u);
    }

    accepting_broker broker_;
    std::optional<websocket_front> front_;
};

TEST_F(websocket, carries_packets_both_ways) {
    serve();
    ASSERT_TRUE(connects(options()));
    exchange_messages();
    client_->stop();
    EXPECT_TRUE(broker_.wait_for([](const auto& c) { return c.disconnects == 1; }));
    const auto end = front_->endings(1).at(0);
    EXPECT_EQ(end.code, 1000u);
    EXPECT_TRUE(end.all_binary); // [MQTT-6.0.0-1]
}

// [MQTT-6.0.0-2]
TEST_F(websocket, a_packet_may_span_frames) {
    serve({.frame_size = 3});
    ASSERT_TRUE(connects(options()));
    exchange_messages();
}

TEST_F(websocket, a_message_may_come_in_parts) {
    serve({.frame_size = 3, .continued = true});
    ASSERT_TRUE(connects(options()));
    exchange_messages();
}

// [MQTT-6.0.0-3]
TEST_F(websocket, asks_for_its_path_and_its_protocol) {
    serve();
    auto o = options();
    o.ws_headers = {{"X-Tenant", "seven"}, {"Authorization", "Bearer token"}};
    o.ws_query = "region=eu";
    ASSERT_TRUE(connects(o));
    auto request = front_->requests(1).at(0);
    EXPECT_EQ(request.target, "/mqtt?region=eu");
    EXPECT_EQ(request.headers["sec-websocket-protocol"], "mqtt");
    EXPECT_EQ(request.headers["x-tenant"], "seven");
    EXPECT_EQ(request.headers["authorization"], "Bearer token");
    EXPECT_EQ(request.headers["host"], "127.0.0.1:" + std::to_string(front_->port()));
    EXPECT_EQ(request.headers.count("sec-websocket-extensions"), 0u);
}

TEST_F(websocket, offers_the_old_protocol_too_on_3_1) {
    serve({.subprotocol = "mqttv3.1"});
    auto o = options();
    o.proto_ver = protocol_version::v3;
    ASSERT_TRUE(connects(o));
    EXPECT_EQ(front_->requests(1).at(0).headers["sec-websocket-protocol"], "mqtt, mqttv3.1");
}

TEST_F(websocket, offers_the_old_protocol_too_after_a_fallback_to_3_1) {
    test_broker old{{conversation{}.expect_a<connect>("CONNECT of 5.0").close(), conversation{}.accept()}};
    front_.emplace(old.port(), websocket_front::settings{});
    auto o = options();
    o.proto_fallback = {protocol_version::v3};
    o.reconnect = 1;
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    const auto requests = front_->requests(2);
    EXPECT_EQ(requests.at(0).headers.at("sec-websocket-protocol"), "mqtt");
    EXPECT_EQ(requests.at(1).headers.at("sec-websocket-protocol"), "mqtt, mqttv3.1");
    client_->stop();
    EXPECT_EQ(old.finish(), "");
}

TEST_F(websocket, the_path_of_a_uri_counts_on_every_connect) {
    serve();
    auto o = options();
    o.websocket = false;
    o.port = 0;
    o.host = "ws://127.0.0.1:" + std::to_string(front_->port()) + "/broker/7?x=y";
    o.reconnect = 5;
    ASSERT_TRUE(connects(o));
    broker_.drop_connections();
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 2; }));
    for (const auto& request : front_->requests(2))
        EXPECT_EQ(request.target, "/broker/7?x=y");
}

TEST_F(websocket, a_refused_upgrade_names_the_status) {
    serve({.status = 403});
    const auto reason = failure(options());
    EXPECT_EQ(reason.code, errc::ws_upgrade_failed);
    EXPECT_THAT(reason.detail, StartsWith("403 Forbidden: "));
}

TEST_F(websocket, a_redirect_is_not_followed) {
    serve({.status = 302});
    const auto reason = failure(options());
    EXPECT_EQ(reason.code, errc::ws_upgrade_failed);
    EXPECT_THAT(reason.detail, StartsWith("302 "));
}

// [MQTT-6.0.0-4]
TEST_F(websocket, an_answer_with_another_protocol_is_refused) {
    serve({.subprotocol = "chat"});
    const auto reason = failure(options());
    EXPECT_EQ(reason.code, errc::ws_upgrade_failed);
    EXPECT_THAT(reason.detail, HasSubstr("\"chat\""));
    EXPECT_EQ(broker_.stats().connects, 0u);
}

TEST_F(websocket, an_answer_without_a_protocol_is_refused) {
    serve({.subprotocol = ""});
    EXPECT_EQ(failure(options()).code, errc::ws_upgrade_failed);
}

// [MQTT-6.0.0-1]
TEST_F(websocket, a_text_frame_ends_the_connection_with_1003) {
    serve({.text = true});
    const auto reason = failure(options());
    EXPECT_EQ(reason.code, errc::protocol_error);
    EXPECT_THAT(reason.detail, HasSubstr("text frame"));
    EXPECT_EQ(front_->endings(1).at(0).code, 1003u);
}

TEST_F(websocket, a_ping_is_answered) {
    serve({.ping_first = true});
    ASSERT_TRUE(connects(options()));
    client_->stop();
    EXPECT_EQ(front_->endings(1).at(0).pongs, 1u);
}

TEST_F(websocket, a_server_that_does_not_say_goodbye_is_left_after_close_timeout) {
    serve({.keeps_open = true});
    auto o = options();
    o.connect_timeout = 200ms;
    o.close_timeout = 200ms;
    // Nothing reaches the broker, so the attempt ends by itself; what counts is that stopping does too.
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return !r.failures.empty(); }));
    EXPECT_THAT(observer_.seen().failures[0].reason.detail, StartsWith("connack: "));
    const auto began = clock::now();
    client_->stop();
    EXPECT_LT(clock::now() - began, 5s);
}

TEST_F(websocket, a_server_that_is_silent_times_out_in_its_phase) {
    test_broker silent{{conversation{}.run("silence", [](auto& c) { c.stall(5s); })}};
    auto o = quick_options(silent.port());
    o.websocket = true;
    o.connect_timeout = 300ms;
    o.reconnect = 0;
    const auto reason = failure(o);
    EXPECT_EQ(reason.code, errc::connect_timeout);
    EXPECT_THAT(reason.detail, StartsWith("websocket: "));
}

TEST_F(websocket, an_answer_that_is_not_http_is_ws_upgrade_failed) {
    test_broker odd{
        {conversation{}.send_raw("SSH-2.0-broker\r\n\r\n").run("silence", [](auto& c) { c.stall(5s); })}};
    auto o = quick_options(odd.port());
    o.websocket = true;
    o.reconnect = 0;
    EXPECT_EQ(failure(o).code, errc::ws_upgrade_failed);
}

TEST_F(websocket, a_lost_connection_is_told) {
    serve();
    auto o = options();
    o.reconnect = 5;
    ASSERT_TRUE(connects(o));
    broker_.drop_connections();
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 2; }));
    EXPECT_EQ(observer_.seen().downs.at(0).reason.code, errc::peer_closed);
}

// ---- over TLS

class secure_websocket : public websocket {
  protected:
    void serve_securely(const weir::testing::certificate_request& request) {
        serve();
        tls_.emplace(front_->port(), tls_front::settings{.own = ca_.issue(request)});
    }

    [[nodiscard]] client_options secure_options() const {
        auto o = options();
        o.port = 0;
        o.websocket = false;
        o.host = "wss://localhost:" + std::to_string(tls_->port()) + "/mqtt";
        o.ssl_opts.ca_data = ca_.certificate();
        return o;
    }

    certificate_authority ca_;
    std::optional<tls_front> tls_;
};

TEST_F(secure_websocket, carries_packets_both_ways) {
    serve_securely({.names = {"DNS:localhost"}});
    ASSERT_TRUE(connects(secure_options()));
    exchange_messages();
    const auto t = client_->timings();
    ASSERT_TRUE(t.tcp && t.tls && t.websocket && t.connack);
    EXPECT_LT(*t.tls, *t.websocket);
    client_->stop();
    EXPECT_EQ(front_->endings(1).at(0).code, 1000u);
}

} // namespace
} // namespace weir::mqtt
