// What an acknowledgement handle means on the wire.
#include "messenger_fixture.hpp"

#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

namespace weir::mqtt {
namespace {

class messenger_acks : public messenger_version_test {
  protected:
    [[nodiscard]] bool v5() const { return GetParam() == protocol_version::v5; }

    [[nodiscard]] client_options options(const test_broker& b) const {
        return deferring(b.port(), GetParam());
    }

    const publish one_ = publish_packet("t", "one", qos::at_least_once, 1);
    const publish two_ = publish_packet("t", "two", qos::at_least_once, 2);
    const publish three_ = publish_packet("t", "three", qos::at_least_once, 3);
};

TEST_P(messenger_acks, leave_in_the_order_of_the_messages_whatever_the_order_of_the_decisions) {
    test_broker broker{{conversation{}
                            .accept()
                            .send(one_)
                            .send(two_)
                            .send(three_)
                            .expect(puback(1))
                            .expect(puback(2))
                            .expect(puback(3))}};
    listen(options(broker));
    auto a = next();
    auto b = next();
    auto c = next();
    EXPECT_EQ(c.text(), "three");
    EXPECT_FALSE(c.ack());
    EXPECT_FALSE(b.ack());
    EXPECT_FALSE(a.ack());
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(messenger_acks, nothing_is_acknowledged_before_it_is_decided_and_qos_2_begins_with_pubrec) {
    std::promise<void> decide;
    test_broker broker{{conversation{}
                            .accept()
                            .send(publish_packet("t", "x", qos::exactly_once, 7))
                            .expect_nothing(100ms)
                            .run("let it", [&](auto&) { decide.set_value(); })
                            .expect(pubrec(7))
                            .send(ack{.type = ack_type::pubrel, .packet_id = 7})
                            .expect(ack{.type = ack_type::pubcomp, .packet_id = 7})}};
    listen(options(broker));
    auto m = next();
    decide.get_future().wait();
    EXPECT_TRUE(m.pending());
    EXPECT_FALSE(m.ack());
    EXPECT_FALSE(m.pending());
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(messenger_acks, a_second_one_does_nothing_and_is_counted) {
    test_broker broker{{conversation{}.accept().send(one_).expect(puback(1)).expect_nothing(50ms)}};
    auto& m = listen(options(broker));
    auto one = next();
    EXPECT_FALSE(one.ack());
    EXPECT_EQ(one.ack(), error{errc::already_acked});
    EXPECT_EQ(one.defer(), error{errc::already_acked});
    EXPECT_EQ(broker.finish(), "");
    EXPECT_EQ(m.client().stats().repeated_acks, 2u);
}

TEST_P(messenger_acks, deferred_it_holds_up_nothing_and_its_ack_waits_for_the_message_to_come_again) {
    std::promise<void> kept;
    test_broker broker{
        {conversation{}
             .accept()
             .send(one_)
             .send(two_)
             .expect(puback(2))
             .expect_nothing(50ms)
             .run("wait for the ack", [&](auto&) { kept.get_future().wait(); })
             .expect_nothing(50ms)
             .close(),
         conversation{}.accept({.session_present = true}).send(again(one_)).expect(puback(1))}};
    auto& m = listen(options(broker));
    auto one = next();
    auto two = next();
    EXPECT_FALSE(two.ack());
    EXPECT_FALSE(one.defer());
    EXPECT_EQ(one.defer(), error{errc::already_acked});
    EXPECT_FALSE(one.ack());
    kept.set_value();
    EXPECT_EQ(broker.finish(), "");
    EXPECT_FALSE(m.try_receive()) << "it was not delivered again";
}

TEST_P(messenger_acks, survive_a_reconnect) {
    test_broker broker{
        {conversation{}.accept().send(one_).close(),
         conversation{}.accept({.session_present = true}).send(again(one_)).expect(puback(1))}};
    auto& m = listen(options(broker));
    auto one = next();
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 2; }));
    EXPECT_EQ(one.connection(), 1u);
    EXPECT_FALSE(one.ack());
    EXPECT_EQ(broker.finish(), "");
    EXPECT_FALSE(m.try_receive());
}

TEST_P(messenger_acks, of_a_session_that_is_lost_do_nothing) {
    test_broker broker{
        {conversation{}.accept().send(one_).close(),
         conversation{}
             .accept()
             .send(publish_packet("t", "another", qos::at_least_once, 1))
             .expect_nothing(100ms)}};
    listen(options(broker));
    auto one = next();
    auto another = next();
    EXPECT_EQ(another.text(), "another");
    EXPECT_FALSE(one.ack());
    EXPECT_EQ(broker.finish(), "");
    EXPECT_TRUE(told(dropped::what::stale_ack));
}

TEST_P(messenger_acks, a_message_that_is_dropped_is_let_go_and_comes_anew) {
    test_broker broker{
        {conversation{}.accept().send(one_).send(two_).expect(puback(2)).expect_nothing(50ms).close(),
         conversation{}.accept({.session_present = true}).send(again(one_)).expect(puback(1))}};
    listen(options(broker));
    { const auto dropped_undecided = next(); }
    EXPECT_FALSE(next().ack());
    EXPECT_TRUE(told(dropped::what::let_go));
    auto anew = next();
    EXPECT_EQ(anew.text(), "one");
    EXPECT_TRUE(anew.dup());
    EXPECT_EQ(anew.connection(), 2u);
    EXPECT_FALSE(anew.ack());
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(messenger_acks, a_rejection_ends_the_message_on_v5_and_is_refused_on_3) {
    ack expected = puback(1);
    if (v5()) {
        expected.code = reason_code::quota_exceeded;
        expected.props.set(property_id::reason_string, "full");
    }
    test_broker broker{{conversation{}.accept().send(one_).expect(expected)}};
    listen(options(broker));
    auto one = next();
    EXPECT_EQ(one.reject(reason_code::success).code, errc::option_invalid);
    properties why;
    why.set(property_id::reason_string, "full");
    const auto refused = one.reject(reason_code::quota_exceeded, why);
    if (v5()) {
        EXPECT_FALSE(refused) << refused.message();
    } else {
        EXPECT_EQ(refused, error{errc::unsupported_by_version});
        EXPECT_TRUE(one.pending()) << "nothing was decided";
        EXPECT_FALSE(one.ack());
    }
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(messenger_acks, of_qos_0_are_nothing) {
    test_broker broker{{conversation{}.accept().send(publish_packet("t", "x")).expect_nothing(50ms)}};
    listen(options(broker));
    auto m = next();
    EXPECT_FALSE(m.pending());
    EXPECT_FALSE(m.ack());
    EXPECT_FALSE(m.ack());
    EXPECT_FALSE(m.defer());
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(messenger_acks, outlive_their_client) {
    test_broker broker{{conversation{}.accept().send(one_).send(two_)}};
    listen(options(broker));
    auto one = next();
    auto two = next();
    messenger_.reset();
    EXPECT_EQ(one.ack(), error{errc::aborted});
    EXPECT_EQ(one.topic(), "t");
}

TEST_P(messenger_acks, automatic_it_comes_when_the_message_is_let_go_of) {
    std::promise<void> hold;
    test_broker broker{{conversation{}
                            .accept()
                            .send(one_)
                            .expect_nothing(50ms)
                            .run("let it", [&](auto&) { hold.set_value(); })
                            .expect(puback(1))}};
    auto o = options(broker);
    o.auto_ack = true;
    listen(o);
    {
        const auto one = next();
        hold.get_future().wait();
    }
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(messenger_acks, automatic_it_does_not_come_for_what_an_exception_took_away) {
    test_broker broker{
        {conversation{}.accept().send(one_).send(two_).expect(puback(2)).expect_nothing(50ms)}};
    auto o = options(broker);
    o.auto_ack = true;
    listen(o);
    try {
        const auto one = next();
        throw std::runtime_error{"no"};
    } catch (const std::runtime_error&) {
    }
    { const auto two = next(); }
    EXPECT_EQ(broker.finish(), "");
    EXPECT_TRUE(told(dropped::what::let_go));
}

TEST_P(messenger_acks, a_handler_acknowledges_by_returning) {
    test_broker broker{
        {conversation{}.accept().send(one_).send(two_).send(three_).expect(puback(1)).expect(puback(3))}};
    auto o = options(broker);
    o.auto_ack = true;
    auto& m = make(o);
    m.receive_each([](incoming& one) {
        if (one.text() == "two") throw std::runtime_error{"cannot take two"};
    });
    ASSERT_TRUE(m.connect().get(10s));
    EXPECT_EQ(broker.finish(), "");
    EXPECT_EQ(observer_.seen().errors, std::vector<std::string>{"cannot take two"});
    EXPECT_TRUE(told(dropped::what::let_go));
}

TEST_P(messenger_acks, may_come_from_any_thread_at_any_time) {
    constexpr std::size_t messages = 2'000;
    accepting_broker broker;
    auto o = deferring(broker.port(), GetParam());
    o.backoff_min = o.backoff_max = 1ms;
    auto& m = connect(o);
    ASSERT_TRUE(m.subscribe({{.filter = "#", .qos = qos::at_least_once}}).get(10s));
    std::atomic<std::size_t> acknowledged{0};
    std::vector<std::thread> workers;
    for (int i = 0; i < 3; ++i)
        workers.emplace_back([&] {
            for (auto one = m.receive().get(); one; one = m.receive().get())
                if (!one->ack()) ++acknowledged;
        });
    for (std::size_t i = 0; i < messages; ++i) {
        broker.push(publish_packet("t", std::to_string(i), qos::at_least_once));
        if (i % 500 == 250) broker.drop_connections();
    }
    EXPECT_TRUE(broker.wait_for([&](const auto& c) { return c.pubacks >= messages; }, 30s));
    EXPECT_TRUE(m.disconnect().get(10s));
    for (auto& w : workers)
        w.join();
    EXPECT_GE(acknowledged, messages);
}

INSTANTIATE_TEST_SUITE_P(
    versions, messenger_acks, ::testing::Values(protocol_version::v4, protocol_version::v5), version_name);

} // namespace
} // namespace weir::mqtt
