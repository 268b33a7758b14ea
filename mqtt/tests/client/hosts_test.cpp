#include "client_fixture.hpp"
#include "support/memory_stream.hpp"

#include <gmock/gmock.h>

#include <deque>
#include <memory>

namespace weir::mqtt {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string at(std::uint16_t port) {
    return "127.0.0.1:" + std::to_string(port);
}

class hosts : public client_test {
  protected:
    static client_options among(std::vector<std::string> list) {
        auto o = quick_options(0);
        o.host = client_options{}.host;
        o.hosts = std::move(list);
        return o;
    }

    bool ready(std::size_t times = 1) {
        return observer_.wait_for([times](const auto& r) { return r.ready >= times; });
    }
};

TEST_F(hosts, the_next_one_is_tried_at_once_when_one_refuses) {
    accepting_broker broker;
    const auto dead = accepting_broker{}.port();
    auto o = among({at(dead), at(broker.port())});
    o.backoff_min = o.backoff_max = 1min; // not waited for
    o.reconnect = 0;                      // one attempt, round all of them
    start(o);
    ASSERT_TRUE(ready());
    const auto seen = observer_.seen();
    ASSERT_EQ(seen.failures.size(), 1u);
    EXPECT_EQ(seen.failures[0].endpoint, at(dead));
    EXPECT_EQ(seen.failures[0].reason.code, errc::connect_refused);
    EXPECT_TRUE(seen.failures[0].will_retry);
    EXPECT_EQ(seen.failures[0].retry_in, duration{});
}

TEST_F(hosts, a_refusal_that_may_pass_leads_to_the_next_one) {
    test_broker busy{{conversation{}.accept({.code = 0x89})}};
    accepting_broker broker;
    start(among({at(busy.port()), at(broker.port())}));
    ASSERT_TRUE(ready());
    EXPECT_EQ(observer_.seen().failures.at(0).reason.code, errc::connack_refused);
}

TEST_F(hosts, all_of_them_are_one_attempt) {
    const auto dead = accepting_broker{}.port();
    auto o = among({at(dead), at(dead), at(dead)});
    o.reconnect = 1;
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return !r.given_up.empty(); }));
    EXPECT_EQ(observer_.seen().failures.size(), 6u);
}

TEST_F(hosts, each_has_a_share_of_the_time) {
    test_broker silent{{conversation{}.run("silence", [](auto& c) { c.stall(5s); })}};
    accepting_broker broker;
    auto o = among({at(silent.port()), at(broker.port())});
    o.connect_timeout = 600ms;
    const auto began = clock::now();
    start(o);
    ASSERT_TRUE(ready());
    EXPECT_GE(clock::now() - began, 300ms);
    EXPECT_THAT(observer_.seen().failures.at(0).reason.detail, HasSubstr("within 300 ms"));
}

TEST_F(hosts, one_that_lasted_comes_first) {
    const auto dead = accepting_broker{}.port();
    accepting_broker broker;
    auto o = among({at(dead), at(broker.port())});
    o.stable_after = 0ms;
    start(o);
    ASSERT_TRUE(ready());
    broker.drop_connections();
    ASSERT_TRUE(ready(2));
    EXPECT_EQ(observer_.seen().failures.size(), 1u); // only the first time
}

TEST_F(hosts, without_a_port_they_take_the_one_given) {
    accepting_broker broker;
    auto o = among({"127.0.0.1"});
    o.port = broker.port();
    start(o);
    EXPECT_TRUE(ready());
}

TEST_F(hosts, beside_a_host_they_are_a_fault) {
    auto o = among({"a", "b:x"});
    o.host = "c";
    std::string text;
    for (const auto& f : check(o))
        text += f.path + " ";
    EXPECT_EQ(text, "hosts[1] host ");
}

// ---- where a server sends the client

TEST_F(hosts, a_server_reference_is_followed_when_asked_for) {
    accepting_broker other;
    connack moved{.code = 0x9D};
    moved.props.set(property_id::server_reference, at(other.port()));
    test_broker first{{conversation{}.accept(moved)}};
    auto o = quick_options(first.port());
    o.follow_server_reference = true;
    o.backoff_min = o.backoff_max = 1min;
    start(o);
    EXPECT_TRUE(ready());
    EXPECT_EQ(other.stats().connects, 1u);
}

TEST_F(hosts, a_server_reference_in_disconnect_is_followed_too) {
    accepting_broker other;
    disconnect go{.code = reason_code::use_another_server};
    go.props.set(property_id::server_reference, at(other.port()));
    test_broker first{{conversation{}.accept().send(go)}};
    auto o = quick_options(first.port());
    o.follow_server_reference = true;
    o.backoff_min = o.backoff_max = 1min;
    start(o);
    EXPECT_TRUE(other.wait_for([](const auto& c) { return c.connects == 1; }));
}

TEST_F(hosts, a_server_reference_is_only_reported_otherwise) {
    connack moved{.code = 0x9D};
    moved.props.set(property_id::server_reference, "other.example");
    test_broker first{{conversation{}.accept(moved)}};
    auto o = quick_options(first.port());
    o.reconnect = 0;
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return !r.given_up.empty(); }));
    EXPECT_THAT(observer_.seen().failures.at(0).reason.detail, HasSubstr("other.example"));
}

TEST_F(hosts, servers_that_send_the_client_round_in_circles_are_left) {
    std::deque<test_broker> ring;
    std::string next = at(accepting_broker{}.port());
    for (int n = 0; n < 4; ++n) {
        connack moved{.code = 0x9C};
        moved.props.set(property_id::server_reference, next);
        ring.emplace_back(std::vector{conversation{}.accept(moved)});
        next = at(ring.back().port());
    }
    auto o = quick_options(ring.back().port());
    o.follow_server_reference = true;
    o.reconnect = 0;
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return !r.given_up.empty(); }));
    EXPECT_EQ(observer_.seen().failures.size(), 4u); // three references followed, the fourth not
}

// ---- who connects

TEST_F(hosts, credentials_are_asked_for_at_each_connect) {
    const auto expects = [](const std::string& token) {
        return conversation{}
            .expect_a<connect>(
                "CONNECT with " + token,
                [token](const connect& c) { return c.username == "device" && c.password == token; })
            .send(connack{});
    };
    test_broker broker{{expects("token-1").close(), expects("token-2")}};
    auto o = quick_options(broker.port());
    o.credentials_callback = [n = 0]() mutable {
        return credentials{.username = "device", .password = "token-" + std::to_string(++n)};
    };
    start(o);
    ASSERT_TRUE(ready(2));
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
}

TEST_F(hosts, credentials_that_cannot_be_had_fail_the_attempt) {
    accepting_broker broker;
    auto o = quick_options(broker.port());
    o.credentials_callback = [n = 0]() mutable {
        if (++n == 1) throw std::runtime_error{"vault is sealed"};
        return n == 2 ? credentials{.username = "\xFF"} : credentials{};
    };
    start(o);
    ASSERT_TRUE(ready());
    const auto seen = observer_.seen();
    ASSERT_EQ(seen.failures.size(), 2u);
    EXPECT_EQ(seen.failures[0].reason.code, errc::credentials_failed);
    EXPECT_THAT(seen.failures[0].reason.detail, HasSubstr("vault is sealed"));
    EXPECT_EQ(seen.failures[1].reason.code, errc::credentials_failed);
    EXPECT_EQ(broker.stats().connects, 1u);
}

// ---- sockets of other kinds

TEST_F(hosts, a_stream_of_ones_own_takes_the_place_of_tcp) {
    auto o = quick_options(1883);
    o.host = "anything";
    o.byte_stream = [](io_lane& lane) { return std::make_unique<memory_stream>(lane); };
    start(o);
    ASSERT_TRUE(ready());
    client_->stop();
}

TEST_F(hosts, a_socket_file_that_is_not_there_is_connect_refused) {
    auto o = quick_options(0);
    o.host = "unix:///nowhere/broker.sock";
    o.reconnect = 0;
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return !r.failures.empty(); }));
    EXPECT_EQ(observer_.seen().failures[0].reason.code, errc::connect_refused);
    EXPECT_THAT(observer_.seen().failures[0].reason.detail, StartsWith("/nowhere/broker.sock"));
}

} // namespace
} // namespace weir::mqtt
