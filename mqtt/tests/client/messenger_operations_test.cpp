// Operations as values: awaited, waited for, canceled, failing.
#include "messenger_fixture.hpp"

#include <weir/base/run_task.hpp>

#include <future>
#include <vector>

namespace weir::mqtt {
namespace {

class messenger_operations : public messenger_test {};

TEST_F(messenger_operations, connect_tells_what_the_server_said) {
    connack answer;
    answer.props.set(property_id::assigned_client_identifier, "drawn");
    test_broker broker{{conversation{}.accept(answer)}};
    auto o = quick_options(broker.port());
    o.clientid = "";
    auto& m = make(o);
    const auto up = m.connect().get(10s);
    ASSERT_TRUE(up.has_value());
    EXPECT_EQ(up->client_id, "drawn");
    EXPECT_EQ(m.connect().get(10s).value().client_id, "drawn") << "it is connected already";
}

TEST_F(messenger_operations, connect_fails_with_the_servers_refusal) {
    connack refusal;
    refusal.code = static_cast<std::uint8_t>(reason_code::bad_user_name_or_password);
    test_broker broker{{conversation{}.accept(refusal)}};
    const auto up = make(quick_options(broker.port())).connect().get(10s);
    ASSERT_TRUE(up.has_error());
    EXPECT_EQ(up.error(), error{errc::connack_refused});
}

TEST_F(messenger_operations, the_whole_outcome_of_a_refused_connect) {
    connack refusal;
    refusal.code = static_cast<std::uint8_t>(reason_code::bad_user_name_or_password);
    refusal.props.set(property_id::reason_string, "no such user");
    test_broker broker{{conversation{}.accept(refusal)}};
    const auto outcome = make(quick_options(broker.port())).connect_outcome().get(10s).value();
    EXPECT_EQ(outcome.failed, error{errc::connack_refused});
    EXPECT_EQ(outcome.said, (closing_packet{packet_type::connack, refusal.code, refusal.props}));
}

TEST_F(messenger_operations, the_whole_outcome_of_what_the_server_refuses) {
    properties because;
    because.set(property_id::reason_string, "because");
    auto no = ack{ack_type::puback, 1, reason_code::not_authorized, because};
    test_broker broker{
        {conversation{}
             .accept()
             .expect_a<publish>("PUBLISH")
             .send(no)
             .expect_a<subscribe>("SUBSCRIBE")
             .send(suback{2, {reason_code::granted_qos_1, reason_code::not_authorized}, because})
             .expect_a<unsubscribe>(
                 "UNSUBSCRIBE with a property",
                 [](const unsubscribe& u) { return u.props.user_property("a") == "b"; })
             .send(unsuback{3, {reason_code::no_subscription_existed}, because})}};
    auto& m = connect(quick_options(broker.port()));
    const auto published = m.publish_outcome(message("t", "x", qos::at_least_once)).get(10s).value();
    EXPECT_EQ(published.failed, error{errc::rejected});
    EXPECT_EQ(published.code, reason_code::not_authorized);
    EXPECT_EQ(published.props, because);
    const auto granted = m.subscribe_outcome({{"a"}, {"b"}}).get(10s).value();
    EXPECT_EQ(granted.failed, error{errc::rejected});
    EXPECT_EQ(granted.codes, (std::vector{reason_code::granted_qos_1, reason_code::not_authorized}));
    EXPECT_EQ(granted.props, because);
    properties own;
    own.add_user_property("a", "b");
    const auto left = m.unsubscribe_outcome({"a"}, own).get(10s).value();
    EXPECT_EQ(left.codes, std::vector{reason_code::no_subscription_existed});
    EXPECT_EQ(left.props, because);
    const auto connected_now = m.connect_outcome().get(10s).value();
    EXPECT_FALSE(connected_now.failed);
    EXPECT_EQ(connected_now.info.client_id, "tester");
}

TEST_F(messenger_operations, a_disconnect_that_may_not_be_sent_changes_nothing) {
    accepting_broker broker;
    auto& m = connect(quick_options(broker.port(), protocol_version::v4));
    EXPECT_EQ(
        m.disconnect(reason_code::unspecified_error).get(10s).error(), error{errc::unsupported_by_version});
    EXPECT_TRUE(m.publish("t", "x", qos::at_least_once).get(10s));
    EXPECT_TRUE(m.connect().get(10s)) << "it still is";
    EXPECT_TRUE(m.disconnect().get(10s));
    EXPECT_EQ(m.connect().get(10s).error(), error{errc::aborted});
}

TEST_F(messenger_operations, connect_fails_when_there_are_no_attempts_left_and_may_be_called_again) {
    auto o = quick_options(accepting_broker{}.port());
    o.reconnect = 0;
    auto& m = make(o);
    EXPECT_EQ(m.connect().get(10s).error(), error{errc::gave_up});
    EXPECT_EQ(m.publish("t", "x").get(10s).error(), error{errc::not_connected});
    EXPECT_EQ(m.connect().get(10s).error(), error{errc::gave_up});
}

TEST_F(messenger_operations, connect_may_be_given_up_on) {
    auto o = quick_options(accepting_broker{}.port());
    auto& m = make(o);
    std::stop_source stop;
    auto waiting = m.connect(stop.get_token());
    EXPECT_EQ(m.connect().get(5ms).error().code, std::errc::timed_out);
    stop.request_stop();
    EXPECT_EQ(waiting.get(10s).error(), error{errc::aborted});
}

TEST_F(messenger_operations, bad_options_are_named_by_the_constructor) {
    client_options o;
    o.max_inflight = 0;
    EXPECT_THROW(messenger{o}, std::invalid_argument);
}

task<void> one_of_each(messenger& m, std::vector<std::string>& log) {
    const auto note = [&log](const char* what, const error& failed) {
        log.push_back(std::string(what) + ": " + (failed ? failed.message() : "done"));
    };
    auto up = co_await m.connect();
    note("connect", up ? error{} : up.error());
    std::vector<subscription> list{{.filter = "a/#", .qos = qos::exactly_once}};
    auto granted = co_await m.subscribe(std::move(list));
    note("subscribe", granted ? error{} : granted.error());
    auto published = co_await m.publish("a/b", "x", qos::exactly_once);
    note("publish", published ? error{} : published.error());
    auto way = co_await m.ping();
    note("ping", way ? error{} : way.error());
    auto one = co_await m.receive();
    note("receive", one ? error{} : one.error());
    if (one) note("ack", one->ack());
    std::vector<std::string> filters{"a/#"};
    auto left = co_await m.unsubscribe(std::move(filters));
    note("unsubscribe", left ? error{} : left.error());
    auto proven = co_await m.reauthenticate();
    note("reauthenticate", proven ? error{} : proven.error());
    auto gone = co_await m.disconnect();
    note("disconnect", gone ? error{} : gone.error());
}

TEST_F(messenger_operations, every_one_can_be_awaited) {
    accepting_broker broker;
    std::vector<std::string> log;
    run(one_of_each(make(deferring(broker.port())), log));
    const std::vector<std::string> expected{
        "connect: done",     "subscribe: done",
        "publish: done",     "ping: done",
        "receive: done",     "ack: done",
        "unsubscribe: done", "reauthenticate: " + error{errc::auth_not_configured}.message(),
        "disconnect: done"};
    ASSERT_EQ(log.size(), expected.size());
    for (std::size_t i = 0; i < log.size(); ++i)
        EXPECT_EQ(log[i].substr(0, log[i].find(' ')), expected[i].substr(0, expected[i].find(' '))) << log[i];
    EXPECT_EQ(log[3], "ping: done");
    EXPECT_NE(log[7].find("no authentication method"), std::string::npos) << log[7];
    EXPECT_EQ(broker.stats().disconnects, 1u);
}

TEST_F(messenger_operations, many_run_at_once_without_waiting_for_each_other) {
    accepting_broker broker;
    auto& m = connect(quick_options(broker.port()));
    std::vector<operation<publish_done>> all;
    for (int i = 0; i < 500; ++i)
        all.push_back(m.publish("t", std::to_string(i), qos::at_least_once));
    for (auto& one : all)
        EXPECT_TRUE(one.get(10s).has_value());
    m.publish("t", "nobody waits for this", qos::at_least_once);
    EXPECT_TRUE(broker.wait_for([](const auto& c) { return c.publishes == 501; }));
}

TEST_F(messenger_operations, a_rejection_is_an_error_that_names_the_code) {
    test_broker broker{{conversation{}
                            .accept()
                            .expect(publish_packet("t", "x", qos::at_least_once, 1))
                            .send(ack{.packet_id = 1, .code = reason_code::quota_exceeded})}};
    auto& m = connect(quick_options(broker.port()));
    const auto r = m.publish("t", "x", qos::at_least_once).get(10s);
    ASSERT_TRUE(r.has_error());
    EXPECT_EQ(r.error(), error{errc::rejected});
    EXPECT_NE(r.error().detail.find("quota_exceeded"), std::string::npos) << r.error().detail;
    EXPECT_EQ(broker.finish(), "");
}

TEST_F(messenger_operations, are_canceled_by_a_stop) {
    std::promise<void> all_sent;
    test_broker broker{{conversation{}
                            .accept()
                            .expect_a<publish>("PUBLISH")
                            .expect_a<pingreq>("PINGREQ")
                            .expect_a<subscribe>("SUBSCRIBE")
                            .expect_a<unsubscribe>("UNSUBSCRIBE")
                            .run("tell", [&](auto&) { all_sent.set_value(); })}};
    auto& m = connect(quick_options(broker.port()));
    std::stop_source stop;
    auto published = m.publish(message("t", "x", qos::at_least_once), stop.get_token());
    auto pinged = m.ping(stop.get_token());
    auto subscribed = m.subscribe({{.filter = "a"}}, {}, stop.get_token());
    auto unsubscribed = m.unsubscribe({"a"}, stop.get_token());
    ASSERT_EQ(all_sent.get_future().wait_for(10s), std::future_status::ready);
    stop.request_stop();
    EXPECT_EQ(published.get(10s).error(), error{errc::aborted});
    EXPECT_EQ(pinged.get(10s).error(), error{errc::aborted});
    EXPECT_EQ(subscribed.get(10s).error(), error{errc::aborted});
    EXPECT_EQ(unsubscribed.get(10s).error(), error{errc::aborted});
}

TEST_F(messenger_operations, end_with_the_messenger) {
    test_broker broker{{conversation{}.accept()}};
    auto& m = connect(quick_options(broker.port()));
    auto published = m.publish("t", "x", qos::at_least_once);
    auto pinged = m.ping();
    messenger_.reset();
    EXPECT_EQ(published.get(10s).error(), error{errc::aborted});
    EXPECT_TRUE(pinged.get(10s).has_error()) << "a ping belongs to its connection";
}

TEST_F(messenger_operations, a_request_has_its_response) {
    accepting_broker broker;
    auto server_options = quick_options(broker.port());
    server_options.clientid = "server";
    messenger server{server_options};
    ASSERT_TRUE(server.connect().get(10s));
    ASSERT_TRUE(server.subscribe({{.filter = "ask", .qos = qos::at_least_once}}).get(10s));
    server.receive_each([&](incoming& one) {
        if (auto answer = reply_to(one.packet(), bytes::copy("yes"))) server.publish(std::move(*answer));
    });
    auto o = quick_options(broker.port());
    o.response_prefix = "responses";
    auto& m = connect(o);
    const auto response = m.request(message("ask", "?", qos::at_least_once), 10s).get(10s);
    ASSERT_TRUE(response.has_value()) << response.error().message();
    EXPECT_EQ(response->received.payload, "yes");
}

TEST_F(messenger_operations, waiting_on_the_lane_is_refused) {
    accepting_broker broker;
    auto& m = connect(quick_options(broker.port()));
    std::promise<error> refused;
    m.ping().then([&](result<duration>) { refused.set_value(m.ping().get().error()); });
    EXPECT_EQ(refused.get_future().get().code, std::errc::resource_deadlock_would_occur);
}

TEST_F(messenger_operations, share_a_lane) {
    accepting_broker broker;
    io_lane lane;
    std::vector<std::unique_ptr<messenger>> all;
    for (int i = 0; i < 5; ++i) {
        auto o = quick_options(broker.port());
        o.clientid = "member " + std::to_string(i);
        all.push_back(std::make_unique<messenger>(lane, o));
    }
    std::vector<operation<connected>> ups;
    for (auto& m : all)
        ups.push_back(m->connect());
    for (auto& up : ups)
        EXPECT_TRUE(up.get(10s).has_value());
}

} // namespace
} // namespace weir::mqtt
