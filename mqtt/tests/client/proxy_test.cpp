#include "client_fixture.hpp"
#include "fronts/proxy_front.hpp"
#include "fronts/tls_front.hpp"

#include <weir/mqtt/transport/proxy.hpp>

#include <gmock/gmock.h>

#include <optional>

namespace weir::mqtt {
namespace {

using fronts::proxy_front;
using fronts::tls_front;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// A broker that only a proxy can reach.
class proxy : public client_test {
  protected:
    void serve(proxy_front::settings how) { front_.emplace(broker_.port(), std::move(how)); }

    [[nodiscard]] client_options options(const std::string& scheme, const std::string& user = {}) const {
        auto o = quick_options(1883);
        o.host = "broker.example"; // nobody here can resolve it
        o.proxy = scheme + "://" + user + "127.0.0.1:" + std::to_string(front_->port());
        o.reconnect = 0;
        return o;
    }

    accepting_broker broker_;
    std::optional<proxy_front> front_;
};

TEST_F(proxy, http_connect_leads_to_the_broker) {
    serve({});
    ASSERT_TRUE(connects(options("http")));
    EXPECT_EQ(front_->requests(1).at(0).target, "CONNECT broker.example:1883");
    EXPECT_EQ(front_->requests(1).at(0).credentials, "");
    ASSERT_TRUE(client_->timings().proxy);
    client_->publish(message("a", std::string(200'000, 'x'), qos::at_least_once));
    EXPECT_TRUE(broker_.wait_for([](const auto& c) { return c.publishes == 1; }));
    client_->stop();
    EXPECT_TRUE(broker_.wait_for([](const auto& c) { return c.disconnects == 1; }));
}

TEST_F(proxy, http_connect_takes_user_and_password) {
    serve({});
    ASSERT_TRUE(connects(options("http", "aladdin:open%20sesame@")));
    EXPECT_EQ(front_->requests(1).at(0).credentials, "Basic YWxhZGRpbjpvcGVuIHNlc2FtZQ==");
}

TEST_F(proxy, a_refusal_of_http_connect_names_the_status) {
    serve({.http_answer = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"});
    const auto reason = failure_of(options("http", "aladdin:secret@"));
    EXPECT_EQ(reason.code, errc::proxy_failed);
    EXPECT_THAT(reason.detail, StartsWith("407 Proxy Authentication Required: "));
    EXPECT_THAT(reason.detail, Not(HasSubstr("secret")));
}

TEST_F(proxy, an_answer_that_is_not_http_is_proxy_failed) {
    serve({.http_answer = "220 mail.example ESMTP\r\n\r\n"});
    EXPECT_EQ(failure_of(options("http")).code, errc::proxy_failed);
}

TEST_F(proxy, socks_leads_to_the_broker_and_resolves_its_name) {
    serve({.socks = true});
    ASSERT_TRUE(connects(options("socks5")));
    EXPECT_EQ(front_->requests(1).at(0).target, "broker.example:1883");
}

TEST_F(proxy, socks_takes_an_address_as_an_address) {
    serve({.socks = true});
    auto o = options("socks5");
    o.host = "10.1.2.3";
    ASSERT_TRUE(connects(o));
    EXPECT_EQ(front_->requests(1).at(0).target, "10.1.2.3:1883");
}

TEST_F(proxy, socks_takes_user_and_password) {
    serve({.socks = true, .username = "aladdin", .password = "a:b@c"});
    ASSERT_TRUE(connects(options("socks5", "aladdin:a%3Ab%40c@")));
    EXPECT_EQ(front_->requests(1).at(0).credentials, "aladdin:a:b@c");
}

TEST_F(proxy, socks_refuses_a_wrong_password) {
    serve({.socks = true, .username = "aladdin", .password = "right"});
    const auto reason = failure_of(options("socks5", "aladdin:wrong@"));
    EXPECT_EQ(reason.code, errc::proxy_failed);
    EXPECT_THAT(reason.detail, Not(HasSubstr("wrong")));
}

TEST_F(proxy, socks_refuses_who_has_no_password) {
    serve({.socks = true, .username = "aladdin"});
    EXPECT_EQ(failure_of(options("socks5")).code, errc::proxy_failed);
}

TEST_F(proxy, a_refusal_of_socks_names_the_reply) {
    serve({.socks = true, .socks_answer = 5});
    const auto reason = failure_of(options("socks5"));
    EXPECT_EQ(reason.code, errc::proxy_failed);
    EXPECT_THAT(reason.detail, StartsWith("5: connection refused: broker.example:1883"));
}

TEST_F(proxy, a_proxy_that_is_not_there_is_named) {
    auto o = quick_options(1883);
    o.proxy = "http://127.0.0.1:" + std::to_string(accepting_broker{}.port());
    o.reconnect = 0;
    const auto reason = failure_of(o);
    EXPECT_EQ(reason.code, errc::connect_refused);
    EXPECT_THAT(reason.detail, StartsWith("proxy 127.0.0.1:"));
}

TEST_F(proxy, a_silent_proxy_times_out_in_its_phase) {
    test_broker silent{{conversation{}.run("silence", [](auto& c) { c.stall(5s); })}};
    auto o = quick_options(1883);
    o.proxy = "socks5://127.0.0.1:" + std::to_string(silent.port());
    o.connect_timeout = 300ms;
    o.reconnect = 0;
    const auto reason = failure_of(o);
    EXPECT_EQ(reason.code, errc::connect_timeout);
    EXPECT_THAT(reason.detail, StartsWith("proxy: "));
}

// The certificate is the broker's, not the proxy's.
TEST_F(proxy, tls_goes_through_it_and_names_the_broker) {
    const weir::testing::certificate_authority ca;
    const tls_front tls{broker_.port(), {.own = ca.issue({.names = {"DNS:broker.example"}})}};
    front_.emplace(tls.port(), proxy_front::settings{});
    auto o = options("http");
    o.port = 8883;
    o.ssl = true;
    o.ssl_opts.ca_data = ca.certificate();
    ASSERT_TRUE(connects(o));
    EXPECT_EQ(tls.handshakes(1).at(0).server_name, "broker.example");
    EXPECT_EQ(front_->requests(1).at(0).target, "CONNECT broker.example:8883");
}

TEST(parse_proxy, takes_scheme_user_host_and_port) {
    EXPECT_EQ(*parse_proxy("socks5://u:p@[::1]:9"), (proxy_options{proxy_kind::socks5, "::1", 9, "u", "p"}));
    EXPECT_EQ(*parse_proxy("http://p/"), (proxy_options{proxy_kind::http_connect, "p", 3128, "", ""}));
    EXPECT_EQ(parse_proxy("socks5://p")->port, 1080);
}

TEST(parse_proxy, refuses_the_rest_without_repeating_it) {
    for (const auto* text :
         {"", "p:1", "https://p", "http://", "http://p:0", "http://:secret@p", "http://u:%zz@p"}) {
        const auto got = parse_proxy(text);
        ASSERT_FALSE(got) << text;
        EXPECT_THAT(got.error().message(), Not(HasSubstr("secret")));
    }
}

} // namespace
} // namespace weir::mqtt
