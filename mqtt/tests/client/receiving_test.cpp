#include "client_fixture.hpp"

#include <weir/mqtt/testing/hex.hpp>

#include <algorithm>
#include <future>
#include <stdexcept>
#include <thread>

namespace weir::mqtt {
namespace {

class receiving : public client_version_test {
  protected:
    ack puback(std::uint16_t id) { return {.type = ack_type::puback, .packet_id = id}; }

    ack pubrec(std::uint16_t id) { return {.type = ack_type::pubrec, .packet_id = id}; }

    std::vector<ack_outcome> outcomes(std::initializer_list<std::size_t> which) {
        std::vector<ack_outcome> list;
        for (const auto i : which)
            list.push_back({.token = observer_.seen().messages.at(i).token});
        return list;
    }
};

// auto_ack acknowledges what was handled, not what was received.
TEST_P(receiving, nothing_is_acknowledged_before_the_handler_returns) {
    std::promise<void> release;
    auto released = release.get_future().share();
    observer_.handler = [released](auto) { released.wait(); };
    test_broker broker{{conversation{}
                            .accept()
                            .send(publish_packet("t", "p", qos::at_least_once, 1))
                            .expect_nothing(150ms)
                            .run("release", [&](auto&) { release.set_value(); })
                            .expect(puback(1))}};
    start(quick_options(broker.port(), GetParam()));
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(receiving, a_handler_that_throws_defers_and_later_acks_flow) {
    int calls = 0;
    observer_.handler = [&calls](auto) {
        if (++calls == 1) throw std::runtime_error{"not now"};
    };
    test_broker broker{{conversation{}
                            .accept()
                            .send(publish_packet("t", "first", qos::at_least_once, 1))
                            .expect_nothing(100ms)
                            .send(publish_packet("t", "second", qos::at_least_once, 2))
                            .expect(puback(2))
                            .expect_nothing(50ms)}};
    start(quick_options(broker.port(), GetParam()));
    EXPECT_EQ(broker.finish(), "");
    EXPECT_EQ(observer_.seen().errors, std::vector<std::string>{"not now"});
}

// Exactly-once delivery: PUBREC says "processed", so it waits for the application [MQTT-4.3.3-8].
TEST_P(receiving, pubrec_waits_for_the_application) {
    std::promise<void> handed_over;
    test_broker broker{{conversation{}
                            .accept()
                            .send(publish_packet("t", "p", qos::exactly_once, 7))
                            .expect_nothing(100ms)
                            .run("tell", [&](auto&) { handed_over.set_value(); })
                            .expect(pubrec(7))
                            .send(ack{.type = ack_type::pubrel, .packet_id = 7})
                            .expect(ack{.type = ack_type::pubcomp, .packet_id = 7})}};
    auto options = quick_options(broker.port(), GetParam());
    options.auto_ack = false;
    start(options);
    handed_over.get_future().wait();
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() == 1; }));
    client_->acknowledge(outcomes({0}));
    EXPECT_EQ(broker.finish(), "");
}

// [MQTT-4.6.0-2]
TEST_P(receiving, acks_leave_in_order_of_arrival_whatever_the_order_given) {
    conversation script;
    script.accept();
    for (std::uint16_t id = 1; id <= 5; ++id)
        script.send(publish_packet("t", std::to_string(id), qos::at_least_once, id));
    for (std::uint16_t id = 1; id <= 5; ++id)
        script.expect(puback(id));
    test_broker broker{{script}};
    auto options = quick_options(broker.port(), GetParam());
    options.auto_ack = false;
    start(options);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() == 5; }));
    for (const auto i : {4u, 2u, 0u, 1u, 3u})
        client_->acknowledge(outcomes({i}));
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(receiving, the_messages_of_one_read_come_in_one_call) {
    std::string burst;
    for (int i = 0; i < 100; ++i)
        burst += "30 03 00 01 \"t\" ";
    if (GetParam() == protocol_version::v5) {
        burst.clear();
        for (int i = 0; i < 100; ++i)
            burst += "30 04 00 01 \"t\" 00 ";
    }
    test_broker broker{{conversation{}.accept().send_hex(burst)}};
    start(quick_options(broker.port(), GetParam()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() == 100; }));
    EXPECT_LE(observer_.seen().batches.size(), 3u);
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(receiving, no_more_is_handed_out_than_demanded) {
    accepting_broker broker;
    client_ = std::make_unique<client>(lane_, quick_options(broker.port(), GetParam()), observer_);
    client_->start();
    client_->demand(3);
    client_->subscribe({{.filter = "#", .qos = qos::at_least_once}});
    ASSERT_TRUE(broker.wait_for([](const auto& c) { return c.subscribes == 1; }));
    for (int i = 0; i < 10; ++i)
        broker.push(publish_packet("t", std::to_string(i), qos::at_least_once));
    ASSERT_TRUE(broker.wait_for([](const auto& c) { return c.pubacks == 3; }));
    EXPECT_FALSE(observer_.wait_for([](const auto& r) { return r.messages.size() > 3; }, 100ms));
    client_->demand(7);
    EXPECT_TRUE(broker.wait_for([](const auto& c) { return c.pubacks == 10; }));
}

TEST_P(receiving, what_is_demanded_after_a_pause_waits_for_the_resumption) {
    test_broker broker{{conversation{}
                            .accept()
                            .send(publish_packet("t", "first"))
                            .send(publish_packet("t", "second"))
                            .expect(pingreq{})
                            .send(pingresp{})}};
    observer_.handler = [this](auto) {
        client_->pause();
        client_->demand(1);
    };
    client_ = std::make_unique<client>(lane_, quick_options(broker.port(), GetParam()), observer_);
    client_->demand(1);
    client_->start();
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() == 1; }));
    counter answered;
    client_->ping([&](const auto&) { ++answered; });
    ASSERT_TRUE(answered.wait_for(1));
    EXPECT_EQ(observer_.seen().messages.size(), 1u);
    client_->resume();
    EXPECT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() == 2; }));
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(receiving, paused_nothing_is_delivered_and_nothing_is_lost) {
    accepting_broker broker;
    auto options = quick_options(broker.port(), GetParam());
    options.keepalive = 1s;
    auto& c = start(options);
    c.subscribe({{.filter = "#", .qos = qos::at_least_once}});
    ASSERT_TRUE(broker.wait_for([](const auto& n) { return n.subscribes == 1; }));
    c.pause();
    for (int i = 0; i < 3; ++i)
        broker.push(publish_packet("t", std::to_string(i), qos::at_least_once));
    ASSERT_TRUE(broker.wait_for([](const auto& n) { return n.pings >= 2; })) << "pings go on";
    EXPECT_TRUE(observer_.seen().messages.empty());
    c.resume();
    EXPECT_TRUE(broker.wait_for([](const auto& n) { return n.pubacks == 3; }));
    EXPECT_EQ(observer_.seen().messages.size(), 3u);
    EXPECT_EQ(observer_.seen().downs.size(), 0u);
}

// A handler that takes its time on every message must not keep the lane from its pings.
TEST_P(receiving, a_slow_handler_under_load_does_not_cost_the_connection) {
    accepting_broker broker{{.send_window = 65'535}};
    auto options = quick_options(broker.port(), GetParam());
    options.keepalive = 1s;
    options.receive_maximum = 65'535;
    observer_.handler = [](std::span<message_received> m) {
        // A millisecond a message: 3,000 of them in one read would be three seconds without a ping.
        std::this_thread::sleep_for(m.size() * 1ms);
    };
    auto& c = start(options);
    c.subscribe({{.filter = "#", .qos = qos::at_least_once}});
    ASSERT_TRUE(broker.wait_for([](const auto& n) { return n.subscribes == 1; }));
    for (int i = 0; i < 3'000; ++i)
        broker.push(publish_packet("t", "x", qos::at_least_once));
    EXPECT_TRUE(broker.wait_for([](const auto& n) { return n.pubacks == 3'000; }, 30s));
    EXPECT_EQ(observer_.seen().downs.size(), 0u);
}

TEST_P(receiving, a_packet_split_anywhere_is_one_message) {
    const std::string hex = GetParam() == protocol_version::v5 ? "30 0A 00 03 \"a/b\" 00 \"hey!\""
                                                               : "30 09 00 03 \"a/b\" \"hey!\"";
    test_broker broker{
        {conversation{}.accept().run("one byte at a time", [hex](testing::broker_connection& b) {
            for (const char c : testing::from_hex(hex))
                b.send_raw(std::string_view{&c, 1});
        })}};
    start(quick_options(broker.port(), GetParam()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() == 1; }));
    const auto got = observer_.seen().messages[0].received;
    EXPECT_EQ(got.topic, "a/b");
    EXPECT_EQ(got.payload, "hey!");
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
}

// Half a packet of a lost connection must not prefix the bytes of the next one.
TEST_P(receiving, what_was_half_received_is_forgotten_with_the_connection) {
    test_broker broker{{conversation{}.accept().send_hex("30 20 00 03 61").reset(), conversation{}.accept()}};
    start(quick_options(broker.port(), GetParam()));
    EXPECT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 2; }));
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(receiving, a_payload_larger_than_a_block_arrives_whole) {
    accepting_broker broker;
    auto& c = start(quick_options(broker.port(), GetParam()));
    c.subscribe({{.filter = "#", .qos = qos::at_least_once}});
    ASSERT_TRUE(broker.wait_for([](const auto& n) { return n.subscribes == 1; }));
    std::string large(3'000'000, '\0');
    for (std::size_t i = 0; i < large.size(); ++i)
        large[i] = static_cast<char>(i * 7 + i / 251);
    broker.push(publish_packet("t", large, qos::at_least_once));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() == 1; }));
    EXPECT_TRUE(observer_.seen().messages[0].received.payload == large);
}

// What is not taken stays with the server: the socket is read no further than the read-ahead.
TEST_P(receiving, a_full_window_stops_the_reading_and_loses_nothing) {
    constexpr std::size_t messages = 100;
    constexpr std::size_t size = 100'000;
    accepting_broker broker{{.send_window = messages}};
    auto options = quick_options(broker.port(), GetParam());
    options.auto_ack = false;
    options.receive_bytes = 2 * size + 100; // two of them, on either version
    options.read_ahead_bytes = 300'000;
    auto& c = start(options);
    c.subscribe({{.filter = "#", .qos = qos::at_least_once}});
    ASSERT_TRUE(broker.wait_for([](const auto& n) { return n.subscribes == 1; }));
    std::thread pusher{[&] {
        for (std::size_t i = 0; i < messages; ++i)
            broker.push(publish_packet("t", std::string(size, 'x'), qos::at_least_once));
    }};
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() == 2; }));
    EXPECT_FALSE(observer_.wait_for([](const auto& r) { return r.messages.size() > 3; }, 200ms));
    EXPECT_LT(c.io_stats().bytes_read, 1'000'000u) << "of ten million";
    for (std::size_t next = 0; next < messages; ++next) {
        ASSERT_TRUE(observer_.wait_for([&](const auto& r) { return r.messages.size() > next; })) << next;
        c.acknowledge(outcomes({next}));
    }
    pusher.join();
    EXPECT_TRUE(broker.wait_for([](const auto& n) { return n.pubacks == messages; }));
    EXPECT_EQ(observer_.seen().downs.size(), 0u);
}

// Acks that are ready at the same time leave in one write.
TEST_P(receiving, under_load_ten_acks_and_more_share_a_write) {
    constexpr std::uint16_t messages = 20'000;
    std::string flood;
    for (std::uint16_t id = 1; id <= messages; ++id) {
        flood +=
            testing::from_hex(GetParam() == protocol_version::v5 ? "32 07 00 01 \"t\"" : "32 06 00 01 \"t\"");
        flood += static_cast<char>(id >> 8);
        flood += static_cast<char>(id & 0xFF);
        flood += GetParam() == protocol_version::v5 ? std::string("\0x", 2) : "x";
    }
    test_broker broker{{conversation{}.accept().send_raw(flood).run("read the acks", [](auto& b) {
        for (std::uint16_t id = 1; id <= messages; ++id) {
            const auto got = b.next(clock::now() + 10s);
            if (!got || got->packet != packet{ack{.type = ack_type::puback, .packet_id = id}})
                throw testing::script_failure{"PUBACK " + std::to_string(id) + " is missing"};
        }
    })}};
    auto options = quick_options(broker.port(), GetParam());
    options.receive_maximum = messages;
    auto& c = start(options);
    EXPECT_EQ(broker.finish(20s), "");
    c.stop();
    EXPECT_LE(c.io_stats().writes, messages / 10);
}

INSTANTIATE_TEST_SUITE_P(
    versions, receiving, ::testing::Values(protocol_version::v4, protocol_version::v5), version_name);

/// 3.x tells the server of no window: what is not taken has to stay in its socket.
class receiving_on_3x : public client_test, public ::testing::WithParamInterface<qos> {};

TEST_P(receiving_on_3x, no_more_than_the_window_is_delivered_and_not_acknowledged) {
    constexpr std::size_t messages = 300;
    constexpr std::size_t size = 100 * 1024;
    constexpr std::size_t packet_size = size + 9;
    constexpr std::size_t window = 2;
    accepting_broker broker{{.send_window = messages}};
    auto options = quick_options(broker.port(), protocol_version::v4);
    options.auto_ack = false;
    options.receive_window = window;
    options.read_ahead_bytes = 300'000;
    std::atomic<std::size_t> acknowledged{0};
    std::size_t delivered = 0; // on the lane
    observer_.handler = [&](std::span<message_received> batch) {
        delivered += batch.size();
        EXPECT_LE(delivered - acknowledged, window);
        for (auto& m : batch)
            m.received.payload = {}; // of which the observer would keep them all
    };
    auto& c = start(options);
    c.subscribe({{.filter = "#", .qos = GetParam()}});
    ASSERT_TRUE(broker.wait_for([](const auto& n) { return n.subscribes == 1; }));
    std::thread pusher{[&] {
        for (std::size_t i = 0; i < messages; ++i)
            broker.push(publish_packet("t", std::string(size, 'x'), GetParam()));
    }};
    const std::size_t read_ahead = options.read_ahead_bytes + 2 * packet_size; // and what one read brings
    for (std::size_t next = 0; next < messages; ++next) {
        const auto due = std::min(next + window, messages);
        EXPECT_TRUE(observer_.wait_for([&](const auto& r) { return r.messages.size() == due; })) << next;
        EXPECT_LE(c.io_stats().bytes_read, due * packet_size + read_ahead) << next;
        EXPECT_LE(c.stats().read_ahead, read_ahead) << next;
        const ack_outcome one{.token = observer_.seen().messages.at(next).token};
        ++acknowledged;
        c.acknowledge({&one, 1});
    }
    pusher.join();
    EXPECT_TRUE(broker.wait_for([](const auto& n) { return n.waiting == 0 && n.pushed == messages; }));
    EXPECT_EQ(broker.stats().pubcomps, GetParam() == qos::exactly_once ? messages : 0u);
    EXPECT_EQ(observer_.seen().messages.size(), messages);
    EXPECT_EQ(observer_.seen().downs.size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    levels, receiving_on_3x, ::testing::Values(qos::at_least_once, qos::exactly_once),
    [](const auto& given) { return given.param == qos::exactly_once ? "qos2" : "qos1"; });

} // namespace
} // namespace weir::mqtt
