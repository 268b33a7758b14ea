#include "producer_fixture.hpp"

#include <weir/connector/events.hpp>

#include <atomic>

namespace weir::connector {
namespace {

using ::testing::ElementsAre;

/// Messages that do not go to the pipeline.
class turning_away : public producer_test {
  protected:
    ~turning_away() override {
        if (producer_) producer_->stop(clock::now() + 1s);
    }

    [[nodiscard]] static mqtt::publish expired(mqtt::publish p) {
        p.props.set(mqtt::property_id::message_expiry_interval, 0);
        return p;
    }

    [[nodiscard]] static mqtt::publish on_topic(std::string_view topic, mqtt::publish p) {
        p.topic = bytes::copy(topic);
        return p;
    }

    template <class Event>
    void count_into(std::atomic<std::size_t>& counter) {
        bus->attach<Event>("test", [&counter](const Event&) { ++counter; });
    }
};

TEST_F(turning_away, acknowledges_what_has_expired_and_takes_another_instead) {
    options.drop_expired = true;
    std::atomic<std::size_t> told{0};
    count_into<events::message_expired>(told);
    follow({ready()
                .send(expired(qos1(1)))
                .send(expired(publish_packet("x", mqtt::qos::at_most_once)))
                .send(qos1(2))
                .expect(puback(1))
                .expect(puback(2))});
    start(1);
    ASSERT_TRUE(intake.wait_for_messages(1));
    EXPECT_THAT(intake.payloads(), ElementsAre("2"));
    succeed(0);
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(sums().expired, 2u);
    EXPECT_EQ(told, 2u);
}

TEST_F(turning_away, delivers_what_has_expired_unless_told_otherwise) {
    follow({ready().send(expired(qos1(1)))});
    start();
    EXPECT_TRUE(intake.wait_for_messages(1));
    EXPECT_EQ(script_result(), "");
}

TEST_F(turning_away, acknowledges_what_nobody_asked_for_when_so_configured) {
    options.unmatched = unmatched::ack;
    std::atomic<std::size_t> told{0};
    count_into<events::message_unmatched>(told);
    follow({ready().send(on_topic("old", qos1(1))).send(qos1(2)).expect(puback(1)).expect(puback(2))});
    start(1);
    ASSERT_TRUE(intake.wait_for_messages(1));
    EXPECT_THAT(intake.payloads(), ElementsAre("2"));
    succeed(0);
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(sums().unmatched, 1u);
    EXPECT_EQ(told, 1u);
}

TEST_F(turning_away, delivers_what_nobody_asked_for_and_tells) {
    std::atomic<std::size_t> told{0};
    count_into<events::message_unmatched>(told);
    follow({ready().send(on_topic("old", qos1(1)))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    EXPECT_EQ(intake.seen().entries[0].value.matched_filter(), "");
    EXPECT_EQ(told, 1u);
}

TEST_F(turning_away, a_flood_of_qos_0_is_counted_and_is_no_flood_of_events) {
    options.config.qos0_buffer_messages = 1;
    std::atomic<std::size_t> told{0};
    std::atomic<std::size_t> dropped{0};
    bus->attach<events::message_dropped>("test", [&](const auto& e) {
        EXPECT_EQ(e.reason, "qos0_buffer_full");
        ++told;
        dropped += e.count;
    });
    auto script = ready();
    for (int i = 0; i < 200; ++i)
        script.send(publish_packet("x", mqtt::qos::at_most_once)).run("a while", [](auto&) {
            std::this_thread::sleep_for(500us); // not all in one read
        });
    follow({script});
    start(0);
    EXPECT_EQ(script_result(), "");
    ASSERT_TRUE(eventually([&] { return sums().qos0_dropped == 199; }));
    producer_->demand(10);
    ASSERT_TRUE(intake.wait_for_messages(1));
    producer_->stop(clock::now() + 1s);
    EXPECT_EQ(dropped, 199u);
    EXPECT_LE(told, 3u);
    EXPECT_EQ(sums().received, sums().delivered + sums().qos0_dropped);
}

} // namespace
} // namespace weir::connector
