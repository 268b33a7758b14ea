// An error inside of one producer: what the broker sees, and what becomes of its messages and of the others.

#include "producer_fixture.hpp"

#include <weir/connector/error.hpp>
#include <weir/connector/events.hpp>

#include <mutex>

namespace weir::connector {
namespace {

class failing_inside : public producer_test {
  protected:
    failing_inside() {
        options.config.will = mqtt::will{.topic = "gone", .payload = "x"};
        bus->attach<events::connection_down>("test", [this](const auto& e) {
            const std::lock_guard lock(mutex_);
            if (!why_) why_ = e.reason;
        });
    }

    /// The listener uses what goes with this object.
    ~failing_inside() override {
        if (producer_) producer_->stop(clock::now() + 1s);
    }

    [[nodiscard]] std::optional<error> why() {
        const std::lock_guard lock(mutex_);
        return why_;
    }

  private:
    std::mutex mutex_;
    std::optional<error> why_;
};

TEST_F(failing_inside, closes_without_disconnect_and_brings_back_what_was_not_taken) {
    follow(
        {ready().send(qos1(1)).expect_eof(), // no DISCONNECT before it: the will is published
         conversation{}
             .accept({.session_present = true})
             .send(qos1(1, true))
             .expect(puback(1))
             .send(qos1(2))
             .expect(puback(2))
             .expect(mqtt::disconnect{})});
    intake.fail_once();
    start(2); // nothing is lost of that
    ASSERT_TRUE(intake.wait_for_messages(1));
    ASSERT_TRUE(eventually([&] { return why().has_value(); }));
    EXPECT_EQ(why()->code, errc::producer_failed);
    EXPECT_EQ(why()->detail, "no room in the test");
    EXPECT_EQ(intake.seen().entries[0].attempt, 2u) << "nobody has judged the first";
    succeed(0);
    ASSERT_TRUE(intake.wait_for_messages(2));
    succeed(1);
    EXPECT_EQ(finish(), "");
    EXPECT_FALSE(intake.seen().failure);
    EXPECT_EQ(sums().delivered, 2u);
}

TEST_F(failing_inside, counts_a_message_of_qos_0_as_lost) {
    follow(
        {ready().send(publish_packet("1", mqtt::qos::at_most_once)).expect_eof(),
         conversation{}.accept({.session_present = true}).expect(mqtt::disconnect{})});
    intake.fail_once();
    start();
    ASSERT_TRUE(eventually([&] { return sums().connects == 2; }));
    EXPECT_EQ(sums().qos0_dropped, 1u);
    EXPECT_EQ(finish(), "");
}

TEST_F(failing_inside, leaves_the_other_producers_alone) {
    scripted_broker other({ready()
                               .send(qos1(1))
                               .wait_until("the failure", [&] { return why().has_value(); })
                               .send(qos1(2))
                               .expect(puback(1))
                               .expect(puback(2))
                               .expect(mqtt::disconnect{})});
    fake_intake taken;
    connector::options whole;
    whole.producer = options;
    whole.producer.config.port = other.port();
    mqtt_producer second(
        producer_context{
            .pipeline = "p",
            .index = 1,
            .client_id = "tester_1",
            .options = effective(whole).producer,
            .bus = std::make_shared<telemetry>(),
            .time = real_time()},
        lane_, ready_, latency_);
    second.start(taken);
    second.demand(10);
    ASSERT_TRUE(taken.wait_for_messages(1));
    follow({ready().send(qos1(1)).expect_eof(), conversation{}.accept({.session_present = true})});
    intake.fail_once();
    start();
    ASSERT_TRUE(taken.wait_for_messages(2));
    for (const auto& e : taken.seen().entries) {
        const pipeline::settlement s{.token = e.token, .result = pipeline::outcome::successful};
        second.settle({&s, 1});
    }
    second.stop(clock::now() + 1s);
    EXPECT_EQ(other.finish(), "");
}

} // namespace
} // namespace weir::connector
