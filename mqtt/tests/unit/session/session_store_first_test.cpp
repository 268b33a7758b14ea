#include "unit/store_driver.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

/// Messages that go into the store before anything else happens to them.
namespace weir::mqtt {
namespace {

using namespace test;
using kind = stored_record::kind;

client_options store_first() {
    auto o = lasting();
    o.qos2_receive = qos2_receive::store_first;
    return o;
}

TEST(session_store_first, the_server_is_answered_and_the_message_delivered_when_it_is_durable) {
    virtual_disk disk;
    store_driver d{disk, store_first()};
    d.come_up(false);
    d.server(qos2(7, "a"));
    EXPECT_EQ(d.sent(), packets());
    EXPECT_EQ(d.count<message_received>(), 0u);
    d.flush();
    EXPECT_EQ(d.sent(), packets(pubrec(7)));
    ASSERT_EQ(received(d), std::vector<std::string>{"a"});
    EXPECT_NE(d.all<message_received>()[0].stored, 0u);
    d.server(pubrel(7));
    d.flush();
    EXPECT_EQ(d.sent(), packets(pubcomp(7)));
    EXPECT_EQ(disk.count(kind::received), 1u);
    d.ack({d.token(0)});
    d.flush();
    EXPECT_EQ(disk.count(kind::received), 0u);
}

TEST(session_store_first, what_the_application_was_not_done_with_comes_again_before_anything_new) {
    virtual_disk disk;
    std::uint64_t number = 0;
    {
        store_driver d{disk, store_first()};
        d.come_up(false);
        d.server({qos2(1, "a"), qos2(2, "b"), qos2(3, "c")});
        d.flush();
        d.ack({d.token(1)});
        number = d.all<message_received>()[2].stored;
        d.flush();
    }
    store_driver d{disk, store_first()};
    EXPECT_EQ(received(d), (std::vector<std::string>{"a", "c"}));
    EXPECT_EQ(d.all<message_received>()[1].stored, number);
    d.accept(false); // the server's session does not matter to them
    d.flush();
    d.server(qos2(1, "d"));
    d.flush();
    EXPECT_EQ(received(d), (std::vector<std::string>{"a", "c", "d"}));
    EXPECT_GT(d.all<message_received>()[2].stored, number);
    d.ack({d.token(0), d.token(1), d.token(2)});
    d.flush();
    EXPECT_EQ(disk.count(kind::received), 0u);
}

TEST(session_store_first, a_number_is_never_used_again) {
    virtual_disk disk;
    std::uint64_t last = 0;
    for (int process = 0; process < 3; ++process) {
        store_driver d{disk, store_first()};
        d.come_up(false);
        d.server(qos2(1, std::to_string(process)));
        d.flush();
        ASSERT_EQ(d.count<message_received>(), 1u);
        EXPECT_GT(d.all<message_received>()[0].stored, last);
        last = d.all<message_received>()[0].stored;
        d.ack({d.token(0)});
        d.server(pubrel(1));
        d.flush();
    }
}

TEST(session_store_first, a_repetition_is_answered_and_not_delivered) {
    virtual_disk disk;
    {
        store_driver d{disk, store_first()};
        d.come_up(false);
        d.server(qos2(7, "a"));
        d.flush();
        d.ack({d.token(0)});
        d.flush();
    }
    store_driver d{disk, store_first()};
    d.come_up(true);
    d.server(dup(qos2(7, "a")));
    d.flush();
    EXPECT_EQ(d.sent(), packets(pubrec(7)));
    EXPECT_EQ(d.count<message_received>(), 0u);
}

TEST(session_store_first, qos1_only_when_asked) {
    for (const bool asked : {false, true}) {
        virtual_disk disk;
        auto o = store_first();
        o.store.qos1 = asked;
        store_driver d{disk, o};
        d.come_up(false);
        d.server(qos1(7, "a"));
        d.flush();
        EXPECT_EQ(d.sent(), asked ? packets(puback(7)) : packets());
        EXPECT_EQ(disk.count(kind::received), asked ? 1u : 0u);
        EXPECT_EQ(received(d), std::vector<std::string>{"a"});
    }
}

TEST(session_store_first, a_deferred_message_stays_with_the_application) {
    virtual_disk disk;
    store_driver d{disk, store_first()};
    d.come_up(false);
    d.server(qos2(7, "a"));
    d.flush();
    const auto token = d.token(0);
    d.defer(token);
    d.forget();
    d.reconnect(true);
    d.server(qos2(8, "b"));
    d.flush();
    EXPECT_EQ(received(d), std::vector<std::string>{"b"});
    d.ack({token});
    d.flush();
    EXPECT_EQ(disk.count(kind::received), 1u);
}

TEST(session_store_first, one_that_is_let_go_comes_again_at_once_and_then_with_the_next_connection) {
    virtual_disk disk;
    store_driver d{disk, store_first()};
    d.come_up(false);
    d.server(qos2(7, "a"));
    d.flush();
    d.decide(d.token(0), ack_outcome::decision::let_go);
    EXPECT_EQ(received(d), (std::vector<std::string>{"a", "a"}));
    d.decide(d.token(1), ack_outcome::decision::let_go);
    EXPECT_EQ(received(d), (std::vector<std::string>{"a", "a"}));
    EXPECT_EQ(d.client.stats().window_used, 0u) << "nobody has it";
    d.forget();
    d.reconnect(true);
    d.flush();
    d.server(qos2(8, "b"));
    d.flush();
    EXPECT_EQ(received(d), (std::vector<std::string>{"a", "b"}));
    d.ack({d.token(0), d.token(1)});
    d.flush();
    EXPECT_EQ(disk.count(kind::received), 0u);
    EXPECT_EQ(d.client.stats().window_used, 0u);
}

TEST(session_store_first, the_store_is_named_before_anything_is_handed_out) {
    virtual_disk disk;
    {
        store_driver d{disk, store_first()};
        ASSERT_EQ(d.count<store_opened>(), 1u);
        EXPECT_EQ(d.last<store_opened>(), (store_opened{disk.uuid, 1}));
        d.come_up(false);
        d.server({qos2(1, "a"), qos2(2, "b")});
        d.flush();
        d.ack({d.token(0)});
        d.flush();
    }
    store_driver d{disk, store_first()};
    ASSERT_EQ(d.happened.size(), 2u);
    ASSERT_TRUE(std::holds_alternative<store_opened>(d.happened[0]));
    EXPECT_EQ(std::get<store_opened>(d.happened[0]).first, d.all<message_received>()[0].stored);
    d.ack({d.token(0)});
    d.flush();
    store_driver after{disk, store_first()};
    EXPECT_GT(after.last<store_opened>().first, d.all<message_received>()[0].stored);
}

TEST(session_store_first, a_message_is_done_when_the_store_has_forgotten_it) {
    virtual_disk disk;
    store_driver d{disk, store_first()};
    d.come_up(false);
    d.server({qos2(1, "a"), qos2(2, "b")});
    d.flush();
    const auto numbers =
        std::vector{d.all<message_received>()[1].stored, d.all<message_received>()[0].stored};
    d.ack({d.token(1)});
    d.ack({d.token(0)});
    EXPECT_EQ(d.count<stored_done>(), 0u);
    ASSERT_TRUE(d.fail(error{errc::io_error}));
    EXPECT_EQ(d.count<stored_done>(), 0u);
    d.now += std::chrono::seconds{1};
    d.flush();
    ASSERT_EQ(d.count<stored_done>(), 1u);
    EXPECT_EQ(d.last<stored_done>().numbers, numbers);
    d.server(pubrel(1));
    d.flush();
    EXPECT_EQ(d.count<stored_done>(), 1u) << "each is told once";
}

TEST(session_store_first, without_room_the_server_keeps_its_messages_until_there_is_some) {
    virtual_disk disk;
    auto o = store_first();
    o.store.bytes = 1 << 20;
    store_driver d{disk, o};
    d.come_up(false);
    const std::string large(400'000, 'x');
    for (std::uint16_t id = 1; id <= 4; ++id)
        d.server(qos2(id, large));
    d.flush();
    EXPECT_EQ(d.sent(), packets(pubrec(1), pubrec(2)));
    EXPECT_EQ(d.client.stats().store_refused, 2u);
    d.ack({d.token(0)});
    d.flush();
    EXPECT_EQ(d.sent(), packets(pubrec(3)));
    d.ack({d.token(1), d.token(2)});
    d.flush();
    EXPECT_EQ(d.sent(), packets(pubrec(4)));
    EXPECT_EQ(d.client.stats().store_refused, 2u) << "each is counted once";
}

} // namespace
} // namespace weir::mqtt
