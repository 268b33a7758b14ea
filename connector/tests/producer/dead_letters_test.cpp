#include "producer_fixture.hpp"

#include <weir/connector/events.hpp>

#include <atomic>
#include <mutex>
#include <string>
#include <vector>

namespace weir::connector {
namespace {

/// The two connections come in any order: a conversation sees by the client id which part it plays.
class dead_letters_test : public producer_test {
  protected:
    dead_letters_test() {
        options.on_failure = on_failure::dead_letter;
        options.dead_letter.topic = "dead/{topic}";
        bus->attach<events::message_dead_letter>("test", [this](const auto& e) {
            const std::lock_guard lock(mutex_);
            told_.push_back(std::string(e.message.topic) + ' ' + std::string(e.reason));
        });
    }

    ~dead_letters_test() override {
        if (producer_) producer_->stop(clock::now() + 1s);
    }

    /// Plays `receiving` or `burying`, as the client's id says.
    [[nodiscard]] static conversation either(const conversation& receiving, const conversation& burying) {
        return conversation{}.run("a connection", [=](mqtt::testing::broker_connection& c) {
            const auto first = c.next(clock::now() + 5s);
            const auto& hello = std::get<mqtt::connect>(first->packet);
            c.send(mqtt::connack{});
            (hello.client_id == "tester_0_dl" ? burying : receiving).play(c);
        });
    }

    void follow_both(const conversation& receiving, const conversation& burying) {
        const auto both = either(receiving, burying);
        follow({both, both}, scripted_broker::pace::together);
    }

    [[nodiscard]] static conversation taken(const std::string& payload, mqtt::reason_code code = {}) {
        return conversation{}
            .expect_a<mqtt::publish>(
                "the dead letter",
                [=](const mqtt::publish& p) {
                    return p.topic == "dead/a" && p.payload == payload &&
                           p.props.user_property("weir-error") == "no";
                })
            .send(mqtt::ack{.type = mqtt::ack_type::puback, .packet_id = 1, .code = code});
    }

    std::mutex mutex_;
    std::vector<std::string> told_;
};

TEST_F(dead_letters_test, arrive_before_their_message_is_acknowledged) {
    std::atomic<bool> published{false};
    const auto receiving = conversation{}
                               .grant_subscribe()
                               .send(qos1(1))
                               .send(qos1(2))
                               .wait_until("published", [&] { return published.load(); })
                               .expect(puback(1))
                               .expect(puback(2));
    const auto burying = conversation{}
                             .expect_a<mqtt::publish>("the dead letter")
                             .expect_nothing(50ms)
                             .run("note", [&](auto&) { published = true; })
                             .send(mqtt::ack{.type = mqtt::ack_type::puback, .packet_id = 1});
    follow_both(receiving, burying);
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    fail(0);
    succeed(1);
    EXPECT_EQ(script_result(), "");
    EXPECT_TRUE(eventually([&] { return sums().dead_lettered == 1; }));
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(told_, std::vector<std::string>{"a no"});
}

TEST_F(dead_letters_test, that_are_refused_leave_their_message_to_be_tried_again) {
    const auto receiving = conversation{}.grant_subscribe().send(qos1(1)).expect(puback(1));
    const auto burying = taken("1", mqtt::reason_code::not_authorized);
    follow_both(receiving, burying);
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    fail(0);
    ASSERT_TRUE(intake.wait_for_messages(2)) << "brought again";
    succeed(1);
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(sums().dead_lettered, 0u);
}

TEST_F(dead_letters_test, save_qos_0_too) {
    const auto receiving = conversation{}
                               .grant_subscribe()
                               .send(publish_packet("1", mqtt::qos::at_most_once))
                               .expect_nothing(50ms);
    follow_both(receiving, taken("1"));
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    fail(0);
    EXPECT_EQ(script_result(), "");
    EXPECT_TRUE(eventually([&] { return sums().dead_lettered == 1; }));
    EXPECT_EQ(sums().qos0_dropped, 0u);
}

TEST_F(dead_letters_test, under_way_are_waited_for_by_a_stop) {
    const auto receiving =
        conversation{}.grant_subscribe().send(qos1(1)).expect(puback(1)).expect(mqtt::disconnect{});
    const auto burying = conversation{}
                             .expect_a<mqtt::publish>("the dead letter")
                             .stall(100ms)
                             .send(mqtt::ack{.type = mqtt::ack_type::puback, .packet_id = 1});
    follow_both(receiving, burying);
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    fail(0);
    EXPECT_EQ(finish(), "");
    EXPECT_EQ(sums().dead_lettered, 1u);
}

TEST_F(dead_letters_test, that_cannot_leave_do_not_hold_up_a_stop) {
    options.redelivery.max_attempts = 1;
    const auto receiving =
        conversation{}.grant_subscribe().send(qos1(1)).send(qos1(2)).expect(puback(2)).expect(
            mqtt::disconnect{});
    const auto burying = conversation{}.expect_a<mqtt::publish>("the dead letter"); // not answered
    follow_both(receiving, burying);
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    fail(0);
    succeed(1);
    const auto begin = clock::now();
    producer_->stop(clock::now() + 100ms);
    EXPECT_LT(clock::now() - begin, 3s);
    EXPECT_EQ(script_result(), "");
}

} // namespace
} // namespace weir::connector
