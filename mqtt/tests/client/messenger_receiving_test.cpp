// The ways to ask for a message, and how that ends.
#include "messenger_fixture.hpp"

#include <weir/base/run_task.hpp>

#include <future>
#include <thread>
#include <vector>

namespace weir::mqtt {
namespace {

class messenger_receiving : public messenger_test {
  protected:
    /// Connected and subscribed to everything.
    messenger& subscribed(client_options o) {
        auto& m = connect(std::move(o));
        EXPECT_TRUE(m.subscribe({{.filter = "#", .qos = qos::at_least_once}}).get(10s));
        return m;
    }

    void push(int count) {
        for (int i = 0; i < count; ++i)
            broker_.push(publish_packet("t", std::to_string(i), qos::at_least_once));
    }

    accepting_broker broker_;
};

task<void> take_all(messenger& m, std::vector<std::string>& to, std::size_t count) {
    while (to.size() < count) {
        auto one = co_await m.receive();
        if (!one) co_return;
        to.emplace_back(one->text());
        one->ack();
    }
}

TEST_F(messenger_receiving, a_task_awaits_messages_in_order) {
    auto& m = subscribed(deferring(broker_.port()));
    push(1'000);
    std::vector<std::string> got;
    run(take_all(m, got, 1'000));
    ASSERT_EQ(got.size(), 1'000u);
    for (std::size_t i = 0; i < got.size(); ++i)
        EXPECT_EQ(got[i], std::to_string(i));
    EXPECT_TRUE(broker_.wait_for([](const auto& c) { return c.pubacks == 1'000; }));
}

TEST_F(messenger_receiving, several_tasks_of_one_thread_share_the_messages) {
    auto& m = subscribed(deferring(broker_.port()));
    std::vector<std::string> one;
    std::vector<std::string> two;
    std::vector<task<void>> both;
    both.push_back(take_all(m, one, 50));
    both.push_back(take_all(m, two, 50));
    push(100);
    run_all(std::move(both));
    EXPECT_EQ(one.size() + two.size(), 100u);
    EXPECT_TRUE(broker_.wait_for([](const auto& c) { return c.pubacks == 100; }));
}

foreign take_some(messenger& m, std::vector<std::string>& to, std::size_t count, std::promise<void>& done) {
    for (std::size_t i = 0; i < count; ++i) {
        auto one = co_await m.receive();
        if (!one) break;
        to.emplace_back(one->text());
        one->ack();
    }
    done.set_value();
}

TEST_F(messenger_receiving, a_coroutine_of_any_type_awaits_messages) {
    auto& m = subscribed(deferring(broker_.port()));
    std::vector<std::string> got;
    std::promise<void> done;
    take_some(m, got, 500, done);
    push(500);
    done.get_future().wait();
    EXPECT_EQ(got.size(), 500u);
    EXPECT_TRUE(broker_.wait_for([](const auto& c) { return c.pubacks == 500; }));
}

/// All of a program in one coroutine, which ends on the messenger's own lane and takes it along.
/// Tells what it heard when its messenger has gone.
foreign whole_program(client_options o, std::promise<std::string>& said) {
    std::string heard = "failed";
    {
        messenger m{std::move(o)};
        auto up = co_await m.connect();
        std::vector<subscription> all{{.filter = "#", .qos = qos::at_least_once}};
        auto granted = co_await m.subscribe(std::move(all));
        auto published = co_await m.publish("t", "to myself", qos::at_least_once);
        auto one = co_await m.receive();
        if (up && granted && published && one) heard = one->text();
    }
    said.set_value(heard);
}

TEST_F(messenger_receiving, may_be_destroyed_by_its_own_coroutine) {
    std::promise<std::string> said;
    auto o = quick_options(broker_.port());
    whole_program(o, said);
    EXPECT_EQ(said.get_future().get(), "to myself");
}

TEST_F(messenger_receiving, a_thread_waits_no_longer_than_it_says_and_misses_nothing) {
    auto& m = subscribed(deferring(broker_.port()));
    for (int i = 0; i < 3; ++i) {
        const auto none = m.receive().get(5ms);
        ASSERT_TRUE(none.has_error());
        EXPECT_EQ(none.error().code, std::errc::timed_out);
    }
    push(2);
    auto one = m.receive().get(10s);
    ASSERT_TRUE(one.has_value());
    EXPECT_EQ(one->text(), "0");
    EXPECT_EQ(next().text(), "1");
}

TEST_F(messenger_receiving, try_receive_takes_what_is_there) {
    auto& m = subscribed(deferring(broker_.port()));
    EXPECT_FALSE(m.try_receive());
    push(1);
    ASSERT_TRUE(observer_.wait_for([](const auto&) { return true; }));
    std::optional<incoming> one;
    const auto until = clock::now() + 10s;
    while (!(one = m.try_receive()) && clock::now() < until)
        std::this_thread::yield();
    ASSERT_TRUE(one);
    EXPECT_EQ(one->text(), "0");
    EXPECT_FALSE(m.try_receive());
}

TEST_F(messenger_receiving, a_callback_may_be_given_for_one_message) {
    auto& m = subscribed(deferring(broker_.port()));
    std::promise<std::string> got;
    m.receive().then([&](result<incoming> r) { got.set_value(std::string{r.value().text()}); });
    push(1);
    EXPECT_EQ(got.get_future().get(), "0");
}

TEST_F(messenger_receiving, canceled_it_takes_no_message) {
    auto& m = subscribed(deferring(broker_.port()));
    std::stop_source stop;
    auto canceled = m.receive(stop.get_token());
    auto other = m.receive();
    stop.request_stop();
    EXPECT_EQ(canceled.get(10s).error(), error{errc::aborted});
    EXPECT_EQ(m.receive(stop.get_token()).get(10s).error(), error{errc::aborted}) << "at once";
    push(1);
    EXPECT_EQ(other.get(10s).value().text(), "0");
}

TEST_F(messenger_receiving, a_dropped_one_takes_no_message) {
    auto& m = subscribed(deferring(broker_.port()));
    { const auto dropped = m.receive(); }
    push(1);
    EXPECT_EQ(next().text(), "0");
}

TEST_F(messenger_receiving, ends_with_an_error_when_the_client_is_disconnected) {
    auto& m = subscribed(deferring(broker_.port()));
    auto waiting = m.receive();
    EXPECT_TRUE(m.disconnect().get(10s));
    EXPECT_EQ(waiting.get(10s).error(), error{errc::aborted});
    EXPECT_EQ(m.receive().get(10s).error(), error{errc::aborted});
    EXPECT_EQ(m.connect().get(10s).error(), error{errc::aborted});
    EXPECT_FALSE(m.try_receive());
}

TEST_F(messenger_receiving, ends_with_an_error_when_the_messenger_goes) {
    auto waiting = subscribed(deferring(broker_.port())).receive();
    messenger_.reset();
    EXPECT_EQ(waiting.get(10s).error(), error{errc::aborted});
}

TEST_F(messenger_receiving, ends_with_the_reason_for_giving_up_and_begins_anew) {
    std::promise<void> connected;
    test_broker broker{
        {conversation{}
             .accept()
             .run("wait", [&](auto&) { connected.get_future().wait(); })
             .send(publish_packet("t", "last"))
             .send(disconnect{.code = reason_code::session_taken_over})
             .close(),
         conversation{}.accept().send(publish_packet("t", "first"))}};
    auto& m = listen(quick_options(broker.port()));
    connected.set_value();
    EXPECT_EQ(next().text(), "last");
    const auto ended = m.receive().get(10s);
    ASSERT_TRUE(ended.has_error());
    EXPECT_EQ(ended.error(), error{errc::session_taken_over});
    ASSERT_TRUE(m.connect().get(10s));
    EXPECT_EQ(next().text(), "first");
    EXPECT_TRUE(m.disconnect().get(10s));
    EXPECT_EQ(broker.finish(), "");
}

TEST_F(messenger_receiving, what_is_not_acknowledged_is_bounded_by_the_window) {
    auto o = deferring(broker_.port());
    o.receive_maximum = 7;
    auto& m = subscribed(o);
    push(50);
    std::vector<incoming> held;
    while (held.size() < 7)
        held.push_back(next());
    EXPECT_EQ(m.receive().get(100ms).error().code, std::errc::timed_out);
    held.front().ack();
    EXPECT_EQ(next().text(), "7");
}

TEST_F(messenger_receiving, no_more_is_fetched_than_it_says) {
    auto o = deferring(broker_.port());
    o.qos0_buffer_messages = 5'000;
    auto& m = connect(o);
    ASSERT_TRUE(m.subscribe({{.filter = "#"}}).get(10s));
    EXPECT_FALSE(m.try_receive()); // receiving has begun
    for (int i = 0; i < 1'000; ++i)
        broker_.push(publish_packet("t", std::to_string(i)));
    const auto until = clock::now() + 10s;
    while (m.client().stats().qos0_waiting + m.client().stats().messages_delivered < 1'000 &&
           clock::now() < until)
        std::this_thread::yield();
    EXPECT_EQ(m.client().stats().messages_delivered, 256u);
    for (int i = 0; i < 1'000; ++i)
        ASSERT_EQ(next().text(), std::to_string(i));
}

TEST_F(messenger_receiving, nothing_is_received_before_somebody_asks) {
    auto& m = subscribed(deferring(broker_.port()));
    push(3);
    EXPECT_TRUE(m.ping().get(10s));
    EXPECT_EQ(m.client().stats().messages_delivered, 0u);
    EXPECT_EQ(next().text(), "0");
}

TEST_F(messenger_receiving, a_handler_gets_what_was_fetched_before_it) {
    auto& m = subscribed(deferring(broker_.port()));
    push(10);
    next().ack();
    counter seen;
    m.receive_each([&](incoming& one) {
        one.ack();
        ++seen;
    });
    push(600);
    EXPECT_TRUE(seen.wait_for(609));
    EXPECT_TRUE(broker_.wait_for([](const auto& c) { return c.pubacks == 610; }));
}

TEST_F(messenger_receiving, says_all_there_is_about_a_message) {
    auto sent = publish_packet("a/b", "payload", qos::at_least_once, 9);
    sent.retain = true;
    sent.props.set(property_id::content_type, "text/plain");
    sent.props.append({property_id::subscription_identifier, std::uint32_t{3}});
    sent.props.append({property_id::subscription_identifier, std::uint32_t{4}});
    test_broker broker{{conversation{}.accept().send(sent)}};
    const auto before = clock::now();
    listen(deferring(broker.port()));
    auto m = next();
    EXPECT_EQ(m.topic(), "a/b");
    EXPECT_EQ(m.payload(), "payload");
    EXPECT_EQ(m.qos(), qos::at_least_once);
    EXPECT_TRUE(m.retain());
    EXPECT_FALSE(m.dup());
    EXPECT_EQ(m.packet_id(), 9);
    EXPECT_EQ(m.props().text(property_id::content_type), "text/plain");
    EXPECT_EQ(m.subscription_identifiers(), (std::vector<std::uint32_t>{3, 4}));
    EXPECT_GE(m.received_at(), before);
    EXPECT_EQ(m.connection(), 1u);
    EXPECT_EQ(m.packet(), sent);
    auto handle = m.take_handle();
    EXPECT_TRUE(handle.pending());
    EXPECT_FALSE(m.pending());
}

} // namespace
} // namespace weir::mqtt
