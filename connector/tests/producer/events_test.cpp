#include "producer_fixture.hpp"

#include <weir/connector/events.hpp>

#include <map>
#include <mutex>
#include <random>
#include <thread>

namespace weir::connector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Writes down the names of events in order, and what some of them tell.
class event_test : public producer_test {
  protected:
    event_test() {
        listen<events::producer_init>();
        listen<events::producer_terminate>();
        listen<events::connection_up>();
        listen<events::connection_down>([](const auto& e) { return ' ' + e.reason.code.message(); });
        listen<events::connection_attempt_failed>();
        listen<events::subscription_success>([](const auto& e) { return ' ' + std::string(e.filter); });
        listen<events::subscription_error>([](const auto& e) { return ' ' + std::string(e.filter); });
        listen<events::session_lost>();
        bus->attach<events::receive_message_start>("test", [this](const auto& e) {
            const std::lock_guard lock(mutex_);
            ++started_[e.message.message_no];
        });
        bus->attach<events::receive_message_ack>("test", [this](const auto& e) {
            const std::lock_guard lock(mutex_);
            ended_[e.message.message_no].push_back(
                std::string(to_string(e.action)) + (e.successful ? "+" : "-"));
        });
    }

    /// The listeners use what goes with this object.
    ~event_test() override {
        if (producer_) producer_->stop(clock::now() + 1s);
    }

    template <class Event, class Tell>
    void listen(Tell tell) {
        bus->attach<Event>("test", [this, tell](const Event& e) {
            const std::lock_guard lock(mutex_);
            EXPECT_EQ(e.origin.pipeline, "p");
            EXPECT_EQ(e.origin.client_id, "tester_0");
            names_.push_back(std::string(Event::event_name) + tell(e));
        });
    }

    template <class Event>
    void listen() {
        listen<Event>([](const Event&) { return std::string{}; });
    }

    [[nodiscard]] std::vector<std::string> names() {
        const std::lock_guard lock(mutex_);
        return names_;
    }

    [[nodiscard]] std::vector<std::string> ends_of(std::uint64_t message_no) {
        const std::lock_guard lock(mutex_);
        return ended_[message_no];
    }

    std::mutex mutex_;
    std::vector<std::string> names_;
    std::map<std::uint64_t, int> started_;
    std::map<std::uint64_t, std::vector<std::string>> ended_;
};

TEST_F(event_test, tell_the_life_of_a_producer) {
    follow({ready().expect(mqtt::disconnect{})});
    start();
    ASSERT_TRUE(ready_.wait(5s));
    EXPECT_EQ(finish(), "");
    EXPECT_THAT(
        names(), ElementsAre(
                     "producer.init", "connection.up", "subscription.success a", HasSubstr("connection.down"),
                     "producer.terminate"));
}

TEST_F(event_test, up_and_down_alternate) {
    follow({ready().close(), conversation{}.accept().reset(), ready(true)});
    start();
    wait_for_connection(3);
    EXPECT_EQ(finish(), "");
    std::string sequence;
    for (const auto& name : names()) {
        if (name == "connection.up") sequence += 'U';
        if (name.starts_with("connection.down")) sequence += 'D';
    }
    EXPECT_EQ(sequence, "UDUDUD");
}

TEST_F(event_test, up_and_down_alternate_whatever_ends_the_connections) {
    std::minstd_rand random{std::random_device{}()};
    std::vector<conversation> script{ready().close()};
    std::size_t accepted = 1;
    for (int i = 0; i < 40; ++i) {
        const auto up = conversation{}.accept({.session_present = true});
        switch (random() % 5) {
        case 0: script.push_back(conversation(up).close()); break;
        case 1: script.push_back(conversation(up).reset()); break;
        case 2:
            script.push_back(
                conversation(up).send(mqtt::disconnect{.code = mqtt::reason_code::server_shutting_down}));
            break;
        case 3:
            script.push_back(
                conversation{}.accept({.code = static_cast<std::uint8_t>(mqtt::reason_code::server_busy)}));
            continue;
        default: script.push_back(conversation{}.expect_a<mqtt::connect>("CONNECT").close()); continue;
        }
        ++accepted;
    }
    script.push_back(conversation{}.accept({.session_present = true}).expect(mqtt::disconnect{}));
    follow(std::move(script));
    start();
    wait_for_connection(accepted + 1);
    EXPECT_EQ(finish(), "");
    std::string sequence;
    std::string last;
    for (const auto& name : names()) {
        if (name == "connection.up") sequence += 'U';
        if (name.starts_with("connection.down")) sequence += 'D';
        if (name.starts_with("connection.down")) last = name;
    }
    std::string alternating;
    for (std::size_t i = 0; i <= accepted; ++i)
        alternating += "UD";
    EXPECT_EQ(sequence, alternating);
    EXPECT_THAT(last, HasSubstr("the client closed the connection"));
}

TEST_F(event_test, name_the_filters_that_were_refused) {
    options.topics = {{"a"}, {"b"}};
    follow({conversation{}
                .accept()
                .expect_a<mqtt::subscribe>("SUBSCRIBE")
                .send(mqtt::suback{
                    .packet_id = 1,
                    .codes = {mqtt::reason_code::granted_qos_0, mqtt::reason_code::quota_exceeded}})});
    start();
    ASSERT_FALSE(ready_.wait(5s));
    EXPECT_THAT(names(), ::testing::IsSupersetOf({"subscription.success a", "subscription.error b"}));
}

TEST_F(event_test, pair_each_start_with_one_end) {
    follow({ready()
                .send(qos1(1))
                .send(qos1(2))
                .send(publish_packet("3", mqtt::qos::at_most_once))
                .send(qos1(4))
                .send(qos1(5))
                .expect(puback(1))
                .expect(puback(2))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(5));
    succeed(0);
    fail(1);
    fail(2); // QoS 0
    ASSERT_TRUE(intake.wait_for_messages(6));
    succeed(5); // the second, again
    EXPECT_EQ(script_result(), "");
    fail(3); // waits
    producer_->drain();
    ASSERT_TRUE(intake.wait_for([](const auto& r) { return r.drained; }));
    settle(4, pipeline::outcome::abandoned);
    EXPECT_THAT(ends_of(1), ElementsAre("ack+"));
    EXPECT_THAT(ends_of(2), ElementsAre("ack+"));
    EXPECT_THAT(ends_of(3), ElementsAre("noop-"));
    EXPECT_THAT(ends_of(4), ElementsAre("aborted-"));
    EXPECT_THAT(ends_of(5), ElementsAre("aborted-"));
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(started_.size(), 5u);
    for (const auto& [number, times] : started_)
        EXPECT_EQ(times, 1) << number;
}

TEST_F(event_test, tell_that_the_broker_has_lost_the_session) {
    follow(
        {ready().send(qos1(1)).wait_until("delivered", [&] { return intake.messages() == 1; }).close(),
         conversation{}.accept({.session_present = false}).grant_subscribe()});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    EXPECT_EQ(script_result(), "");
    EXPECT_THAT(names(), ::testing::Contains("session.lost"));
}

} // namespace
} // namespace weir::connector
