// Every error a client can end with, reached by a script.
#include "messenger_fixture.hpp"

#include <weir/mqtt/store/session_store.hpp>

#include <functional>
#include <set>
#include <vector>

namespace weir::mqtt {
namespace {

/// A stream that cannot be had, for a reason given.
class failing_stream final : public transport {
  public:
    failing_stream(io_lane& lane, errc why)
        : lane_(lane)
        , why_(why) {}

    void connect(const std::string&, std::uint16_t, transport_listener& listener) override {
        *listener_ = &listener;
        lane_.post([listener = listener_, why = why_] {
            if (*listener != nullptr) (*listener)->transport_failed(error{why, "as told"});
        });
    }

    [[nodiscard]] std::string_view phase() const noexcept override { return "tcp"; }

    void read() override {}

    void write(output_buffer&) override {}

    void shutdown() noexcept override {}

    void close() noexcept override { *listener_ = nullptr; }

    [[nodiscard]] counters stats() const noexcept override { return {}; }

  private:
    io_lane& lane_;
    errc why_;
    std::shared_ptr<transport_listener*> listener_{std::make_shared<transport_listener*>(nullptr)};
};

/// Content with whatever the server says.
class easy_proof final : public authenticator {
  public:
    [[nodiscard]] std::string_view method() const override { return "easy"; }

    [[nodiscard]] result<auth_message> start() override { return auth_message{}; }

    [[nodiscard]] result<auth_message> step(const auth_message&) override { return auth_message{}; }

    [[nodiscard]] error finish(const auth_message&) override { return {}; }
};

using change = std::function<void(client_options&)>;

const change nothing = [](client_options&) {};

conversation accept_with(property_id id, std::uint32_t value) {
    connack answer;
    answer.props.set(id, value);
    return conversation{}.accept(answer);
}

publish of_size(std::size_t payload) {
    return publish_packet("t", std::string(payload, 'x'));
}

/// Why the first connection, or the attempt at it, ended.
error end_of_connection(conversation script, const change& with = nothing) {
    test_broker broker{{std::move(script)}};
    recording_observer observer;
    auto o = quick_options(broker.port());
    o.reconnect = 0;
    with(o);
    messenger m{o, &observer};
    auto up = m.connect();
    EXPECT_TRUE(observer.wait_for([](const auto& r) { return r.downs.size() + r.failures.size() > 0; }));
    const auto seen = observer.seen();
    return seen.downs.empty() ? seen.failures.at(0).reason : seen.downs[0].reason;
}

error end_of_attempt(const change& with) {
    return end_of_connection(conversation{}, with);
}

error end_of_stream(errc why) {
    return end_of_attempt([why](client_options& o) {
        o.byte_stream = [why](io_lane& lane) { return std::make_unique<failing_stream>(lane, why); };
    });
}

/// A store that cannot be opened, for a reason given.
class closed_store final : public session_store {
  public:
    explicit closed_store(errc why)
        : why_(why) {}

    result<store_content> open() override { return error{why_, "as told"}; }

    result<store_usage> write(std::span<const store_change>) override { return error{why_}; }

    void close() noexcept override {}

  private:
    errc why_;
};

/// Why `connect` failed for good.
error end_of_all(std::vector<conversation> scripts, const change& with) {
    test_broker broker{std::move(scripts)};
    auto o = quick_options(broker.port());
    with(o);
    messenger m{o};
    return m.connect().get(10s).error();
}

error end_of_store(errc why) {
    return end_of_all({}, [why](client_options& o) {
        o.store_from = [why] { return std::make_unique<closed_store>(why); };
    });
}

/// What came of `call` on a connection.
template <class Call>
error outcome(std::vector<conversation> scripts, Call call, const change& with = nothing) {
    test_broker broker{std::move(scripts)};
    auto o = quick_options(broker.port());
    with(o);
    messenger m{o};
    const auto up = m.connect().get(10s);
    EXPECT_TRUE(up.has_value());
    return call(m).get(10s).error();
}

/// What came of `call` where nobody has connected.
template <class Call>
error outcome_offline(Call call, const change& with = nothing) {
    auto o = quick_options(1);
    with(o);
    messenger m{o};
    return call(m).get(10s).error();
}

auto publish_of(outgoing m) {
    return [m = std::move(m)](messenger& to) { return to.publish(m); };
}

auto publish_text(std::string topic, qos level = qos::at_least_once, bool retain = false) {
    return [=](messenger& to) { return to.publish(topic, "x", level, retain); };
}

auto subscribe_to(std::string filter, properties props = {}) {
    return [=](messenger& to) { return to.subscribe({{.filter = filter}}, props); };
}

outgoing with_deadline(std::chrono::milliseconds d) {
    auto m = message("t", "x", qos::at_least_once);
    m.deadline = d;
    return m;
}

outgoing with_a_wrong_property() {
    auto m = message("t", "x");
    m.props.set(property_id::receive_maximum, 5u);
    return m;
}

outgoing too_large() {
    static const std::byte none{};
    return {.topic = bytes::copy("t"), .payload = bytes{nullptr, &none, 300'000'000}}; // is not looked at
}

properties identified() {
    properties props;
    props.set(property_id::subscription_identifier, 1u);
    return props;
}

error stalled() {
    test_broker broker{{conversation{}.accept().stall(5s)}};
    recording_observer observer;
    auto o = quick_options(broker.port());
    o.write_timeout = 100ms;
    messenger m{o, &observer};
    EXPECT_TRUE(m.connect().get(10s).has_value());
    m.publish("t", std::string(32'000'000, 'x'));
    EXPECT_TRUE(observer.wait_for([](const auto& r) { return r.downs.size() == 1; }));
    return observer.seen().downs.at(0).reason;
}

error stopped() {
    accepting_broker broker;
    recording_observer observer;
    messenger m{quick_options(broker.port()), &observer};
    EXPECT_TRUE(m.connect().get(10s).has_value());
    EXPECT_TRUE(m.disconnect().get(10s).has_value());
    return observer.seen().downs.at(0).reason;
}

error acknowledged_twice() {
    test_broker broker{{conversation{}.accept().send(publish_packet("t", "x", qos::at_least_once, 1))}};
    messenger m{quick_options(broker.port())};
    EXPECT_TRUE(m.connect().get(10s).has_value());
    auto one = std::move(m.receive().get(10s).value());
    EXPECT_FALSE(one.ack());
    return one.ack();
}

error no_room() {
    return outcome_offline(
        [](messenger& m) {
            m.publish("t", "waits", qos::at_least_once);
            return m.publish("t", "x", qos::at_least_once);
        },
        [](auto& o) { o.send_queue_messages = 1; });
}

error proving_twice() {
    connack answer;
    answer.props.set(property_id::authentication_method, "easy");
    return outcome(
        {conversation{}.accept(answer).expect_a<auth>("AUTH")},
        [](messenger& m) {
            m.reauthenticate();
            return m.reauthenticate();
        },
        [](auto& o) { o.auth = [] { return std::make_unique<easy_proof>(); }; });
}

conversation deaf() {
    return conversation{}.accept().expect_a<subscribe>("SUBSCRIBE");
}

struct row {
    errc code;
    const char* name;
    std::function<error()> reach;
};

std::vector<row> rows() {
    const auto request = [](messenger& m) { return m.request(message("t", "x"), 1s); };
    const auto too_much = conversation{}.accept().send(of_size(500));
    const change small = [](auto& o) { o.maximum_packet_size = 100; };
    return {
        {errc::option_invalid, "option_invalid", [=] { return outcome({conversation{}.accept()}, request); }},
        {errc::resolve_failed, "resolve_failed",
         [] { return end_of_attempt([](auto& o) { o.host = "nobody.invalid"; }); }},
        {errc::connect_refused, "connect_refused",
         [] { return end_of_attempt([](auto& o) { o.port = accepting_broker{}.port(); }); }},
        {errc::unreachable, "unreachable", [] { return end_of_stream(errc::unreachable); }},
        {errc::connect_timeout, "connect_timeout",
         [] {
             return end_of_connection(conversation{}.expect_a<connect>("CONNECT").expect_eof(), [](auto& o) {
                 o.connect_timeout = 50ms;
             });
         }},
        {errc::tls_failed, "tls_failed",
         [] {
             return end_of_connection(
                 conversation{}.send_raw("nobody speaks TLS here"), [](auto& o) { o.ssl = true; });
         }},
        {errc::tls_verify_failed, "tls_verify_failed", [] { return end_of_stream(errc::tls_verify_failed); }},
        {errc::proxy_failed, "proxy_failed",
         [] {
             return end_of_connection(conversation{}.send_raw("HTTP/1.1 403 Forbidden\r\n\r\n"), [](auto& o) {
                 o.proxy = "http://127.0.0.1:" + std::to_string(o.port);
             });
         }},
        {errc::ws_upgrade_failed, "ws_upgrade_failed",
         [] {
             return end_of_connection(
                 conversation{}.send_raw("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
                 [](auto& o) { o.websocket = true; });
         }},
        {errc::credentials_failed, "credentials_failed",
         [] {
             return end_of_attempt([](auto& o) {
                 o.credentials_callback = []() -> credentials { throw std::runtime_error{"none"}; };
             });
         }},
        {errc::connack_refused, "connack_refused",
         [] { return end_of_connection(conversation{}.accept({.code = 0x87})); }},
        {errc::auth_failed, "auth_failed",
         [] {
             return end_of_attempt([](auto& o) {
                 o.will_from = []() -> std::optional<will> { throw std::runtime_error{"none"}; };
             });
         }},
        {errc::server_disconnect, "server_disconnect",
         [] {
             return end_of_connection(
                 conversation{}.accept().send(disconnect{.code = reason_code::server_shutting_down}));
         }},
        {errc::session_taken_over, "session_taken_over",
         [] {
             return end_of_connection(
                 conversation{}.accept().send(disconnect{.code = reason_code::session_taken_over}));
         }},
        {errc::peer_closed, "peer_closed", [] { return end_of_connection(conversation{}.accept().close()); }},
        {errc::io_error, "io_error", [] { return end_of_stream(errc::io_error); }},
        {errc::write_timeout, "write_timeout", stalled},
        {errc::keepalive_timeout, "keepalive_timeout",
         [] {
             return end_of_connection(
                 conversation{}.accept().expect_a<pingreq>("PINGREQ").expect_eof(), [](auto& o) {
                     o.keepalive = 1s;
                     o.ping_timeout = 50ms;
                 });
         }},
        {errc::local_close, "local_close", stopped},
        {errc::malformed_packet, "malformed_packet",
         [] { return end_of_connection(conversation{}.accept().send_hex("41 02 00 01")); }},
        {errc::protocol_error, "protocol_error",
         [] { return end_of_connection(conversation{}.accept().send(connack{})); }},
        {errc::packet_too_large, "packet_too_large", [=] { return end_of_connection(too_much, small); }},
        {errc::oversize_loop, "oversize_loop",
         [=] {
             test_broker broker{{too_much, too_much, too_much}};
             recording_observer observer;
             auto o = quick_options(broker.port());
             small(o);
             messenger m{o, &observer};
             m.connect();
             EXPECT_TRUE(observer.wait_for([](const auto& r) { return r.given_up.size() == 1; }));
             return observer.seen().given_up.at(0);
         }},
        {errc::gave_up, "gave_up",
         [] {
             return end_of_all({}, [](auto& o) {
                 o.port = accepting_broker{}.port();
                 o.reconnect = 0;
             });
         }},
        {errc::ack_timeout, "ack_timeout",
         [] { return outcome({deaf()}, subscribe_to("a"), [](auto& o) { o.ack_timeout = 50ms; }); }},
        {errc::disconnected, "disconnected",
         [] {
             return outcome(
                 {deaf().close()}, subscribe_to("a"), [](auto& o) { o.retry_calls_on_reconnect = false; });
         }},
        {errc::not_connected, "not_connected",
         [] { return outcome_offline([](messenger& m) { return m.ping(); }); }},
        {errc::rejected, "rejected",
         [] {
             return outcome(
                 {conversation{}.accept().expect_a<publish>("PUBLISH").send(
                     ack{.packet_id = 1, .code = reason_code::not_authorized})},
                 publish_text("t"));
         }},
        {errc::topic_name_invalid, "topic_name_invalid", [] { return outcome_offline(publish_text("a/#")); }},
        {errc::topic_filter_invalid, "topic_filter_invalid",
         [] { return outcome_offline(subscribe_to("a/#/b")); }},
        {errc::payload_too_large, "payload_too_large",
         [] {
             return outcome_offline(
                 publish_of(too_large()), [](auto& o) { o.send_queue_bytes = 1'000'000'000; });
         }},
        {errc::property_invalid, "property_invalid",
         [] { return outcome_offline(publish_of(with_a_wrong_property())); }},
        {errc::qos_not_supported, "qos_not_supported",
         [] { return outcome({accept_with(property_id::maximum_qos, 0)}, publish_text("t")); }},
        {errc::retain_not_supported, "retain_not_supported",
         [] {
             return outcome(
                 {accept_with(property_id::retain_available, 0)},
                 publish_text("t", qos::at_least_once, true));
         }},
        {errc::wildcard_not_supported, "wildcard_not_supported",
         [] {
             return outcome(
                 {accept_with(property_id::wildcard_subscription_available, 0)}, subscribe_to("a/#"));
         }},
        {errc::shared_not_supported, "shared_not_supported",
         [] {
             return outcome(
                 {accept_with(property_id::shared_subscription_available, 0)}, subscribe_to("$share/g/t"));
         }},
        {errc::subid_not_supported, "subid_not_supported",
         [] {
             return outcome(
                 {accept_with(property_id::subscription_identifiers_available, 0)},
                 subscribe_to("t", identified()));
         }},
        {errc::unsupported_by_version, "unsupported_by_version",
         [=] { return outcome_offline(request, [](auto& o) { o.proto_ver = protocol_version::v4; }); }},
        {errc::queue_full, "queue_full", no_room},
        {errc::expired, "expired", [] { return outcome_offline(publish_of(with_deadline(10ms))); }},
        {errc::timeout_unconfirmed, "timeout_unconfirmed",
         [] {
             return outcome(
                 {conversation{}.accept().expect_a<publish>("PUBLISH")}, publish_of(with_deadline(100ms)));
         }},
        {errc::session_lost, "session_lost",
         [] {
             return outcome(
                 {conversation{}.accept().expect_a<publish>("PUBLISH").close(), conversation{}.accept()},
                 publish_text("t", qos::exactly_once));
         }},
        {errc::aborted, "aborted",
         [] {
             return outcome_offline([](messenger& m) {
                 auto waiting = m.receive();
                 m.disconnect();
                 return waiting;
             });
         }},
        {errc::store_full, "store_full", [] { return end_of_store(errc::store_full); }},
        {errc::store_locked, "store_locked", [] { return end_of_store(errc::store_locked); }},
        {errc::store_mismatch, "store_mismatch", [] { return end_of_store(errc::store_mismatch); }},
        {errc::store_corrupt, "store_corrupt", [] { return end_of_store(errc::store_corrupt); }},
        {errc::already_acked, "already_acked", acknowledged_twice},
        {errc::no_response_topic, "no_response_topic",
         [] { return reply_to(publish_packet("t", "x"), {}).error(); }},
        {errc::auth_not_configured, "auth_not_configured",
         [] { return outcome({conversation{}.accept()}, [](messenger& m) { return m.reauthenticate(); }); }},
        {errc::busy, "busy", proving_twice},
    };
}

class errors : public ::testing::TestWithParam<row> {};

TEST_P(errors, is_reached_can_be_compared_and_says_what_it_is) {
    const auto got = GetParam().reach();
    EXPECT_EQ(got, error{GetParam().code}) << got.message();
    EXPECT_EQ(got.code.category(), error_category());
    EXPECT_GT(got.message().size(), 10u);
    EXPECT_EQ(got.message().find("unknown MQTT error"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(all, errors, ::testing::ValuesIn(rows()), [](const auto& tested) {
    return tested.param.name;
});

TEST(errors_table, has_a_row_for_each_error) {
    std::set<int> reached;
    for (const auto& r : rows())
        reached.insert(static_cast<int>(r.code));
    const std::string unknown = error_category().message(0);
    for (int code = 1; code < 200; ++code) {
        if (error_category().message(code) == unknown) continue;
        EXPECT_TRUE(reached.contains(code)) << error_category().message(code);
    }
}

} // namespace
} // namespace weir::mqtt
