#include "producer_fixture.hpp"

#include <weir/connector/error.hpp>

#include <stdexcept>

namespace weir::connector {
namespace {

using ::testing::ElementsAre;

/// Messages that come several times under names of their own.
class copies_of : public producer_test {
  protected:
    static mqtt::publish keyed(std::string_view key, mqtt::publish p) {
        p.props.add_user_property("id", key);
        return p;
    }

    static mqtt::publish on_topic(std::string_view topic, mqtt::publish p) {
        p.topic = bytes::copy(topic);
        return p;
    }

    static mqtt::publish at_qos1(std::uint16_t id, std::string_view payload) {
        return publish_packet(payload, mqtt::qos::at_least_once, id);
    }

    /// Copies are not seen by the pipeline; so wait for their count.
    [[nodiscard]] bool wait_for_copies(std::uint64_t count) {
        return eventually([&] { return sums().copies >= count; });
    }
};

class copies_by_key : public copies_of {
  protected:
    copies_by_key() { options.idempotency_key = {.user_property = "id", .entries = 10}; }
};

TEST_F(copies_by_key, the_key_goes_with_the_message) {
    options.idempotency_key.entries = 0;
    follow({ready().send(keyed("k", qos1(1))).send(keyed("k", qos1(2))).send(qos1(3))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(3));
    EXPECT_EQ(intake.seen().entries[0].value.idempotency_key(), "k");
    EXPECT_EQ(intake.seen().entries[1].value.idempotency_key(), "k");
    EXPECT_EQ(intake.seen().entries[2].value.idempotency_key(), std::nullopt);
}

TEST_F(copies_by_key, a_copy_is_acknowledged_with_the_message_and_not_before) {
    follow({ready()
                .send(keyed("k", qos1(1)))
                .send(keyed("k", qos1(2)))
                .send(qos1(3))
                .wait_until("copied", [this] { return sums().copies == 1; })
                .expect_nothing(50ms)
                .run("go", [this](auto&) { succeed(0); })
                .expect(puback(1))
                .expect(puback(2))
                .send(keyed("k", qos1(4)))
                .run("the last", [this](auto&) { succeed(1); })
                .expect(puback(3))
                .expect(puback(4))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    EXPECT_EQ(script_result(), "");
    EXPECT_THAT(intake.payloads(), ElementsAre("1", "3"));
    EXPECT_EQ(sums().copies, 2u);
}

TEST_F(copies_by_key, one_of_a_message_that_is_given_up_comes_anew) {
    options.on_failure = on_failure::noop;
    options.redelivery.max_attempts = 1;
    options.redelivery.then = after_attempts::hold;
    auto repeated = keyed("k", qos1(2, true));
    follow(
        {ready()
             .send(keyed("k", qos1(1)))
             .send(keyed("k", qos1(2)))
             .wait_until("copied", [this] { return sums().copies == 1; })
             .run("fail", [this](auto&) { fail(0); })
             .send(qos1(3))
             .wait_until("seen", [this] { return intake.messages() == 2; })
             .run("done", [this](auto&) { succeed(1); })
             .expect(puback(3))
             .close(),
         conversation{}.accept({.session_present = true}).send(repeated).wait_until("again", [this] {
             return intake.messages() == 3;
         })});
    start();
    ASSERT_TRUE(intake.wait_for_messages(3));
    EXPECT_EQ(script_result(), "");
    EXPECT_THAT(intake.payloads(), ElementsAre("1", "3", "2"));
}

TEST_F(copies_by_key, one_of_a_message_that_is_lost_is_won_back_by_resuming) {
    options.max_inflight = 4;
    options.stall_after = 80ms;
    follow(
        {ready()
             .send(keyed("k", publish_packet("x", mqtt::qos::at_most_once)))
             .send(keyed("k", qos1(1)))
             .wait_until("copied", [this] { return sums().copies == 1; })
             .run("fail", [this](auto&) { fail(0); })
             .expect(mqtt::disconnect{})
             .expect_eof(),
         conversation{}
             .accept({.session_present = true})
             .send(keyed("k", qos1(1, true)))
             .wait_until("anew", [this] { return intake.messages() == 2; })
             .run("done", [this](auto&) { succeed(1); })
             .expect(puback(1))});
    start();
    EXPECT_EQ(script_result(), "");
    EXPECT_TRUE(eventually([&] { return sums().window_used == 0; }));
}

TEST_F(copies_by_key, those_that_wait_are_forgotten_with_the_session) {
    follow(
        {ready()
             .send(keyed("k", qos1(1)))
             .send(keyed("k", qos1(2)))
             .wait_until("copied", [this] { return sums().copies == 1; })
             .close(),
         ready(false)
             .wait_until("all free", [this] { return producer_->window() == 100; })
             .send(keyed("k", qos1(3)))
             .wait_until("copied", [this] { return sums().copies == 2; })
             .run("done", [this](auto&) { succeed(0); })
             .expect(puback(3))
             .expect_nothing(50ms)});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(intake.messages(), 1u);
    EXPECT_EQ(producer_->window(), 100u);
    EXPECT_TRUE(eventually([&] { return sums().stale_acks == 1; })) << "that of the first";
}

TEST_F(copies_by_key, one_waits_through_the_attempts_of_its_message_and_holds_up_nothing) {
    options.redelivery = {.min = 100ms, .max = 200ms, .skip_after = 1ms};
    follow({ready()
                .send(keyed("k", qos1(1)))
                .send(keyed("k", qos1(2)))
                .send(qos1(3))
                .wait_until("copied", [this] { return sums().copies == 1 && intake.messages() == 2; })
                .run(
                    "fail",
                    [this](auto&) {
                        fail(0);
                        succeed(1);
                    })
                .expect(puback(3))});
    start();
    EXPECT_EQ(script_result(), "");
    ASSERT_TRUE(intake.wait_for_messages(3));
    EXPECT_THAT(intake.payloads(), ElementsAre("1", "3", "1"));
}

TEST_F(copies_by_key, one_that_comes_late_holds_up_nothing_either) {
    options.redelivery = {.min = 10s, .max = 20s, .skip_after = 1ms};
    follow({ready()
                .send(keyed("k", qos1(1)))
                .wait_until("first", [this] { return intake.messages() == 1; })
                .run("fail", [this](auto&) { fail(0); })
                .wait_until("passed over", [this] { return sums().deferred == 1; })
                .send(keyed("k", qos1(2)))
                .wait_until("copied", [this] { return sums().copies == 1; })
                .send(qos1(3))
                .wait_until("third", [this] { return intake.messages() == 2; })
                .run("done", [this](auto&) { succeed(1); })
                .expect(puback(3))});
    start();
    EXPECT_EQ(script_result(), "");
}

TEST_F(copies_by_key, one_is_acknowledged_with_the_application) {
    options.on_success = on_success::noop;
    follow({ready()
                .send(keyed("k", qos1(1)))
                .send(keyed("k", qos1(2)))
                .wait_until("copied", [this] { return sums().copies == 1; })
                .run("processed", [this](auto&) { succeed(0); })
                .expect_nothing(50ms)
                .run("acknowledge", [this](auto&) { intake.seen().entries[0].value.acknowledge(); })
                .expect(puback(1))
                .expect(puback(2))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    EXPECT_EQ(script_result(), "");
}

TEST_F(copies_by_key, a_function_may_find_it_and_may_fail) {
    options.idempotency_key = {
        .function =
            [](const mqtt::publish& p) {
                if (p.payload.text() == "bad") throw std::runtime_error("no key");
                return std::string(p.payload.text());
            },
        .entries = 10};
    follow({ready()
                .send(at_qos1(1, "x"))
                .send(at_qos1(2, "bad"))
                .send(at_qos1(3, "x"))
                .send(at_qos1(4, "bad"))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(3));
    ASSERT_TRUE(wait_for_copies(1));
    EXPECT_THAT(intake.payloads(), ElementsAre("x", "bad", "bad"));
}

class copies_of_overlapping_filters : public copies_of {
  protected:
    copies_of_overlapping_filters() {
        options.topics = {
            {"a/#", mqtt::qos::at_least_once},
            {"a/+", mqtt::qos::at_least_once},
            {"b", mqtt::qos::at_least_once}};
        options.overlap = overlap::dedup;
    }

    static conversation subscribed() {
        return conversation{}
            .accept({.session_present = false})
            .grant_subscribe()
            .grant_subscribe()
            .grant_subscribe();
    }

    [[nodiscard]] std::uint32_t identifier(std::string_view filter) const {
        for (const auto& [text, number] : identified_filters(options))
            if (text == filter) return number;
        return 0;
    }

    [[nodiscard]] mqtt::publish by(std::vector<std::string_view> filters, mqtt::publish p) const {
        for (const auto f : filters)
            p.props.append({mqtt::property_id::subscription_identifier, identifier(f)});
        return on_topic("a/1", std::move(p));
    }
};

TEST_F(copies_of_overlapping_filters, those_that_overlap_have_identifiers_of_their_own) {
    const auto ids = identified_filters(options);
    ASSERT_EQ(ids.size(), 2u);
    EXPECT_NE(ids[0].second, ids[1].second);
    const auto before = identifier("a/+");
    std::swap(options.topics[0], options.topics[1]);
    EXPECT_EQ(identifier("a/+"), before);
    EXPECT_EQ(subscription_groups(options).size(), 3u);
    EXPECT_EQ(subscription_groups(options)[0].filters[0].filter, "b");
    EXPECT_FALSE(subscription_groups(options)[0].identifier);
}

TEST_F(copies_of_overlapping_filters, a_copy_for_the_other_filter_is_not_processed) {
    follow({subscribed()
                .send(by({"a/#"}, at_qos1(1, "x")))
                .send(by({"a/+"}, at_qos1(2, "x")))
                .wait_until("copied", [this] { return sums().copies == 1; })
                .expect_nothing(50ms)
                .run("go", [this](auto&) { succeed(0); })
                .expect(puback(1))
                .expect(puback(2))});
    start();
    EXPECT_EQ(script_result(), "");
    EXPECT_THAT(intake.payloads(), ElementsAre("x"));
}

TEST_F(copies_of_overlapping_filters, the_same_content_twice_is_processed_twice) {
    follow({subscribed()
                .send(by({"a/+"}, at_qos1(1, "x")))
                .send(by({"a/#"}, at_qos1(2, "x")))
                .send(by({"a/+"}, at_qos1(3, "x")))
                .send(by({"a/#"}, at_qos1(4, "x")))
                .send(by({"a/#", "a/+"}, at_qos1(5, "x")))
                .wait_until("all", [this] { return intake.messages() == 3 && sums().copies == 2; })});
    start();
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(intake.messages(), 3u);
}

TEST_F(copies_of_overlapping_filters, of_a_message_that_fails_stay_unacknowledged_with_it) {
    options.redelivery = {.min = 10s, .max = 10s, .skip_after = 10s};
    follow({subscribed()
                .send(by({"a/#"}, at_qos1(1, "x")))
                .send(by({"a/+"}, at_qos1(2, "x")))
                .wait_until("copied", [this] { return sums().copies == 1; })
                .run("fail", [this](auto&) { fail(0); })
                .expect_nothing(50ms)});
    start();
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(intake.messages(), 1u);
    EXPECT_EQ(sums().acked, 0u);
    EXPECT_EQ(producer_->window(), 98u) << "each has its slot";
}

/// The broker may send one copy for all, and name one subscription or all of them [MQTT 5.0, 3.3.4].
TEST_F(copies_of_overlapping_filters, one_copy_alone_is_a_message) {
    follow({subscribed()
                .send(by({"a/+"}, at_qos1(1, "x")))
                .send(by({"a/#", "a/+"}, at_qos1(2, "y")))
                .wait_until("both", [this] { return intake.messages() == 2; })
                .run("first", [this](auto&) { succeed(0); })
                .expect(puback(1))
                .run("second", [this](auto&) { succeed(1); })
                .expect(puback(2))});
    start();
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(sums().copies, 0u);
}

TEST_F(copies_of_overlapping_filters, in_doubt_a_message_is_new) {
    auto unknown = on_topic("a/1", at_qos1(3, "x"));
    unknown.props.append({mqtt::property_id::subscription_identifier, std::uint32_t{1}});
    follow({subscribed()
                .send(on_topic("a/1", at_qos1(1, "x")))
                .send(on_topic("a/1", at_qos1(2, "x")))
                .send(unknown)
                .wait_until("all", [this] { return intake.messages() == 3; })});
    start();
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(sums().copies, 0u);
}

TEST_F(copies_of_overlapping_filters, a_copy_of_qos_0_does_not_acknowledge_too_early) {
    follow({subscribed()
                .send(by({"a/#"}, publish_packet("x", mqtt::qos::at_most_once)))
                .send(by({"a/+"}, at_qos1(1, "x")))
                .wait_until("copied", [this] { return sums().copies == 1; })
                .expect_nothing(50ms)
                .run("go", [this](auto&) { succeed(0); })
                .expect(puback(1))});
    start();
    EXPECT_EQ(script_result(), "");
}

TEST_F(copies_of_overlapping_filters, one_that_takes_the_place_of_a_failed_message_hides_no_other) {
    follow({subscribed()
                .send(by({"a/#"}, publish_packet("x", mqtt::qos::at_most_once)))
                .wait_until("first", [this] { return intake.messages() == 1; })
                .run("lost", [this](auto&) { fail(0); })
                .send(by({"a/+"}, at_qos1(1, "x")))
                .wait_until("its copy", [this] { return intake.messages() == 2; })
                .run("processed", [this](auto&) { succeed(1); })
                .expect(puback(1))
                .send(by({"a/#"}, publish_packet("x", mqtt::qos::at_most_once)))
                .wait_until("second", [this] { return intake.messages() == 3; })
                .send(by({"a/+"}, at_qos1(2, "x")))
                .expect_nothing(50ms)
                .run("processed", [this](auto&) { succeed(2); })
                .expect(puback(2))});
    start();
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(sums().copies, 1u);
}

TEST_F(copies_of_overlapping_filters, each_shares_the_outcome_of_its_own_message) {
    follow({subscribed()
                .send(by({"a/#"}, publish_packet("x", mqtt::qos::at_most_once)))
                .send(by({"a/#"}, publish_packet("x", mqtt::qos::at_most_once)))
                .wait_until("both", [this] { return intake.messages() == 2; })
                .run("the second", [this](auto&) { succeed(1); })
                .send(by({"a/+"}, at_qos1(1, "x")))
                .wait_until("copied", [this] { return sums().copies == 1; })
                .expect_nothing(50ms)
                .run("the first", [this](auto&) { succeed(0); })
                .expect(puback(1))
                .send(by({"a/+"}, at_qos1(2, "x")))
                .expect(puback(2))});
    start();
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(intake.messages(), 2u);
}

TEST_F(copies_of_overlapping_filters, a_broker_without_identifiers_ends_it) {
    mqtt::connack c;
    c.props.set(mqtt::property_id::subscription_identifiers_available, 0);
    follow({conversation{}.accept(c)});
    start();
    ASSERT_TRUE(intake.wait_for([](const auto& r) { return r.failure.has_value(); }));
    EXPECT_EQ(intake.seen().failure->code, errc::subscription_refused);
}

} // namespace
} // namespace weir::connector
