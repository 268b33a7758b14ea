// Time and faults of the network: keep alive, half-open connections, stuck peers, idleness.
#include "client_fixture.hpp"
#include "support/eventually.hpp"

#include <weir/mqtt/testing/hex.hpp>

#include <thread>

namespace weir::mqtt {
namespace {

class liveness : public client_version_test {};

// The flag "a PINGRESP is awaited" must not survive the connection it belongs to.
TEST_P(liveness, a_dead_peer_costs_exactly_one_reconnect) {
    test_broker broker{{conversation{}.accept().stall(10s), conversation{}.accept()}};
    auto options = quick_options(broker.port(), GetParam());
    options.keepalive = 1s;
    options.ping_timeout = 300ms;
    start(options);
    const auto began = clock::now();
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.downs.size() == 1; }));
    EXPECT_LT(clock::now() - began, 8s) << "the broker would close";
    EXPECT_EQ(observer_.seen().downs[0].reason.code, errc::keepalive_timeout);
}

TEST_P(liveness, the_next_connection_lives) {
    std::atomic<int> pings{0};
    const auto answer_pings = [&](testing::broker_connection& c) {
        for (int i = 0; i < 3; ++i) {
            const auto got = c.next(clock::now() + 3s);
            if (!got || !std::holds_alternative<pingreq>(got->packet))
                throw testing::script_failure{"expected PINGREQ"};
            ++pings;
            c.send(pingresp{});
        }
    };
    test_broker broker{
        {conversation{}.accept().expect(pingreq{}).expect_eof(),
         conversation{}.accept().run("answer pings", answer_pings)}};
    auto options = quick_options(broker.port(), GetParam());
    options.keepalive = 1s;
    options.ping_timeout = 200ms;
    start(options);
    EXPECT_EQ(broker.finish(), "");
    EXPECT_EQ(observer_.seen().connections.size(), 2u);
}

TEST_P(liveness, a_peer_that_takes_nothing_is_given_up) {
    test_broker broker{{conversation{}.accept().stall(10s)}};
    auto options = quick_options(broker.port(), GetParam());
    options.write_timeout = 300ms;
    options.reconnect = 0;
    options.send_queue_bytes = 512u << 20;
    auto& c = start(options);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    // More than both sockets' buffers hold.
    for (int i = 0; i < 64; ++i)
        c.publish(message("t", std::string(1u << 20, 'x')));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.downs.size() == 1; }));
    EXPECT_EQ(observer_.seen().downs[0].reason.code, errc::write_timeout);
}

TEST_P(liveness, an_idle_connection_wakes_nobody) {
    accepting_broker broker;
    auto& c = start(quick_options(broker.port(), GetParam()));
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    // Let the turns that belong to connecting pass.
    (void)observer_.wait_for([](const auto&) { return false; }, 100ms);
    const auto before = c.io_stats().turns;
    (void)observer_.wait_for([](const auto&) { return false; }, 1s);
    EXPECT_EQ(c.io_stats().turns, before);
}

TEST_P(liveness, keep_alive_alone_wakes_an_idle_connection) {
    std::atomic<std::uint64_t> pings{0};
    test_broker broker{{conversation{}.accept().run("answer pings", [&](testing::broker_connection& c) {
        for (; pings < 3; ++pings) {
            if (!c.next(clock::now() + 10s)) throw testing::script_failure{"no ping"};
            c.send(pingresp{});
        }
    })}};
    auto options = quick_options(broker.port(), GetParam());
    options.keepalive = 1s;
    auto& c = start(options);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.ready == 1; }));
    ASSERT_TRUE(weir::testing::eventually([&] { return pings == 1; }));
    const auto before = c.io_stats().turns;
    ASSERT_TRUE(weir::testing::eventually([&] { return pings == 3; }));
    EXPECT_LE(c.io_stats().turns - before, 2u * 4u) << "due, written, answered, and the timer once more";
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(liveness, a_flood_does_not_delay_pings) {
    std::atomic<bool> enough{false};
    std::atomic<int> pings{0};
    const std::string one = testing::from_hex(
        GetParam() == protocol_version::v5 ? "30 0C 00 03 \"a/b\" 00 \"flood!\""
                                           : "30 0B 00 03 \"a/b\" \"flood!\"");
    test_broker broker{{conversation{}.accept().run("flood and answer", [&](testing::broker_connection& c) {
        std::string burst;
        while (burst.size() < 60'000)
            burst += one;
        const auto until = clock::now() + 30s;
        while (pings < 2 && clock::now() < until) {
            for (int i = 0; i < 20; ++i)
                c.send_raw(burst);
            try {
                if (const auto got = c.next(clock::now() + 1ms);
                    got && std::holds_alternative<pingreq>(got->packet)) {
                    ++pings;
                    c.send(pingresp{});
                }
            } catch (const testing::script_failure&) {
                // nothing came: go on flooding
            }
        }
    })}};
    auto options = quick_options(broker.port(), GetParam());
    options.keepalive = 1s;
    start(options);
    EXPECT_EQ(broker.finish(40s), "");
    EXPECT_GE(pings, 2);
    EXPECT_EQ(observer_.seen().downs.size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(
    versions, liveness, ::testing::Values(protocol_version::v4, protocol_version::v5), version_name);

} // namespace
} // namespace weir::mqtt
