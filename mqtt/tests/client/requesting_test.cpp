// Requests and responses [MQTT 5.0, 4.10].
#include "client_fixture.hpp"
#include "request_script.hpp"
#include "support/eventually.hpp"

namespace weir::mqtt {
namespace {

std::string text_of(const properties& props, property_id id) {
    return std::string{props.text(id).value_or("")};
}

class requesting : public client_test {
  protected:
    static client_options asking(std::uint16_t port) {
        auto o = quick_options(port);
        o.response_prefix = "answers";
        return o;
    }

    void ask(std::string_view payload, std::chrono::milliseconds timeout = 5s) {
        client_->request(message("ask", payload), timeout, [this](const request_done& d) {
            outcomes_.push_back(
                d.failed ? d.failed.message() : std::string{d.response.received.payload.text()});
            codes_.push_back(d.failed);
            ++done_;
        });
    }

    std::vector<std::string> outcomes_;
    std::vector<error> codes_;
    counter done_;
};

TEST_F(requesting, responses_find_their_requests_in_any_order) {
    publish first;
    publish second;
    test_broker broker{{conversation{}
                            .accept()
                            .grant_subscribe()
                            .run(
                                "requests",
                                [&](testing::broker_connection& connection) {
                                    take_request(connection, first);
                                    take_request(connection, second);
                                    connection.send(response_to(second, "two"));
                                    auto foreign = response_to(first, "foreign");
                                    foreign.props.set(property_id::correlation_data, "other");
                                    connection.send(foreign);
                                    auto acknowledged = response_to(first, "one");
                                    acknowledged.qos = qos::at_least_once;
                                    acknowledged.packet_id = 9;
                                    connection.send(acknowledged);
                                    connection.send(response_to(first, "late"));
                                    connection.send(publish_packet("t", "a message"));
                                })
                            .expect_a<ack>("PUBACK", [](const ack& a) { return a.packet_id == 9; })}};
    auto o = asking(broker.port());
    o.auto_ack = false;
    start(o);
    ask("1"); // before the connection stands
    ask("2");
    ASSERT_TRUE(done_.wait_for(2));
    EXPECT_EQ(outcomes_, (std::vector<std::string>{"two", "one"}));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() == 1; }));
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
    EXPECT_EQ(text_of(first.props, property_id::response_topic), "answers/tester");
    EXPECT_NE(
        text_of(first.props, property_id::correlation_data),
        text_of(second.props, property_id::correlation_data));
    std::size_t late = 0;
    for (const auto& e : observer_.seen().events)
        if (const auto* d = std::get_if<dropped>(&e); d != nullptr && d->kind == dropped::what::late_response)
            late += d->count;
    EXPECT_EQ(late, 2u);
}

TEST_F(requesting, the_server_may_say_where_responses_go) {
    publish request;
    connack c;
    c.props.set(property_id::response_information, "given/");
    test_broker broker{{conversation{}
                            .expect_a<connect>(
                                "CONNECT that asks",
                                [](const connect& asked) {
                                    return asked.props.number(property_id::request_response_information) ==
                                           1u;
                                })
                            .send(c)
                            .grant_subscribe()
                            .run("request", [&](testing::broker_connection& connection) {
                                take_request(connection, request);
                                connection.send(response_to(request, "x"));
                            })}};
    auto o = asking(broker.port());
    o.request_response_information = true;
    start(o);
    ask("1");
    ASSERT_TRUE(done_.wait_for(1));
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
    EXPECT_EQ(text_of(request.props, property_id::response_topic), "given/tester");
}

TEST_F(requesting, has_an_outcome_whatever_happens) {
    accepting_broker broker;
    auto o = asking(broker.port());
    o.max_requests = 1;
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    ask("nobody answers", 50ms);
    ask("one too many");
    ASSERT_TRUE(done_.wait_for(2));
    EXPECT_EQ(codes_, (std::vector<error>{error{errc::queue_full}, error{errc::ack_timeout}}));
    EXPECT_TRUE(weir::testing::eventually([this] { return client_->stats().calls_refused == 1; }));
    ask("until the end");
    client_->stop();
    ASSERT_TRUE(done_.wait_for(3));
    EXPECT_EQ(codes_.back(), error{errc::aborted});
    ask("after it");
    ASSERT_TRUE(done_.wait_for(4));
    EXPECT_EQ(codes_.back(), error{errc::aborted});
}

TEST_F(requesting, needs_a_place_for_responses_and_mqtt_5) {
    accepting_broker broker;
    start(quick_options(broker.port()));
    ask("x");
    ASSERT_TRUE(done_.wait_for(1));
    EXPECT_EQ(codes_.back(), error{errc::option_invalid});
    client_->stop();
    client_.reset();
    start(quick_options(broker.port(), protocol_version::v4));
    ask("x");
    ASSERT_TRUE(done_.wait_for(2));
    EXPECT_EQ(codes_.back(), error{errc::unsupported_by_version});
    client_->stop();
}

TEST(reply, is_for_those_who_say_where) {
    publish request;
    EXPECT_EQ(reply_to(request, {}).error(), error{errc::no_response_topic});
    request.props.set(property_id::response_topic, "back").set(property_id::correlation_data, "7");
    const auto reply = reply_to(request, bytes::copy("x")).value();
    EXPECT_EQ(reply.topic, "back");
    EXPECT_EQ(reply.payload, "x");
    EXPECT_EQ(reply.props.text(property_id::correlation_data), "7");
}

} // namespace
} // namespace weir::mqtt
