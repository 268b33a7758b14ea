// What ends a connection, or an attempt at one, is told with a code that stays the same: a script for each.

#include "producer_fixture.hpp"

#include <weir/connector/error.hpp>
#include <weir/connector/events.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <ostream>
#include <string>
#include <system_error>
#include <vector>

namespace weir::connector {
namespace {

struct ending {
    const char* name;
    std::function<conversation()> broker;
    std::error_code reason;
    std::string detail{};
    std::function<void(producer_options&)> with{};
};

void PrintTo(const ending& e, std::ostream* out) { // NOLINT: the name that GoogleTest looks for
    *out << e.name;
}

class reasons : public producer_test {
  protected:
    reasons() {
        bus->attach<events::connection_down>("test", [this](const auto& e) { note(e.reason); });
        bus->attach<events::connection_attempt_failed>("test", [this](const auto& e) { note(e.reason); });
        bus->attach<events::subscription_error>("test", [this](const auto& e) { note(e.reason); });
    }

    ~reasons() override {
        if (producer_) producer_->stop(clock::now() + 1s);
    }

    void note(const error& e) {
        const std::lock_guard lock(mutex_);
        if (!seen_) seen_ = e;
    }

    [[nodiscard]] std::optional<error> seen() {
        const std::lock_guard lock(mutex_);
        return seen_;
    }

  private:
    std::mutex mutex_;
    std::optional<error> seen_;
};

class reason : public reasons, public ::testing::WithParamInterface<ending> {};

TEST_P(reason, has_a_code_of_its_own) {
    follow({GetParam().broker()});
    options.config.port = broker_->port();
    if (GetParam().with) GetParam().with(options);
    start();
    ASSERT_TRUE(eventually([&] { return seen().has_value(); }));
    EXPECT_EQ(seen()->code, GetParam().reason) << seen()->message();
    EXPECT_THAT(seen()->detail, ::testing::HasSubstr(GetParam().detail));
}

conversation refusing(mqtt::reason_code code) {
    return conversation{}.accept({.code = static_cast<std::uint8_t>(code)});
}

ending refused(const char* name, mqtt::reason_code code) {
    return {name, [code] { return refusing(code); }, mqtt::errc::connack_refused, name};
}

using mqtt::errc;
using mqtt::reason_code;

/// Begins, and cannot answer.
class speechless final : public mqtt::authenticator {
  public:
    [[nodiscard]] std::string_view method() const override { return "MINE"; }

    [[nodiscard]] result<mqtt::auth_message> start() override { return mqtt::auth_message{}; }

    [[nodiscard]] result<mqtt::auth_message> step(const mqtt::auth_message&) override {
        return failure("nothing to say");
    }

    [[nodiscard]] error finish(const mqtt::auth_message&) override { return {}; }
};

mqtt::auth challenge() {
    mqtt::auth a{.code = reason_code::continue_authentication};
    a.props.set(mqtt::property_id::authentication_method, "MINE");
    return a;
}

const std::vector<ending> endings{
    {"proxy", [] { return conversation{}.send_raw("HTTP/1.1 403 Forbidden\r\n\r\n").stall(300ms); },
     errc::proxy_failed, "403",
     [](auto& o) {
         o.config.proxy = "http://127.0.0.1:" + std::to_string(o.config.port);
         o.config.host = "broker.invalid";
     }},
    {"proof", [] { return conversation{}.expect_a<mqtt::connect>("CONNECT").send(challenge()); },
     errc::auth_failed, "nothing to say",
     [](auto& o) { o.config.auth = [] { return std::make_unique<speechless>(); }; }},
    {"deaf", [] { return conversation{}.accept().stall(3s); }, errc::write_timeout, "",
     [](auto& o) {
         o.config.write_timeout = 100ms;
         o.config.tcp_opts.send_buffer = 4'096;
         o.topics.clear();
         for (char c = 'a'; c <= 'z'; ++c) // one SUBSCRIBE that is too much for the buffers between
             for (const std::string more : {"1", "2", "3", "4"})
                 o.topics.push_back({.filter = std::string(60'000, c) + more});
     }},
    {"silence", [] { return conversation{}.expect_a<mqtt::connect>("CONNECT").stall(1s); },
     errc::connect_timeout, "connack", [](auto& o) { o.config.connect_timeout = 100ms; }},
    {"unknown_host", [] { return conversation{}; }, errc::resolve_failed, "",
     [](auto& o) { o.config.host = "no-such-host.invalid"; }},
    {"no_tls", [] { return conversation{}.send_raw("in clear, all of it\r\n").stall(300ms); },
     errc::tls_failed, "", [](auto& o) { o.config.ssl = true; }},
    {"no_websocket",
     [] {
         return conversation{}.send_raw("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").stall(300ms);
     },
     errc::ws_upgrade_failed, "404", [](auto& o) { o.config.websocket = true; }},
    refused("bad_user_name_or_password", reason_code::bad_user_name_or_password),
    refused("not_authorized", reason_code::not_authorized),
    refused("server_unavailable", reason_code::server_unavailable),
    refused("server_busy", reason_code::server_busy),
    refused("quota_exceeded", reason_code::quota_exceeded),
    refused("unsupported_protocol_version", reason_code::unsupported_protocol_version),
    refused("client_identifier_not_valid", reason_code::client_identifier_not_valid),
    refused("banned", reason_code::banned),
    {"old_refusal", [] { return conversation{}.accept({.code = 4}); }, errc::connack_refused,
     "bad_user_name_or_password", [](auto& o) { o.config.proto_ver = mqtt::protocol_version::v4; }},
    {"disconnect", [] { return ready().send(mqtt::disconnect{.code = reason_code::server_shutting_down}); },
     errc::server_disconnect, "server_shutting_down"},
    {"takeover", [] { return ready().send(mqtt::disconnect{.code = reason_code::session_taken_over}); },
     errc::session_taken_over},
    {"close", [] { return ready().close(); }, errc::peer_closed},
    {"reset", [] { return ready().reset(); }, errc::io_error},
    {"no_ping", [] { return ready().expect(mqtt::pingreq{}).stall(3s); }, errc::keepalive_timeout, "",
     [](auto& o) {
         o.config.keepalive = 1s;
         o.config.ping_timeout = 100ms;
     }},
    {"protocol", [] { return ready().send(qos1(1)).send(qos2(1)); }, errc::protocol_error},
    {"malformed", [] { return ready().send_hex("30 03 00 05 61"); }, errc::malformed_packet},
    {"too_large",
     [] { return ready().send(publish_packet(std::string(2'000, 'x'), mqtt::qos::at_most_once)); },
     errc::packet_too_large, "", [](auto& o) { o.config.maximum_packet_size = 1'000; }},
    {"subscription",
     [] {
         return conversation{}
             .accept()
             .expect_a<mqtt::subscribe>("SUBSCRIBE")
             .send(mqtt::suback{.packet_id = 1, .codes = {reason_code::not_authorized}});
     },
     connector::errc::subscription_refused, "a: not_authorized"},
    {"no_groups",
     [] {
         mqtt::connack answer;
         answer.props.set(mqtt::property_id::shared_subscription_available, 0);
         return conversation{}.accept(answer);
     },
     errc::shared_not_supported, "", [](auto& o) { o.shared_group = "g"; }},
};

INSTANTIATE_TEST_SUITE_P(table, reason, ::testing::ValuesIn(endings), [](const auto& tested) {
    return std::string(tested.param.name);
});

TEST_F(reasons, of_a_port_where_nobody_listens) {
    follow({ready().close()});
    start();
    ASSERT_TRUE(ready_.wait(5s));
    std::mutex mutex;
    std::optional<error> refused;
    std::string phase;
    duration took{};
    bus->attach<events::connection_attempt_failed>("second", [&](const auto& e) {
        const std::lock_guard lock(mutex);
        refused = e.reason;
        phase = e.phase;
        took = e.took;
    });
    ASSERT_TRUE(eventually([&] {
        const std::lock_guard lock(mutex);
        return refused.has_value();
    }));
    producer_->stop(clock::now() + 1s);
    EXPECT_EQ(refused->code, errc::connect_refused);
    EXPECT_EQ(phase, "tcp");
    EXPECT_GT(took, 0s);
}

TEST_F(reasons, of_a_row_of_failures_do_not_fill_the_log) {
    std::atomic<std::uint32_t> attempts{0};
    bus->attach<events::connection_attempt_failed>("count", [&](const auto& e) { attempts = e.attempt; });
    options.config.backoff_min = options.config.backoff_max = 1ms;
    follow({});
    port = 1; // where nobody listens
    ::testing::internal::CaptureStdout();
    start();
    const bool enough = eventually([&] { return attempts >= 20; });
    producer_->stop(clock::now() + 1s);
    const auto log = ::testing::internal::GetCapturedStdout();
    ASSERT_TRUE(enough);
    for (const auto* told : {"attempt 1 to", "attempt 2 to", "attempt 4 to", "attempt 8 to", "attempt 16 to"})
        EXPECT_THAT(log, ::testing::HasSubstr(told));
    for (const auto* untold : {"attempt 3 to", "attempt 5 to", "attempt 15 to", "attempt 17 to"})
        EXPECT_THAT(log, ::testing::Not(::testing::HasSubstr(untold)));
    EXPECT_THAT(
        log, ::testing::ContainsRegex("connect to 127.0.0.1:1 failed \\(tcp\\): .*next attempt in [0-9]+ms"));
}

TEST_F(reasons, of_a_stop_is_its_own) {
    follow({ready().expect(mqtt::disconnect{})});
    start();
    ASSERT_TRUE(ready_.wait(5s));
    EXPECT_EQ(finish(), "");
    EXPECT_EQ(seen()->code, errc::local_close);
}

} // namespace
} // namespace weir::connector
