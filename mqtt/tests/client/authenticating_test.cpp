#include "client_fixture.hpp"
#include "scram_server.hpp"
#include "scripted_authenticator.hpp"

#include <latch>

namespace weir::mqtt {
namespace {

constexpr auto scram_name = "SCRAM-SHA-256";

std::string data_of(const properties& props) {
    return std::string{props.text(property_id::authentication_data).value_or("")};
}

template <class Packet>
Packet take(testing::broker_connection& connection) {
    const auto got = connection.next(clock::now() + 5s);
    if (!got || !std::holds_alternative<Packet>(got->packet))
        throw testing::script_failure{"another packet: " + (got ? got->describe() : "the end")};
    return std::get<Packet>(got->packet);
}

/// The broker's part of an exchange up to the proof, which is returned judged.
std::string hear_proof(
    testing::broker_connection& connection, scram_server& server, const std::string& first) {
    connection.send(auth{reason_code::continue_authentication, fields(scram_name, server.challenge(first))});
    const auto proof = take<auth>(connection);
    if (proof.code != reason_code::continue_authentication) throw testing::script_failure{"a wrong code"};
    return server.verdict(data_of(proof.props));
}

conversation scram_conversation(scram_server& server) {
    return conversation{}.run("SCRAM", [&server](testing::broker_connection& connection) {
        const auto c = take<connect>(connection);
        if (c.password) throw testing::script_failure{"the password was sent"};
        const auto verdict = hear_proof(connection, server, data_of(c.props));
        if (verdict.empty()) throw testing::script_failure{"the proof is wrong"};
        connection.send(connack{false, 0, fields(scram_name, verdict)});
    });
}

client_options scram_options(std::uint16_t port) {
    auto o = quick_options(port);
    o.auth_method = scram_name;
    o.username = "user";
    o.password = "pencil";
    return o;
}

class authenticating : public client_test {
  protected:
    error first_failure() {
        EXPECT_TRUE(observer_.wait_for([](const auto& r) { return !r.failures.empty(); }));
        const auto seen = observer_.seen();
        return seen.failures.empty() ? error{} : seen.failures[0].reason;
    }
};

TEST_F(authenticating, scram_proves_both_sides_anew_at_each_connect) {
    scram_server server{"pencil"};
    test_broker broker{{scram_conversation(server).close(), scram_conversation(server)}};
    start(scram_options(broker.port()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.connections.size() == 2; }));
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
    EXPECT_EQ(server.nonces.size(), 2u);
}

TEST_F(authenticating, a_server_that_does_not_know_the_password_is_left) {
    scram_server server{"other"};
    test_broker broker{{conversation{}
                            .run(
                                "SCRAM",
                                [&](testing::broker_connection& connection) {
                                    const auto c = take<connect>(connection);
                                    (void)hear_proof(connection, server, data_of(c.props));
                                    const auto forged = "v=" + to_base64(std::string(32, 'x'));
                                    connection.send(connack{false, 0, fields(scram_name, forged)});
                                })
                            .expect_eof()}};
    auto o = scram_options(broker.port());
    o.reconnect = 0;
    start(o);
    EXPECT_EQ(first_failure().code, errc::auth_failed);
    EXPECT_EQ(broker.finish(), "");
    EXPECT_TRUE(observer_.seen().connections.empty());
}

TEST_F(authenticating, failures_and_exceptions_of_the_application_end_the_attempt) {
    const scripted_authenticator::script scripts[] = {
        {.start = []() -> result<auth_message> { return failure("no token"); }},
        {.start = []() -> result<auth_message> { throw std::runtime_error{"no token"}; }},
        {.step = [](const auto&) -> result<auth_message> { throw std::runtime_error{"no token"}; }},
        {.step = [](const auto&) -> result<auth_message> { return failure("no token"); }},
        {.finish = [](const auto&) -> error { throw std::runtime_error{"no token"}; }},
    };
    for (const auto& s : scripts) {
        test_broker broker{{conversation{}.run("exchange", [](testing::broker_connection& connection) {
            if (!connection.next(clock::now() + 5s)) return;
            connection.send(auth{reason_code::continue_authentication, fields("MINE", "challenge")});
            if (!connection.next(clock::now() + 5s)) return;
            connection.send(connack{false, 0, fields("MINE", "last")});
            if (connection.next(clock::now() + 5s)) throw testing::script_failure{"it did not close"};
        })}};
        recording_observer observer;
        auto o = quick_options(broker.port());
        o.auth = scripted_authenticator::of(s);
        o.reconnect = 0;
        client c{lane_, o, observer};
        c.start();
        ASSERT_TRUE(observer.wait_for([](const auto& r) { return r.failures.size() == 1; }));
        const auto reason = observer.seen().failures[0].reason;
        EXPECT_EQ(reason.code, errc::auth_failed);
        EXPECT_NE(reason.detail.find("no token"), std::string::npos) << reason.message();
        c.stop();
        EXPECT_EQ(broker.finish(), "");
    }
}

TEST_F(authenticating, what_blocks_keeps_neither_the_lane_nor_the_deadline) {
    const auto blocked = std::make_shared<std::latch>(1); // of a thread that may outlive the test
    test_broker broker{{conversation{}.expect_eof()}};
    auto o = quick_options(broker.port());
    o.auth = scripted_authenticator::of({.start = [blocked]() -> result<auth_message> {
        blocked->wait();
        return auth_message{};
    }});
    o.connect_timeout = 100ms;
    o.reconnect = 0;
    start(o);
    const auto reason = first_failure();
    EXPECT_EQ(reason.code, errc::connect_timeout);
    EXPECT_EQ(reason.detail.rfind("auth:", 0), 0u) << reason.detail;
    client_.reset(); // does not wait for it either
    blocked->count_down();
    EXPECT_EQ(broker.finish(), "");
}

TEST_F(authenticating, again_while_messages_flow) {
    test_broker broker{{conversation{}
                            .expect_a<connect>("CONNECT")
                            .send(connack{false, 0, fields("MINE", "")})
                            .expect(auth{reason_code::reauthenticate, fields("MINE", "first")})
                            .send(publish_packet("t", "between"))
                            .send(auth{reason_code::continue_authentication, fields("MINE", "c")})
                            .expect(auth{reason_code::continue_authentication, fields("MINE", "answer")})
                            .send(auth{reason_code::success, fields("MINE", "")})
                            .send(publish_packet("t", "after"))}};
    auto o = quick_options(broker.port());
    o.auth = scripted_authenticator::of({});
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    counter done;
    std::vector<error> outcomes(2);
    client_->reauthenticate([&](const reauthenticate_done& d) {
        outcomes[0] = d.failed;
        ++done;
    });
    client_->reauthenticate([&](const reauthenticate_done& d) {
        outcomes[1] = d.failed;
        ++done;
    });
    ASSERT_TRUE(done.wait_for(2));
    EXPECT_EQ(outcomes, (std::vector<error>{{}, error{errc::busy}}));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() == 2; }));
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
}

TEST_F(authenticating, again_has_an_outcome_in_every_state) {
    counter done;
    std::vector<error> outcomes;
    const auto note = [&](const reauthenticate_done& d) {
        outcomes.push_back(d.failed);
        ++done;
    };
    {
        accepting_broker broker;
        start(quick_options(broker.port()));
        client_->reauthenticate(note);
        ASSERT_TRUE(done.wait_for(1));
        EXPECT_EQ(outcomes.back(), error{errc::auth_not_configured});
        client_->stop();
    }
    auto o = quick_options(1);
    o.auth = scripted_authenticator::of({});
    client_ = std::make_unique<client>(lane_, o, observer_);
    client_->reauthenticate(note);
    ASSERT_TRUE(done.wait_for(2));
    EXPECT_EQ(outcomes.back(), error{errc::not_connected});
    client_->abort();
    client_->reauthenticate(note);
    ASSERT_TRUE(done.wait_for(3));
    EXPECT_EQ(outcomes.back(), error{errc::aborted});
}

TEST_F(authenticating, credentials_and_will_are_asked_for_at_each_connect) {
    const auto expected = [](const std::string& number) {
        return conversation{}
            .expect_a<connect>(
                "CONNECT with token " + number,
                [number](const connect& c) {
                    return c.password == "token" + number && c.will && c.will->payload == number;
                })
            .send(connack{});
    };
    test_broker broker{{expected("1").close(), expected("2")}};
    auto o = quick_options(broker.port());
    o.credentials_callback = [n = std::make_shared<int>(0)] {
        return credentials{"user", "token" + std::to_string(++*n)};
    };
    o.will_from = [n = std::make_shared<int>(0)] {
        return will{.topic = "gone", .payload = std::to_string(++*n)};
    };
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.connections.size() == 2; }));
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
}

TEST_F(authenticating, what_callbacks_say_is_looked_at_before_it_is_sent) {
    const std::string too_long(65'536, 'x');

    struct row {
        std::function<void(client_options&)> say;
        errc code;
        const char* named;
    };

    const std::vector<row> rows{
        {[](auto& o) { o.will_from = [] { return will{.topic = "a/#"}; }; }, errc::topic_name_invalid, "a/#"},
        {[&](auto& o) { o.will_from = [&] { return will{.topic = "a", .payload = too_long}; }; },
         errc::option_invalid, "65536"},
        {[&](auto& o) {
             o.auth = scripted_authenticator::of(
                 {.start = [&]() -> result<auth_message> { return auth_message{.data = too_long}; }});
         },
         errc::auth_failed, "65536"},
    };
    for (const auto& r : rows) {
        test_broker broker{{conversation{}.expect_eof()}};
        recording_observer observer;
        auto o = quick_options(broker.port());
        r.say(o);
        o.reconnect = 0;
        client c{lane_, o, observer};
        c.start();
        ASSERT_TRUE(observer.wait_for([](const auto& seen) { return seen.failures.size() == 1; }));
        const auto reason = observer.seen().failures[0].reason;
        EXPECT_EQ(reason, error{r.code}) << reason.message();
        EXPECT_NE(reason.detail.find(r.named), std::string::npos) << reason.detail;
        c.stop();
        EXPECT_EQ(broker.finish(), "");
    }
}

TEST_F(authenticating, an_answer_too_long_to_be_sent_ends_the_attempt) {
    test_broker broker{{conversation{}
                            .expect_a<connect>("CONNECT")
                            .send(auth{reason_code::continue_authentication, fields("MINE", "challenge")})
                            .expect_eof()}};
    auto o = quick_options(broker.port());
    o.auth = scripted_authenticator::of({.step = [](const auto&) -> result<auth_message> {
        return auth_message{.data = std::string(65'536, 'x')};
    }});
    o.reconnect = 0;
    start(o);
    const auto reason = first_failure();
    EXPECT_EQ(reason, error{errc::auth_failed});
    EXPECT_NE(reason.detail.find("65536"), std::string::npos) << reason.detail;
    EXPECT_EQ(broker.finish(), "");
}

TEST_F(authenticating, after_a_fallback_callbacks_are_held_to_the_older_version) {
    const auto too_new = conversation{}.expect_a<connect>("CONNECT of 5.0").close();
    test_broker broker{
        {too_new, conversation{}
                      .expect_a<connect>(
                          "CONNECT of 3.1.1 with a will",
                          [](const connect& c) {
                              return c.version == protocol_version::v4 && c.will && c.will->topic == "gone";
                          })
                      .send(connack{})}};
    auto o = quick_options(broker.port());
    o.proto_fallback = {protocol_version::v4};
    o.will_from = [] {
        will last{.topic = "gone"};
        last.props.set(property_id::will_delay_interval, 5u);
        return last;
    };
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    const auto warnings = observer_.seen().warnings;
    ASSERT_EQ(warnings.size(), 1u);
    EXPECT_NE(warnings[0].find("will_from"), std::string::npos) << warnings[0];
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
}

// [MQTT-3.1.2-22]
TEST_F(authenticating, after_a_fallback_a_password_needs_its_user_name) {
    test_broker broker{
        {conversation{}.expect_a<connect>("CONNECT of 5.0").close(), conversation{}.expect_eof()}};
    auto o = quick_options(broker.port());
    o.proto_fallback = {protocol_version::v4};
    o.credentials_callback = [] { return credentials{.password = "token"}; };
    o.reconnect = 1;
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.failures.size() == 2; }));
    EXPECT_EQ(observer_.seen().failures[1].reason, error{errc::credentials_failed});
    EXPECT_EQ(broker.finish(), "");
}

TEST_F(authenticating, ping_measures_the_round_trip) {
    test_broker broker{{conversation{}.accept().expect(pingreq{}).expect_nothing(30ms).send(pingresp{})}};
    start(quick_options(broker.port()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    counter done;
    ping_done outcome;
    client_->ping([&](const ping_done& d) {
        outcome = d;
        ++done;
    });
    ASSERT_TRUE(done.wait_for(1));
    EXPECT_FALSE(outcome.failed);
    EXPECT_GE(outcome.round_trip, 30ms);
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
}

} // namespace
} // namespace weir::mqtt
