// Calls from many threads and in every state. Worth most under the thread sanitizer.
#include "client_fixture.hpp"

#include <algorithm>
#include <functional>
#include <future>
#include <map>
#include <random>
#include <thread>

namespace weir::mqtt {
namespace {

/// One of each call, with its outcomes counted.
struct caller {
    client& target;
    std::atomic<int> asked{0};
    std::atomic<int> answered{0};

    void any(unsigned which) {
        const auto done = [this](const auto&) { ++answered; };
        switch (which % 8) {
        case 0: ++asked; return target.publish(message("t", "p", qos::at_most_once), done);
        case 1: ++asked; return target.publish(message("t", "p", qos::at_least_once), done);
        case 2: ++asked; return target.publish(message("t", "p", qos::exactly_once), done);
        case 3: ++asked; return target.subscribe({{.filter = "t", .qos = qos::at_least_once}}, done);
        case 4: ++asked; return target.unsubscribe({"u"}, done);
        case 5: return target.demand(1);
        case 6: target.pause(); return target.resume();
        default: (void)target.stats(); (void)target.io_stats();
        }
    }
};

class threads : public client_version_test {};

TEST_P(threads, any_call_from_any_thread_while_connections_come_and_go) {
    accepting_broker broker;
    auto options = quick_options(broker.port(), GetParam());
    options.send_queue_messages = 100'000;
    options.backoff_min = options.backoff_max = 1ms;
    auto& c = start(options);
    caller calls{c};
    std::atomic<bool> end{false};
    observer_.handler = [&](std::span<message_received> m) {
        std::vector<ack_outcome> acks;
        for (const auto& one : m)
            acks.push_back({.token = one.token});
        c.acknowledge(acks); // twice with auto_ack: the second is a no-op
    };
    std::vector<std::thread> workers;
    for (unsigned seed = 0; seed < 4; ++seed)
        workers.emplace_back([&calls, &end, seed] {
            std::minstd_rand random{seed + 1};
            for (int i = 0; i < 400 && !end; ++i)
                calls.any(static_cast<unsigned>(random()));
        });
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(observer_.wait_for(
            [&](const auto& r) { return r.connections.size() > static_cast<std::size_t>(i); }));
        broker.drop_connections();
    }
    for (auto& w : workers)
        w.join();
    c.stop();
    EXPECT_EQ(calls.asked, calls.answered) << "each has one outcome by the time stop returns";
}

TEST_P(threads, destruction_races_with_nothing_while_messages_flow) {
    for (int round = 0; round < 10; ++round) {
        accepting_broker broker;
        recording_observer observer;
        auto c = std::make_unique<client>(lane_, quick_options(broker.port(), GetParam()), observer);
        c->start();
        c->demand(endless);
        c->subscribe({{.filter = "#", .qos = qos::at_least_once}});
        ASSERT_TRUE(broker.wait_for([](const auto& n) { return n.subscribes == 1; }));
        for (int i = 0; i < 50; ++i)
            broker.push(publish_packet("t", std::to_string(i), qos::at_least_once));
        ASSERT_TRUE(observer.wait_for([](const auto& r) { return !r.messages.empty(); }));
        c.reset();
    }
}

/// A client in one of its states, and what each call does there.
class every_state : public ::testing::TestWithParam<const char*> {
  protected:
    io_lane lane_;
    recording_observer observer_;
};

TEST_P(every_state, has_an_outcome_for_every_call_and_can_be_destroyed) {
    const std::string state = GetParam();
    std::unique_ptr<accepting_broker> broker = std::make_unique<accepting_broker>();
    testing::scripted_broker silent{{conversation{}.within(60s).expect_a<connect>("CONNECT").expect_eof()}};
    auto options = quick_options(state == "connecting" ? silent.port() : broker->port());
    options.backoff_min = options.backoff_max = state == "waiting" ? 60s : 10ms;
    if (state == "given up") options.reconnect = 0;
    if (state == "waiting" || state == "given up") broker.reset();
    auto c = std::make_unique<client>(lane_, options, observer_);
    if (state != "idle") c->start();
    const bool fails = state == "waiting" || state == "given up";
    const bool connects = state == "connected" || state == "stopped";
    ASSERT_TRUE(observer_.wait_for([&](const auto& r) {
        return r.failures.size() == (fails ? 1u : 0u) && r.ready == (connects ? 1u : 0u);
    }));
    if (state == "stopped") c->stop();
    caller calls{*c};
    for (unsigned which = 0; which < 8; ++which)
        calls.any(which);
    c->acknowledge(
        std::vector<ack_outcome>{{.token = {.delivery = 77, .packet_id = 7, .level = qos::at_least_once}}});
    const auto began = clock::now();
    c.reset();
    EXPECT_LT(clock::now() - began, 30s);
    EXPECT_EQ(calls.asked, calls.answered);
    EXPECT_EQ(calls.asked, 5);
}

INSTANTIATE_TEST_SUITE_P(
    states, every_state,
    ::testing::Values("idle", "connecting", "connected", "waiting", "given up", "stopped"),
    [](const auto& given) {
        std::string name = given.param;
        std::replace(name.begin(), name.end(), ' ', '_');
        return name;
    });

INSTANTIATE_TEST_SUITE_P(
    versions, threads, ::testing::Values(protocol_version::v4, protocol_version::v5), version_name);

} // namespace
} // namespace weir::mqtt
