// SUBSCRIBE, UNSUBSCRIBE, and what becomes of the subscriptions.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;
using namespace std::chrono_literals;

std::vector<reason_code> codes(std::initializer_list<int> list) {
    std::vector<reason_code> out;
    for (const int code : list)
        out.push_back(static_cast<reason_code>(code));
    return out;
}

std::vector<subscription> asked_for(const session& s) {
    std::vector<subscription> all;
    for (auto& one : s.subscriptions())
        all.push_back(one.asked);
    return all;
}

class session_calls : public testing::TestWithParam<protocol_version> {
  protected:
    session_driver d{lasting(GetParam())};
    bool v5 = GetParam() == protocol_version::v5;

    operation_id subscribe_to(std::vector<subscription> list, properties props = {}) {
        return d.client.subscribe(std::move(list), std::move(props), d.now).value();
    }

    /// Takes one SUBSCRIBE of the client's output and grants what it asks for.
    subscribe grant() {
        const auto out = d.sent();
        EXPECT_EQ(out.size(), 1u);
        auto asked = std::get<subscribe>(out.at(0));
        suback answer{asked.packet_id, {}, {}};
        for (const auto& s : asked.subscriptions)
            answer.codes.push_back(static_cast<reason_code>(s.qos));
        d.server(answer);
        return asked;
    }
};

INSTANTIATE_TEST_SUITE_P(
    versions, session_calls, testing::Values(protocol_version::v4, protocol_version::v5),
    [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST_P(session_calls, a_result_for_every_filter) {
    d.accept(false);
    const std::vector<subscription> asked{{"a", qos::at_most_once}, {"b", qos::exactly_once}, {"c"}};
    const auto operation = subscribe_to(asked);
    const auto sent = std::get<subscribe>(d.sent().at(0));
    EXPECT_EQ(sent.subscriptions, asked);
    d.server(suback{sent.packet_id, codes({0, 1, 0x80}), {}});
    const auto done = d.last<subscribe_done>();
    EXPECT_EQ(done.operation, operation);
    EXPECT_EQ(done.failed, error{errc::rejected});
    EXPECT_EQ(done.asked, asked);
    EXPECT_EQ(done.codes, codes({0, 1, 0x80}));
    EXPECT_EQ(asked_for(d.client), (std::vector<subscription>{asked[0], asked[1]}));
}

TEST_P(session_calls, success_has_no_error) {
    d.accept(false);
    subscribe_to({{"a", qos::exactly_once}});
    d.server(suback{std::get<subscribe>(d.sent().at(0)).packet_id, codes({1}), {}}); // lower than asked
    EXPECT_FALSE(d.last<subscribe_done>().failed);
}

TEST_P(session_calls, bad_calls_are_refused_at_once) {
    EXPECT_EQ(d.client.subscribe({}, {}, d.now).error(), error{errc::topic_filter_invalid});
    EXPECT_EQ(d.client.subscribe({{"a#"}}, {}, d.now).error(), error{errc::topic_filter_invalid});
    EXPECT_EQ(d.client.subscribe({{"$share/g"}}, {}, d.now).error(), error{errc::topic_filter_invalid});
    EXPECT_EQ(d.client.unsubscribe({}, d.now).error(), error{errc::topic_filter_invalid});
    subscription local{"a"};
    local.no_local = true;
    EXPECT_EQ(d.client.subscribe({local}, {}, d.now).has_value(), v5);
    local.filter = "$share/g/a";
    EXPECT_FALSE(d.client.subscribe({local}, {}, d.now));
}

TEST_P(session_calls, calls_are_bounded) {
    for (int i = 0; i < 1'000; ++i)
        subscribe_to({{"a"}});
    EXPECT_EQ(d.client.subscribe({{"a"}}, {}, d.now).error(), error{errc::queue_full});
}

TEST_P(session_calls, unsubscribing_has_a_result_for_every_filter) {
    d.accept(false);
    subscribe_to({{"a"}, {"b"}});
    grant();
    const auto operation = d.client.unsubscribe({"a", "x"}, d.now).value();
    const auto sent = std::get<unsubscribe>(d.sent().at(0));
    EXPECT_EQ(sent.filters, (std::vector<std::string>{"a", "x"}));
    EXPECT_EQ(d.client.subscriptions().size(), 2u); // until the answer comes
    d.server(unsuback{sent.packet_id, v5 ? codes({0, 0x11}) : codes({}), {}});
    const auto done = d.last<unsubscribe_done>();
    EXPECT_EQ(done.operation, operation);
    EXPECT_FALSE(done.failed);
    EXPECT_EQ(done.codes, v5 ? codes({0, 0x11}) : codes({0, 0}));
    EXPECT_EQ(asked_for(d.client), (std::vector<subscription>{{"b"}}));
}

TEST_P(session_calls, unsubscribing_carries_properties_both_ways) {
    d.accept(false);
    properties props;
    props.add_user_property("a", "b");
    const auto asked = d.client.unsubscribe({"a"}, d.now, props);
    if (!v5) {
        EXPECT_FALSE(asked);
        return;
    }
    ASSERT_TRUE(asked);
    const auto sent = std::get<unsubscribe>(d.sent().at(0));
    EXPECT_EQ(sent.props, props);
    d.server(unsuback{sent.packet_id, codes({0}), props});
    EXPECT_EQ(d.last<unsubscribe_done>().props, props);
}

TEST_P(session_calls, a_wrong_number_of_codes_ends_the_connection) {
    d.accept(false);
    subscribe_to({{"a"}, {"b"}});
    d.server(suback{std::get<subscribe>(d.sent().at(0)).packet_id, codes({0}), {}});
    EXPECT_EQ(d.last<close_requested>().reason, error{errc::protocol_error});
    EXPECT_EQ(d.count<subscribe_done>(), 0u); // it is sent again on the next connection
    d.reconnect(true);
    grant();
    EXPECT_EQ(d.count<subscribe_done>(), 1u);
}

TEST_P(session_calls, unknown_answers_are_counted) {
    d.accept(false);
    d.server({suback{9, codes({0}), {}}, unsuback{8, v5 ? codes({0}) : codes({}), {}}});
    EXPECT_EQ(d.client.stats().unexpected_acks, 2u);
    EXPECT_TRUE(d.client.is_connected());
}

TEST_P(session_calls, messages_are_taken_before_suback_and_after_unsuback) {
    d.accept(false);
    subscribe_to({{"t"}});
    d.server(qos1(1));
    d.ack({d.token(0)});
    const auto out = d.sent();
    EXPECT_EQ(out.back(), packet{puback(1)});
    d.server(qos1(2));
    EXPECT_EQ(d.count<message_received>(), 2u);
}

TEST_P(session_calls, no_answer_in_time_is_a_timeout_and_the_id_stays_taken) {
    auto o = lasting(GetParam());
    o.ack_timeout = 3s;
    o.keepalive = 0s;
    session_driver t{o};
    t.accept(false);
    ASSERT_TRUE(t.client.subscribe({{"a"}}, {}, t.now));
    EXPECT_EQ(std::get<subscribe>(t.sent().at(0)).packet_id, 1);
    t.wait(2999ms);
    EXPECT_EQ(t.count<subscribe_done>(), 0u);
    t.wait(1ms);
    EXPECT_EQ(t.last<subscribe_done>().failed, error{errc::ack_timeout});
    for (int i = 0; i < 65'534; ++i) {
        ASSERT_TRUE(t.client.publish(to_publish(qos::at_least_once), t.now, t.happened));
        const auto id = std::get<publish>(t.sent().at(0)).packet_id;
        ASSERT_NE(id, 1);
        t.server(puback(id));
        t.forget();
    }
    t.server(suback{1, codes({0}), {}}); // late
    EXPECT_EQ(t.count<subscribe_done>(), 0u);
    EXPECT_TRUE(t.client.subscriptions().empty());
    ASSERT_TRUE(t.client.subscribe({{"b"}}, {}, t.now));
    EXPECT_EQ(std::get<subscribe>(t.sent().at(0)).packet_id, 1);
}

TEST_P(session_calls, a_subscription_without_an_answer_does_not_hold_up_the_others) {
    auto o = lasting(GetParam());
    o.ack_timeout = 3s;
    o.keepalive = 0s;
    session_driver t{o};
    ASSERT_TRUE(t.client.subscribe({{"a"}}, {}, t.now));
    t.accept(false);
    EXPECT_EQ(t.count<session_ready>(), 0u);
    t.wait(3s);
    EXPECT_EQ(t.last<subscribe_done>().failed, error{errc::ack_timeout});
    EXPECT_EQ(t.count<session_ready>(), 1u);
}

TEST_P(session_calls, a_call_that_lost_its_connection_is_sent_again_and_its_time_runs_on) {
    auto o = lasting(GetParam());
    o.ack_timeout = 3s;
    o.keepalive = 0s;
    session_driver t{o};
    t.accept(false);
    ASSERT_TRUE(t.client.subscribe({{"a"}}, {}, t.now));
    ASSERT_TRUE(t.client.unsubscribe({"b"}, t.now));
    EXPECT_EQ(t.sent().size(), 2u);
    t.wait(2s);
    t.reconnect(true);
    const auto out = t.sent();
    ASSERT_EQ(out.size(), 2u);
    EXPECT_TRUE(std::holds_alternative<subscribe>(out[0]));
    EXPECT_TRUE(std::holds_alternative<unsubscribe>(out[1]));
    t.wait(1s);
    EXPECT_EQ(t.last<subscribe_done>().failed, error{errc::ack_timeout});
    EXPECT_EQ(t.last<unsubscribe_done>().failed, error{errc::ack_timeout});
    // A later call has a time of its own.
    ASSERT_TRUE(t.client.subscribe({{"c"}}, {}, t.now));
    t.wait(2s);
    EXPECT_EQ(t.count<subscribe_done>(), 1u);
    t.wait(1s);
    EXPECT_EQ(t.count<subscribe_done>(), 2u);
}

// ---- readiness and resubscribing

TEST_P(session_calls, ready_follows_the_first_suback) {
    subscribe_to({{"a"}});
    d.accept(false);
    EXPECT_EQ(d.count<session_ready>(), 0u);
    grant();
    EXPECT_EQ(d.count<session_ready>(), 1u);
    subscribe_to({{"b"}});
    grant();
    EXPECT_EQ(d.count<session_ready>(), 1u); // once per connection
}

TEST_P(session_calls, a_lost_session_is_subscribed_again_before_it_is_ready) {
    d.accept(false);
    std::vector<subscription> asked{{"a", qos::at_least_once}, {"b", qos::exactly_once}};
    if (v5) asked[1].retain_handling = retain_handling::do_not_send;
    subscribe_to(asked);
    grant();
    d.forget();
    d.reconnect(false);
    EXPECT_EQ(d.count<session_ready>(), 0u);
    EXPECT_TRUE(d.client.subscriptions().empty());
    EXPECT_EQ(grant().subscriptions, asked);
    EXPECT_EQ(d.last<subscribe_done>().operation, 0u);
    EXPECT_EQ(d.count<session_ready>(), 1u);
    EXPECT_EQ(asked_for(d.client), asked);
}

// A program that subscribes at its start, on a session that an earlier one left.
TEST_P(session_calls, a_filter_that_a_call_subscribes_to_is_not_subscribed_to_twice) {
    d.accept(false);
    ASSERT_TRUE(d.client.subscribe({{.filter = "f"}, {.filter = "g"}}, {}, d.now));
    (void)d.sent();
    d.server(suback{.packet_id = 1, .codes = {2, reason_code::granted_qos_0}});
    d.lose();
    ASSERT_TRUE(d.client.subscribe({{.filter = "f"}}, {}, d.now));
    d.accept(false);
    std::vector<std::string> filters;
    for (const auto& p : d.sent())
        for (const auto& asked : std::get<subscribe>(p).subscriptions)
            filters.push_back(asked.filter);
    EXPECT_EQ(filters, (std::vector<std::string>{"g", "f"}));
}

TEST_P(session_calls, a_resumed_session_is_ready_at_once) {
    d.accept(false);
    subscribe_to({{"a"}});
    grant();
    d.forget();
    d.reconnect(true);
    EXPECT_EQ(d.count<session_ready>(), 1u);
    EXPECT_EQ(d.sent(), packets());
}

TEST_P(session_calls, always_and_never) {
    for (const auto when : {resubscribe::always, resubscribe::never}) {
        auto o = lasting(GetParam());
        o.resubscribe = when;
        session_driver t{o};
        t.accept(false);
        ASSERT_TRUE(t.client.subscribe({{"a"}}, {}, t.now));
        t.server(suback{std::get<subscribe>(t.sent().at(0)).packet_id, codes({0}), {}});
        t.reconnect(when == resubscribe::always);
        EXPECT_EQ(t.sent().size(), when == resubscribe::always ? 1u : 0u);
    }
}

TEST_P(session_calls, an_unfinished_resubscription_goes_on_when_the_new_session_is_resumed) {
    d.accept(false);
    subscribe_to({{"a"}});
    grant();
    d.reconnect(false);
    EXPECT_EQ(d.sent().size(), 1u); // no answer comes
    d.forget();
    d.reconnect(true);
    EXPECT_EQ(d.count<session_ready>(), 0u);
    grant();
    EXPECT_EQ(d.count<session_ready>(), 1u);
    d.reconnect(false);
    EXPECT_EQ(d.sent().size(), 1u);
    d.reconnect(false);
    EXPECT_EQ(d.sent().size(), 1u); // not once for each loss
}

TEST_P(session_calls, unsubscribed_filters_stay_away) {
    d.accept(false);
    subscribe_to({{"a"}, {"b"}});
    grant();
    ASSERT_TRUE(d.client.unsubscribe({"a"}, d.now));
    const auto id = std::get<unsubscribe>(d.sent().at(0)).packet_id;
    d.server(unsuback{id, v5 ? codes({0}) : codes({}), {}});
    d.reconnect(false);
    EXPECT_EQ(grant().subscriptions, (std::vector<subscription>{{"b"}}));
}

TEST(session_calls_v3, subscribes_again_on_every_connection_and_sends_again_too) {
    session_driver d{lasting(protocol_version::v3)};
    d.accept(false);
    ASSERT_TRUE(d.client.subscribe({{"a"}}, {}, d.now));
    d.server(suback{std::get<subscribe>(d.sent().at(0)).packet_id, codes({0}), {}});
    ASSERT_TRUE(d.client.publish(to_publish(qos::at_least_once), d.now, d.happened));
    (void)d.sent();
    d.reconnect(false);
    const auto out = d.sent();
    ASSERT_EQ(out.size(), 2u);
    EXPECT_TRUE(std::get<publish>(out[0]).dup);
    EXPECT_TRUE(std::holds_alternative<subscribe>(out[1]));
}

class session_calls_v5 : public testing::Test {
  protected:
    session_driver d{lasting()};
};

TEST_F(session_calls_v5, identifiers_are_sent_kept_and_shown) {
    d.accept(false);
    properties props;
    props.set(property_id::subscription_identifier, 7u);
    ASSERT_TRUE(d.client.subscribe({{"a"}}, props, d.now));
    auto sent = std::get<subscribe>(d.sent().at(0));
    EXPECT_EQ(sent.props, props);
    d.server(suback{sent.packet_id, codes({0}), {}});
    auto p = qos0();
    p.props.append({property_id::subscription_identifier, 7u});
    p.props.append({property_id::subscription_identifier, 8u});
    d.server(p);
    EXPECT_EQ(d.last<message_received>().received.props, p.props);
    d.reconnect(false);
    sent = std::get<subscribe>(d.sent().at(0));
    EXPECT_EQ(sent.props, props);
}

TEST_F(session_calls_v5, a_call_too_large_for_one_packet_is_split_and_answered_once) {
    connack small;
    small.props.set(property_id::maximum_packet_size, 100u);
    d.accept(small);
    std::vector<subscription> asked;
    for (int i = 0; i < 50; ++i)
        asked.push_back({"topic/" + std::to_string(i)});
    ASSERT_TRUE(d.client.subscribe(asked, {}, d.now));
    const auto out = d.sent();
    EXPECT_GT(out.size(), 5u);
    std::vector<subscription> seen;
    for (const auto& p : out) {
        EXPECT_LE(encoded_size(p, protocol_version::v5), 100u);
        const auto& part = std::get<subscribe>(p);
        seen.insert(seen.end(), part.subscriptions.begin(), part.subscriptions.end());
    }
    EXPECT_EQ(seen, asked);
    for (auto p = out.rbegin(); p != out.rend(); ++p) { // answers in another order
        EXPECT_EQ(d.count<subscribe_done>(), 0u);
        const auto& part = std::get<subscribe>(*p);
        suback answer{part.packet_id, {}, {}};
        for (const auto& s : part.subscriptions)
            answer.codes.push_back(
                s.filter == "topic/7" ? reason_code::not_authorized : reason_code::success);
        d.server(answer);
    }
    const auto done = d.last<subscribe_done>();
    ASSERT_EQ(done.codes.size(), 50u);
    EXPECT_EQ(done.codes[7], reason_code::not_authorized);
    EXPECT_EQ(std::count(done.codes.begin(), done.codes.end(), reason_code::success), 49);
    EXPECT_EQ(d.client.subscriptions().size(), 49u);
}

TEST_F(session_calls_v5, a_filter_larger_than_any_packet_fails) {
    connack small;
    small.props.set(property_id::maximum_packet_size, 20u);
    d.accept(small);
    EXPECT_EQ(d.client.subscribe({{std::string(30, 'x')}}, {}, d.now).error(), error{errc::packet_too_large});
}

TEST_F(session_calls_v5, limits_are_kept_before_sending) {
    connack c;
    c.props.set(property_id::wildcard_subscription_available, 0u);
    c.props.set(property_id::shared_subscription_available, 0u);
    c.props.set(property_id::subscription_identifiers_available, 0u);
    ASSERT_TRUE(d.client.subscribe({{"before/#"}}, {}, d.now));
    d.accept(c);
    EXPECT_EQ(d.last<subscribe_done>().failed, error{errc::wildcard_not_supported});
    EXPECT_EQ(d.client.subscribe({{"+"}}, {}, d.now).error(), error{errc::wildcard_not_supported});
    EXPECT_EQ(d.client.subscribe({{"$share/g/a"}}, {}, d.now).error(), error{errc::shared_not_supported});
    properties props;
    props.set(property_id::subscription_identifier, 1u);
    EXPECT_EQ(d.client.subscribe({{"a"}}, props, d.now).error(), error{errc::subid_not_supported});
    EXPECT_EQ(d.sent(), packets());
}

} // namespace
} // namespace weir::mqtt
