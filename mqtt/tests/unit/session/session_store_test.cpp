#include "unit/store_driver.hpp"

#include <gmock/gmock.h>

/// Sessions whose process ends, and what the next one makes of the store.
namespace weir::mqtt {
namespace {

using namespace test;
using kind = stored_record::kind;

// ---- out

TEST(session_store, a_publish_is_sent_when_it_is_durable) {
    virtual_disk disk;
    store_driver d{disk};
    d.come_up(false);
    const auto operation = d.publish(qos::at_least_once, "a");
    EXPECT_EQ(d.sent(), packets());
    EXPECT_EQ(d.count<publish_stored>(), 0u);
    d.flush();
    EXPECT_EQ(payloads(d.sent()), std::vector<std::string>{"a"});
    EXPECT_EQ(d.last<publish_stored>().operation, operation.value());
}

TEST(session_store, qos0_does_not_wait_for_it) {
    virtual_disk disk;
    store_driver d{disk};
    d.come_up(false);
    (void)d.publish(qos::at_most_once, "a");
    EXPECT_EQ(payloads(d.sent()), std::vector<std::string>{"a"});
}

TEST(session_store, without_room_publishes_fail_and_are_counted) {
    virtual_disk disk;
    auto o = lasting();
    o.store.bytes = 1 << 20;
    store_driver d{disk, o};
    d.come_up(false);
    const std::string large(600'000, 'x');
    EXPECT_TRUE(d.publish(qos::at_least_once, large));
    EXPECT_EQ(d.client.stats().store_refused, 0u);
    for (const auto level : {qos::at_least_once, qos::exactly_once})
        EXPECT_EQ(d.publish(level, large).error().code, errc::store_full);
    EXPECT_TRUE(d.publish(qos::at_most_once, "needs none"));
    EXPECT_EQ(d.client.stats().store_refused, 2u);
    d.flush();
    d.server(puback(as_sent(d.sent(), 1).packet_id));
    d.flush();
    EXPECT_TRUE(d.publish(qos::at_least_once, large)) << "the answer has made room";
    EXPECT_EQ(d.client.stats().store_refused, 2u);
}

TEST(session_store, an_unanswered_publish_is_sent_again_by_the_next_process_under_its_id) {
    for (const auto level : {qos::at_least_once, qos::exactly_once}) {
        virtual_disk disk;
        publish first;
        {
            store_driver d{disk};
            d.come_up(false);
            (void)d.publish(level, "a");
            d.flush();
            first = as_sent(d.sent(), 0);
        }
        store_driver d{disk};
        EXPECT_FALSE(d.open().clean_start);
        d.server(connack{true, 0, {}});
        EXPECT_EQ(d.sent(), packets(dup(first)));
        d.server(level == qos::at_least_once ? puback(first.packet_id) : pubrec(first.packet_id));
        d.flush();
        d.server(level == qos::at_least_once ? pingresp{} : packet{pubcomp(first.packet_id)});
        d.flush();
        EXPECT_EQ(disk.count(kind::message) + disk.count(kind::flight), 0u);
    }
}

TEST(session_store, what_was_never_sent_goes_out_in_order_and_for_the_first_time) {
    virtual_disk disk;
    {
        store_driver d{disk};
        for (const char* text : {"a", "b", "c"})
            (void)d.publish(qos::exactly_once, text);
        d.flush();
        EXPECT_EQ(d.count<publish_stored>(), 3u);
    }
    store_driver d{disk};
    (void)d.publish(qos::exactly_once, "d");
    d.come_up(true);
    const auto out = d.sent();
    EXPECT_EQ(payloads(out), (std::vector<std::string>{"a", "b", "c", "d"}));
    for (std::size_t i = 0; i < 4; ++i)
        EXPECT_FALSE(as_sent(out, i).dup);
}

TEST(session_store, a_message_that_was_not_durable_is_not_there) {
    virtual_disk disk;
    {
        store_driver d{disk};
        (void)d.publish(qos::at_least_once, "a");
    }
    store_driver d{disk};
    d.come_up(true);
    EXPECT_EQ(d.sent(), packets());
}

TEST(session_store, pubrel_leaves_when_the_pubrec_is_durable_and_then_the_message_is_never_sent_again) {
    virtual_disk disk;
    std::uint16_t id = 0;
    {
        store_driver d{disk};
        d.come_up(false);
        (void)d.publish(qos::exactly_once, "a");
        d.flush();
        id = as_sent(d.sent(), 0).packet_id;
        d.server(pubrec(id));
        EXPECT_EQ(d.sent(), packets());
        d.server(pubrec(id)); // once more
        EXPECT_EQ(d.sent(), packets());
        d.flush();
        EXPECT_EQ(d.sent(), packets(pubrel(id)));
    }
    store_driver d{disk};
    d.come_up(true);
    EXPECT_EQ(d.sent(), packets(pubrel(id)));
    d.server(pubcomp(id));
    d.flush();
    EXPECT_EQ(disk.count(kind::flight), 0u);
}

TEST(session_store, with_the_session_lost_qos1_is_published_anew_and_qos2_in_flight_fails) {
    virtual_disk disk;
    {
        store_driver d{disk};
        d.come_up(false);
        (void)d.publish(qos::at_least_once, "one");
        (void)d.publish(qos::exactly_once, "two");
        d.flush();
        EXPECT_EQ(d.sent().size(), 2u);
        d.lose();
        (void)d.publish(qos::exactly_once, "never sent");
        d.flush();
    }
    store_driver d{disk};
    d.accept(false);
    d.flush();
    EXPECT_EQ(d.count<session_lost>(), 1u);
    EXPECT_EQ(d.let_go(dropped::what::stored_publish), 1u);
    const auto out = d.sent();
    EXPECT_EQ(payloads(out), (std::vector<std::string>{"one", "never sent"}));
    EXPECT_FALSE(as_sent(out, 0).dup);
    EXPECT_EQ(disk.count(kind::message), 2u);
}

TEST(session_store, beyond_the_window_messages_get_their_ids_as_it_moves) {
    virtual_disk disk;
    auto o = lasting();
    o.max_inflight = 2;
    store_driver d{disk, o};
    d.come_up(false);
    for (int i = 0; i < 20; ++i)
        (void)d.publish(qos::at_least_once, std::to_string(i));
    std::vector<std::string> arrived;
    for (int round = 0; round < 100 && arrived.size() < 20; ++round) {
        d.flush();
        for (const auto& p : d.sent()) {
            arrived.emplace_back(std::get<publish>(p).payload.text());
            d.server(puback(std::get<publish>(p).packet_id));
        }
    }
    EXPECT_EQ(arrived.size(), 20u);
    EXPECT_TRUE(std::is_sorted(arrived.begin(), arrived.end(), [](const auto& a, const auto& b) {
        return std::stoi(a) < std::stoi(b);
    }));
    d.flush();
    EXPECT_EQ(disk.count(kind::message) + disk.count(kind::flight), 0u);
    EXPECT_EQ(d.count<publish_done>(), 20u);
}

TEST(session_store, cancelled_and_expired_messages_leave_it) {
    virtual_disk disk;
    store_driver d{disk};
    auto late = to_publish(qos::at_least_once, "late");
    late.deadline = std::chrono::seconds{1};
    (void)d.client.publish(std::move(late), d.now, d.happened);
    const auto cancelled = d.publish(qos::exactly_once, "cancelled");
    d.flush();
    EXPECT_EQ(disk.count(kind::message), 2u);
    d.client.cancel(*cancelled, d.now, d.happened);
    d.wait(std::chrono::seconds{2});
    d.flush();
    EXPECT_EQ(disk.count(kind::message), 0u);
}

TEST(session_store, at_the_end_of_the_object_its_messages_stay) {
    virtual_disk disk;
    {
        store_driver d{disk};
        d.come_up(false);
        (void)d.publish(qos::at_least_once, "sent");
        d.flush();
        (void)d.sent();
        d.lose();
        (void)d.publish(qos::at_least_once, "waiting");
        d.client.abort(d.happened);
        d.flush();
        EXPECT_EQ(d.count<publish_done>(), 2u);
        EXPECT_EQ(d.last<publish_done>().failed.code, errc::aborted);
    }
    store_driver d{disk};
    d.come_up(true);
    EXPECT_EQ(payloads(d.sent()), (std::vector<std::string>{"sent", "waiting"}));
}

TEST(session_store, a_message_grows_older_between_processes) {
    virtual_disk disk;
    auto perishable = to_publish(qos::at_least_once);
    perishable.props.set(property_id::message_expiry_interval, 60u);
    {
        store_driver d{disk};
        (void)d.client.publish(perishable, d.now, d.happened);
        d.flush();
    }
    {
        store_driver d{disk, lasting(), store_driver::today + std::chrono::seconds{25}};
        d.come_up(true);
        const auto out = d.sent();
        EXPECT_EQ(as_sent(out, 0).props.number(property_id::message_expiry_interval), 35u);
    }
    virtual_disk other;
    {
        store_driver d{other};
        (void)d.client.publish(perishable, d.now, d.happened);
        d.flush();
    }
    store_driver d{other, lasting(), store_driver::today + std::chrono::seconds{90}};
    d.come_up(true);
    EXPECT_EQ(d.sent(), packets());
}

// ---- in

TEST(session_store, pubrec_leaves_when_the_id_is_durable_and_pubcomp_when_it_is_gone) {
    virtual_disk disk;
    store_driver d{disk};
    d.come_up(false);
    d.server(qos2(7));
    d.ack({d.token(0)});
    EXPECT_EQ(d.sent(), packets());
    d.flush();
    EXPECT_EQ(disk.count(kind::received_id), 1u);
    EXPECT_EQ(d.sent(), packets(pubrec(7)));
    d.server(pubrel(7));
    EXPECT_EQ(d.sent(), packets());
    d.flush();
    EXPECT_EQ(disk.count(kind::received_id), 0u);
    EXPECT_EQ(d.sent(), packets(pubcomp(7)));
}

TEST(session_store, pubrecs_keep_their_order_while_the_store_works) {
    virtual_disk disk;
    store_driver d{disk};
    d.come_up(false);
    d.server({qos2(1, "a"), qos2(2, "b"), qos2(3, "c")});
    d.ack({d.token(0)});
    const auto batch = d.client.take_changes(d.now); // under way with the first id
    d.decide(d.token(1), ack_outcome::decision::acknowledge, reason_code::quota_exceeded);
    d.ack({d.token(2)});
    EXPECT_EQ(d.sent(), packets());
    disk.apply(*batch);
    d.client.stored({}, d.now, d.happened);
    EXPECT_EQ(d.sent(), packets(pubrec(1), pubrec(2, reason_code::quota_exceeded)));
    d.flush();
    EXPECT_EQ(d.sent(), packets(pubrec(3)));
    EXPECT_EQ(d.client.stats().store_records, disk.records.size());
    EXPECT_EQ(d.client.stats().store_bytes, disk.bytes());
}

TEST(session_store, what_is_done_is_not_done_again_though_its_pubrec_had_to_wait) {
    virtual_disk disk;
    {
        store_driver d{disk};
        d.come_up(false);
        d.server({qos2(1, "a"), qos2(2, "b")});
        d.ack({d.token(1)});
        d.flush();
        EXPECT_EQ(d.sent(), packets());
        EXPECT_EQ(disk.count(kind::received_id), 1u);
    }
    store_driver d{disk};
    d.come_up(true);
    d.server({message(qos::exactly_once, 1, "a", true), message(qos::exactly_once, 2, "b", true)});
    EXPECT_EQ(d.count<message_received>(), 1u);
    d.ack({d.token(0)});
    d.flush();
    EXPECT_EQ(d.sent(), packets(pubrec(1), pubrec(2)));
}

TEST(session_store, a_stored_id_is_believed_only_with_dup_and_the_same_content) {
    for (const bool same_content : {true, false})
        for (const bool is_dup : {true, false}) {
            virtual_disk disk;
            {
                store_driver d{disk};
                d.come_up(false);
                d.server(qos2(7, "a"));
                d.ack({d.token(0)});
                d.flush();
            }
            store_driver d{disk};
            d.come_up(true);
            d.server(message(qos::exactly_once, 7, same_content ? "a" : "b", is_dup));
            const bool known = same_content && is_dup;
            EXPECT_EQ(d.count<message_received>(), known ? 0u : 1u);
            if (!known) d.ack({d.token(0)});
            d.flush();
            EXPECT_EQ(d.sent(), packets(pubrec(7)));
            d.server(pubrel(7));
            d.flush();
            EXPECT_EQ(d.sent(), packets(pubcomp(7)));
            EXPECT_EQ(disk.count(kind::received_id), 0u);
        }
}

TEST(session_store, a_pubrel_for_a_stored_id_is_completed) {
    virtual_disk disk;
    {
        store_driver d{disk};
        d.come_up(false);
        d.server(qos2(7));
        d.ack({d.token(0)});
        d.flush();
    }
    store_driver d{disk};
    d.come_up(true);
    d.server(pubrel(7));
    EXPECT_EQ(d.sent(), packets());
    d.flush();
    EXPECT_EQ(d.sent(), packets(pubcomp(7)));
}

TEST(session_store, nothing_of_a_fresh_session_is_handled_before_it_is_stored) {
    virtual_disk disk;
    {
        store_driver d{disk};
        d.come_up(false);
        d.server(qos2(7, "a"));
        d.ack({d.token(0)});
        d.flush();
    }
    store_driver d{disk};
    (void)d.open();
    d.server({connack{false, 0, {}}, packet{dup(qos2(7, "a"))}});
    EXPECT_EQ(d.count<message_received>(), 0u);
    EXPECT_FALSE(d.client.wants_read());
    ASSERT_TRUE(d.flush_once());
    EXPECT_EQ(disk.count(kind::received_id), 0u);
    EXPECT_EQ(received(d), std::vector<std::string>{"a"});
    EXPECT_TRUE(d.client.wants_read());
}

TEST(session_store, a_crash_right_after_connack_does_not_lose_a_new_message_with_an_old_id) {
    virtual_disk disk;
    {
        store_driver d{disk};
        d.come_up(false);
        d.server(qos2(7, "old"));
        d.ack({d.token(0)});
        d.flush();
    }
    {
        store_driver d{disk};
        d.accept(false); // the server has made a new session; nothing is written
    }
    store_driver d{disk};
    d.come_up(true);
    d.server(qos2(7, "new"));
    EXPECT_EQ(received(d), std::vector<std::string>{"new"});
}

TEST(session_store, with_mqtt_31_ids_are_believed_with_dup_and_content) {
    virtual_disk disk;
    const auto o = lasting(protocol_version::v3);
    {
        store_driver d{disk, o};
        d.come_up(false);
        d.server(qos2(7, "a"));
        d.ack({d.token(0)});
        d.flush();
    }
    store_driver d{disk, o};
    d.come_up(false);
    d.server({dup(qos2(7, "a")), packet{qos2(8, "b")}});
    EXPECT_EQ(received(d), std::vector<std::string>{"b"});
}

// ---- the rest of the session

TEST(session_store, subscriptions_are_made_again_when_the_session_is_lost) {
    virtual_disk disk;
    {
        store_driver d{disk};
        d.come_up(false);
        (void)d.client.subscribe({{.filter = "a/#", .qos = qos::at_least_once}}, {}, d.now);
        const auto asked = std::get<subscribe>(d.sent().at(0));
        d.server(suback{asked.packet_id, {reason_code::granted_qos_1}, {}});
        d.flush();
    }
    store_driver d{disk};
    ASSERT_EQ(d.client.subscriptions().size(), 1u);
    EXPECT_EQ(d.client.subscriptions()[0].asked.filter, "a/#");
    d.accept(false);
    const auto out = d.sent();
    ASSERT_EQ(out.size(), 1u);
    EXPECT_EQ(std::get<subscribe>(out[0]).subscriptions.at(0).filter, "a/#");
}

TEST(session_store, belongs_to_one_client_id) {
    virtual_disk disk;
    { store_driver{disk}.flush(); }
    auto o = with_store(lasting());
    o.clientid = "another";
    session s{o};
    events ev;
    const auto fault = s.restore(disk.content(), time_point{std::chrono::hours{1}}, store_driver::today, ev);
    EXPECT_EQ(fault.code, errc::store_mismatch);
    EXPECT_THAT(fault.detail, testing::AllOf(testing::HasSubstr("lasting"), testing::HasSubstr("another")));
}

TEST(session_store, keeps_the_client_id_that_the_server_assigned) {
    virtual_disk disk;
    auto o = lasting();
    o.clientid.clear();
    {
        store_driver d{disk, o};
        connack assigned{false, 0, {}};
        assigned.props.set(property_id::assigned_client_identifier, "given");
        d.accept(assigned);
        d.flush();
    }
    store_driver d{disk, o};
    EXPECT_EQ(d.open().client_id, "given");
}

TEST(session_store, a_record_that_makes_no_sense_is_named) {
    virtual_disk disk;
    disk.records[{kind::flight, 5}] = {kind::flight, 5, bytes::over_static("xx"), {}};
    session s{with_store(lasting())};
    events ev;
    const auto fault = s.restore(disk.content(), time_point{std::chrono::hours{1}}, store_driver::today, ev);
    EXPECT_EQ(fault.code, errc::store_corrupt);
    EXPECT_THAT(fault.detail, testing::HasSubstr("flight 5"));
}

TEST(session_store, records_are_gathered_for_as_long_as_asked) {
    virtual_disk disk;
    auto o = lasting();
    o.store.fsync_interval = std::chrono::milliseconds{20};
    store_driver d{disk, o};
    (void)d.publish(qos::at_least_once, "a");
    EXPECT_FALSE(d.flush_once());
    d.now += std::chrono::milliseconds{10};
    (void)d.publish(qos::at_least_once, "b");
    EXPECT_FALSE(d.flush_once());
    d.now += std::chrono::milliseconds{11};
    EXPECT_TRUE(d.flush_once());
    EXPECT_EQ(disk.count(kind::message), 2u);
}

} // namespace
} // namespace weir::mqtt
