#include "client_fixture.hpp"

#include <weir/mqtt/testing/hex.hpp>

#include <future>
#include <thread>

namespace weir::mqtt {
namespace {

class stopping : public client_version_test {};

TEST_P(stopping, before_it_was_started) {
    client c{lane_, quick_options(1, GetParam()), observer_};
    c.stop();
    c.stop();
    c.start(); // too late, and harmless
    EXPECT_EQ(observer_.seen().order, "");
}

TEST_P(stopping, while_it_waits_for_the_next_attempt) {
    auto options = quick_options(accepting_broker{}.port(), GetParam());
    options.backoff_min = options.backoff_max = 60s;
    start(options);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.failures.size() == 1; }));
    const auto began = clock::now();
    client_->stop();
    EXPECT_LT(clock::now() - began, 30s);
    EXPECT_EQ(observer_.seen().order, "F");
}

TEST_P(stopping, while_it_waits_for_connack_sends_no_disconnect) {
    std::promise<void> got_connect;
    test_broker broker{{conversation{}
                            .expect_a<connect>("CONNECT")
                            .run("tell", [&](auto&) { got_connect.set_value(); })
                            .expect_eof()}};
    start(quick_options(broker.port(), GetParam()));
    got_connect.get_future().wait();
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
    EXPECT_EQ(observer_.seen().order, "");
}

TEST_P(stopping, says_goodbye_when_connected) {
    test_broker broker{{conversation{}.accept().expect(disconnect{}).expect_eof()}};
    start(quick_options(broker.port(), GetParam()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    client_->stop();
    const auto seen = observer_.seen();
    EXPECT_EQ(seen.order, "URD");
    EXPECT_FALSE(seen.downs.at(0).will_retry);
    EXPECT_EQ(seen.downs.at(0).reason.code, errc::local_close);
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(stopping, leaving_is_refused_where_disconnect_may_not_be_sent) {
    test_broker broker{{conversation{}.accept().expect(disconnect{}).expect_eof()}};
    start(quick_options(broker.port(), GetParam()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    properties rising;
    rising.set(property_id::session_expiry_interval, 10u);
    std::promise<error> refused;
    client_->leave(reason_code::normal_disconnection, rising, [&](const error& e) { refused.set_value(e); });
    const bool v5 = GetParam() == protocol_version::v5;
    EXPECT_EQ(refused.get_future().get(), error{v5 ? errc::property_invalid : errc::unsupported_by_version});
    EXPECT_EQ(observer_.seen().order, "UR");
    std::promise<error> left;
    client_->leave(reason_code::normal_disconnection, {}, [&](const error& e) { left.set_value(e); });
    EXPECT_FALSE(left.get_future().get());
    EXPECT_EQ(observer_.seen().order, "URD");
    std::promise<error> again;
    client_->leave(reason_code::normal_disconnection, rising, [&](const error& e) { again.set_value(e); });
    EXPECT_FALSE(again.get_future().get()) << "it has ended already";
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(stopping, closes_without_a_disconnect_that_may_not_be_sent) {
    test_broker broker{{conversation{}.accept().expect_eof()}};
    start(quick_options(broker.port(), GetParam()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    properties rising;
    rising.set(property_id::session_expiry_interval, 10u);
    client_->stop(reason_code::normal_disconnection, rising);
    const auto seen = observer_.seen();
    ASSERT_EQ(seen.order, "URD");
    EXPECT_NE(seen.downs[0].reason.detail.find("session_expiry_interval"), std::string::npos)
        << seen.downs[0].reason.detail;
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(stopping, is_bounded_when_the_server_does_not_close) {
    test_broker broker{{conversation{}.accept().expect(disconnect{}).stall(2s)}};
    auto options = quick_options(broker.port(), GetParam());
    options.close_timeout = 200ms;
    start(options);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    const auto began = clock::now();
    client_->stop();
    const auto took = clock::now() - began;
    EXPECT_GE(took, 200ms);
    EXPECT_LT(took, 2s);
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(stopping, abort_closes_without_disconnect) {
    test_broker broker{{conversation{}.accept().expect_eof()}};
    start(quick_options(broker.port(), GetParam()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    client_->abort();
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(stopping, destruction_closes_without_disconnect) {
    test_broker broker{{conversation{}.accept().expect_eof()}};
    start(quick_options(broker.port(), GetParam()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    client_.reset();
    EXPECT_EQ(broker.finish(), "");
}

// Closing a socket with bytes unread makes the kernel send RST, which destroys acks the server has not read.
TEST_P(stopping, the_server_reads_every_ack_though_it_floods) {
    constexpr std::uint16_t messages = 50;
    conversation script;
    script.accept().grant_subscribe();
    for (std::uint16_t id = 1; id <= messages; ++id)
        script.send(publish_packet("t", std::string(1'000, 'x'), qos::at_least_once, id));
    const std::string packet =
        testing::from_hex(GetParam() == protocol_version::v5 ? "30 04 00 01 \"t\" 00" : "30 03 00 01 \"t\"");
    script.run("flood while the client leaves", [packet](testing::broker_connection& c) {
        std::string flood;
        while (flood.size() < 100'000)
            flood += packet;
        for (int i = 0; i < 100; ++i)
            c.send_raw(flood);
    });
    for (std::uint16_t id = 1; id <= messages; ++id)
        script.expect(ack{.type = ack_type::puback, .packet_id = id});
    script.expect(disconnect{}).expect_eof();
    test_broker broker{{script}};
    auto options = quick_options(broker.port(), GetParam());
    options.close_timeout = 5s;
    start(options);
    client_->subscribe({{.filter = "t", .qos = qos::at_least_once}});
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() >= messages; }));
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(stopping, from_inside_a_callback_only_asks) {
    accepting_broker broker;
    std::atomic<bool> asked{false};
    observer_.handler = [&](auto) {
        client_->stop();
        asked = true;
    };
    start(quick_options(broker.port(), GetParam()));
    client_->subscribe({{.filter = "#"}});
    ASSERT_TRUE(broker.wait_for([](const auto& c) { return c.subscribes == 1; }));
    broker.push(publish_packet("t", "p"));
    EXPECT_TRUE(broker.wait_for([](const auto& c) { return c.disconnects == 1; }));
    EXPECT_TRUE(asked);
    client_->stop();
}

TEST_P(stopping, destruction_from_inside_a_callback_is_safe) {
    accepting_broker broker;
    std::promise<void> gone;
    std::promise<error> outcome;
    observer_.handler = [&](auto) {
        client_.reset();
        gone.set_value();
    };
    auto options = quick_options(broker.port(), GetParam());
    start(options);
    client_->subscribe({{.filter = "#"}});
    ASSERT_TRUE(broker.wait_for([](const auto& c) { return c.subscribes == 1; }));
    broker.push(publish_packet("t", "p"));
    gone.get_future().wait();
    std::promise<void> lane_goes_on;
    lane_.post([&] { lane_goes_on.set_value(); });
    lane_goes_on.get_future().wait();
}

TEST_P(stopping, ends_every_pending_operation_with_aborted) {
    test_broker broker{{conversation{}
                            .accept()
                            .expect_a<publish>("PUBLISH")
                            .expect_a<subscribe>("SUBSCRIBE")
                            .expect_a<unsubscribe>("UNSUBSCRIBE")
                            .expect(disconnect{})}};
    auto& c = start(quick_options(broker.port(), GetParam()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    std::atomic<int> outcomes{0};
    std::atomic<int> aborted{0};
    const auto count = [&](const auto& done) {
        ++outcomes;
        if (done.failed.code == errc::aborted) ++aborted;
    };
    c.publish(message("t", "p", qos::at_least_once), count);
    c.subscribe({{.filter = "a"}}, count);
    c.unsubscribe({"a"}, count);
    ASSERT_TRUE(observer_.wait_for([](const auto&) { return true; }));
    c.stop();
    EXPECT_EQ(outcomes, 3) << "all outcomes are in when stop returns";
    EXPECT_EQ(aborted, 3);
    c.publish(message("t", "late"), count);
    c.stop();
    client_.reset();
    EXPECT_EQ(outcomes, 4) << "a call after the stop has its outcome too";
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(stopping, from_many_threads_at_once) {
    accepting_broker broker;
    auto& c = start(quick_options(broker.port(), GetParam()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&c] { c.stop(); });
    for (auto& t : threads)
        t.join();
    EXPECT_EQ(observer_.seen().order, "URD");
}

INSTANTIATE_TEST_SUITE_P(
    versions, stopping, ::testing::Values(protocol_version::v4, protocol_version::v5), version_name);

} // namespace
} // namespace weir::mqtt
