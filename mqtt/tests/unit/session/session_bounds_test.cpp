// A server that floods and never lets up: whatever it does, the session keeps to its bounds, counts what it
// let go, and its memory is flat. In a program of its own, since it replaces operator new.
#include "support/counting_new.hpp"
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace weir::mqtt {
namespace {

using namespace test;

constexpr std::size_t slack = 64 * 1024;

client_options hostile(protocol_version version = protocol_version::v5) {
    client_options o;
    o.proto_ver = version;
    o.clientid = "bounds";
    o.qos0_buffer_messages = 10;
    o.send_queue_messages = 10;
    o.receive_maximum = 5;
    o.read_ahead_bytes = 10'000;
    if (version != protocol_version::v5) o.receive_window = 5;
    return o;
}

/// A session that is told and asked everything but hands no message out; what it sends is taken and dropped.
class flooded {
  public:
    explicit flooded(client_options o)
        : client(o)
        , version_(o.proto_ver) {
        client.opened(now);
        receive(connack{});
    }

    void receive(const packet& p) { raw(encoded(p, version_)); }

    void raw(bytes chunk) {
        client.received(std::move(chunk), now, happened);
        happened.clear();
    }

    void take_output() {
        client.take_output(out_);
        out_.clear();
        client.written(now, happened);
        happened.clear();
    }

    session client;
    events happened;
    time_point now{std::chrono::hours{1}};

  private:
    protocol_version version_;
    output_buffer out_;
};

/// Runs `flood` until all that can fill is full, and then as long again for each of several times: the most
/// that is in use does not grow any more.
void expect_flat(const std::function<void()>& flood) {
    constexpr int rounds = 5;
    constexpr int in_a_round = 5'000;
    const auto run = [&] {
        for (int i = 0; i < in_a_round; ++i)
            flood();
    };
    run();
    memory().peak = memory().live;
    run();
    const auto full = memory().peak;
    for (int round = 0; round < rounds; ++round)
        run();
    EXPECT_LE(memory().peak, full + slack);
}

publish large(qos level, std::uint16_t id = 0) {
    return message(level, id, std::string(1'000, 'x'));
}

TEST(session_bounds, of_qos_0_messages_nobody_takes) {
    flooded f{hostile()};
    expect_flat([&] { f.receive(large(qos::at_most_once)); });
    EXPECT_EQ(f.client.stats().qos0_waiting, 10u);
    EXPECT_GT(f.client.stats().qos0_dropped, 1'000u);
}

TEST(session_bounds, of_messages_nobody_acknowledges_stop_reading) {
    flooded f{hostile(protocol_version::v4)};
    std::uint16_t id = 0;
    f.client.demand(1'000'000, f.now, f.happened);
    expect_flat([&] {
        if (f.client.wants_read()) f.receive(large(qos::at_least_once, ++id));
    });
    EXPECT_FALSE(f.client.wants_read()) << "the rest stays with the server";
    const auto s = f.client.stats();
    EXPECT_EQ(s.messages_delivered, 5u);
    EXPECT_EQ(s.window_used, 5u);
    EXPECT_LE(s.read_ahead, 12'000u);
}

TEST(session_bounds, of_what_a_server_may_have_under_way) {
    flooded f{hostile()};
    std::uint16_t id = 0;
    expect_flat([&] { f.receive(large(qos::exactly_once, ++id)); });
    EXPECT_FALSE(f.client.is_connected()) << "it is disconnected beyond twice the Receive Maximum";
    EXPECT_GT(
        f.client.stats().dropped_by_reason[static_cast<std::size_t>(dropped::what::over_receive_maximum)],
        0u);
}

TEST(session_bounds, of_answers_that_the_server_does_not_read) {
    flooded f{hostile()};
    std::uint16_t id = 0;
    expect_flat([&] {
        for (int i = 0; i < 20 && f.client.wants_read(); ++i)
            f.receive(pubrec(static_cast<std::uint16_t>(++id | 1)));
    });
    EXPECT_FALSE(f.client.wants_read()) << "who does not listen is not listened to";
    f.take_output();
    EXPECT_TRUE(f.client.wants_read());
}

TEST(session_bounds, of_acks_nobody_asked_for) {
    flooded f{hostile()};
    std::uint16_t id = 0;
    expect_flat([&] {
        f.receive(puback(static_cast<std::uint16_t>(++id | 1)));
        f.receive(pubrel(static_cast<std::uint16_t>(id | 1)));
        f.receive(pingresp{});
        f.take_output();
    });
    EXPECT_GT(f.client.stats().unexpected_acks, 50'000u);
}

TEST(session_bounds, of_topic_aliases_that_are_set_anew) {
    auto o = hostile();
    o.topic_alias_maximum = 3;
    flooded f{o};
    std::uint32_t n = 0;
    expect_flat([&] {
        auto p = large(qos::at_most_once);
        p.topic = bytes::copy(std::string(500 + n % 100, 'a'));
        p.props.set(property_id::topic_alias, 1 + n++ % 3);
        f.receive(p);
    });
    EXPECT_TRUE(f.client.is_connected());
}

TEST(session_bounds, of_a_packet_that_is_announced_and_never_comes) {
    flooded f{hostile()};
    const auto before = memory().live;
    f.raw(bytes::copy(std::string_view{"\x30\xFF\xFF\xFF\x04", 5})); // of 10 MiB
    EXPECT_TRUE(f.client.is_connected());
    EXPECT_LE(memory().live, before + slack) << "memory is for what has come";
}

TEST(session_bounds, of_publishes_without_answers) {
    flooded f{hostile()};
    std::size_t refused = 0;
    expect_flat([&] {
        const auto accepted =
            f.client.publish(to_publish(qos::at_least_once, std::string(1'000, 'x')), f.now, f.happened);
        refused += accepted ? 0 : 1;
        f.take_output();
    });
    const auto s = f.client.stats();
    EXPECT_EQ(s.send_queue, 10u);
    EXPECT_LE(s.outbound_inflight, 100u);
    EXPECT_GT(refused, 30'000u);
    EXPECT_EQ(s.dropped_by_reason[static_cast<std::size_t>(dropped::what::send_queue_full)], refused);
}

TEST(session_bounds, of_calls_and_pings_without_answers) {
    flooded f{hostile()};
    std::size_t refused = 0;
    expect_flat([&] {
        refused += f.client.subscribe({{.filter = "f"}}, {}, f.now) ? 0 : 1;
        refused += f.client.ping(f.now) ? 0 : 1;
        f.take_output();
    });
    EXPECT_GT(refused, 60'000u);
}

TEST(session_bounds, of_a_session_that_is_lost_again_and_again) {
    auto o = lasting();
    o.qos0_buffer_messages = 10;
    flooded f{o};
    std::uint16_t id = 0;
    expect_flat([&] {
        f.receive(large(qos::at_least_once, static_cast<std::uint16_t>(++id | 1)));
        (void)f.client.publish(to_publish(qos::exactly_once), f.now, f.happened);
        f.client.closed(error{errc::peer_closed}, f.now, f.happened);
        f.client.opened(f.now);
        f.receive(connack{});
        f.take_output();
    });
}

} // namespace
} // namespace weir::mqtt
