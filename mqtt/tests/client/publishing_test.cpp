#include "client_fixture.hpp"

#include <future>
#include <map>
#include <mutex>
#include <thread>

namespace weir::mqtt {
namespace {

class publishing : public client_version_test {};

TEST_P(publishing, each_quality_of_service_has_its_outcome) {
    accepting_broker broker;
    auto& c = start(quick_options(broker.port(), GetParam()));
    for (const auto level : {qos::at_most_once, qos::at_least_once, qos::exactly_once}) {
        std::promise<publish_done> outcome;
        c.publish(message("t", "p", level), [&](const publish_done& d) { outcome.set_value(d); });
        const auto done = outcome.get_future().get();
        EXPECT_FALSE(done.failed) << done.failed.message();
        EXPECT_EQ(done.packet_id != 0, level != qos::at_most_once);
    }
    EXPECT_TRUE(broker.wait_for([](const auto& n) { return n.publishes == 3; }));
}

TEST_P(publishing, a_bad_topic_fails_and_sends_nothing) {
    test_broker broker{{conversation{}.accept().expect_nothing(100ms)}};
    auto& c = start(quick_options(broker.port(), GetParam()));
    std::promise<error> outcome;
    c.publish(message("a/+/b", "p"), [&](const publish_done& d) { outcome.set_value(d.failed); });
    EXPECT_EQ(outcome.get_future().get().code, errc::topic_name_invalid);
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(publishing, an_outcome_never_comes_inside_the_call) {
    accepting_broker broker;
    auto& c = start(quick_options(broker.port(), GetParam()));
    const auto caller = std::this_thread::get_id();
    std::promise<std::thread::id> completer;
    c.publish(message("", "refused"), [&](const auto&) { completer.set_value(std::this_thread::get_id()); });
    EXPECT_NE(completer.get_future().get(), caller);
}

// Packets are written whole, and each caller's in its order.
TEST_P(publishing, eight_threads_interleave_packets_but_never_bytes) {
    constexpr int threads = 8;
    constexpr int each = 2'000;
    accepting_broker broker;
    std::mutex mutex;
    std::map<std::string, int> next;
    bool in_order = true;
    broker.on_publish([&](const publish& p) {
        const std::lock_guard lock{mutex};
        auto& expected = next[std::string{p.topic.text()}];
        in_order = in_order && p.payload == std::to_string(expected);
        ++expected;
    });
    auto options = quick_options(broker.port(), GetParam());
    options.send_queue_messages = threads * each;
    options.max_inflight = 1'000;
    auto& c = start(options);
    counter good;
    std::vector<std::thread> callers;
    for (int t = 0; t < threads; ++t)
        callers.emplace_back([&, t] {
            for (int i = 0; i < each; ++i)
                c.publish(
                    message("thread/" + std::to_string(t), std::to_string(i), qos::at_least_once),
                    [&](const publish_done& d) {
                        if (!d.failed) ++good;
                    });
        });
    for (auto& t : callers)
        t.join();
    EXPECT_TRUE(good.wait_for(threads * each)) << good;
    c.stop();
    EXPECT_EQ(broker.stats().publishes, std::size_t{threads * each});
    EXPECT_TRUE(in_order);
    const auto io = c.io_stats();
    EXPECT_LT(io.writes, threads * each / 4) << "small packets ready at the same time share a write";
}

TEST_P(publishing, beyond_the_bound_the_outcome_is_queue_full) {
    auto options = quick_options(accepting_broker{}.port(), GetParam());
    options.send_queue_messages = 10;
    options.backoff_min = options.backoff_max = 60s;
    auto& c = start(options);
    std::atomic<int> full{0};
    std::atomic<int> aborted{0};
    for (int i = 0; i < 100; ++i)
        c.publish(message("t", "p", qos::at_least_once), [&](const publish_done& d) {
            if (d.failed.code == errc::queue_full) ++full;
            if (d.failed.code == errc::aborted) ++aborted;
        });
    c.stop();
    EXPECT_EQ(full + aborted, 100);
    EXPECT_GE(full, 80);
    EXPECT_GE(aborted, 10);
}

TEST_P(publishing, a_message_larger_than_the_queue_is_told_so) {
    accepting_broker broker;
    auto options = quick_options(broker.port(), GetParam());
    options.send_queue_bytes = 100;
    std::promise<error> outcome;
    start(options).publish(
        message("t", std::string(100, 'x'), qos::at_least_once),
        [&](const publish_done& d) { outcome.set_value(d.failed); });
    const auto failed = outcome.get_future().get();
    EXPECT_EQ(failed.code, errc::queue_full);
    EXPECT_NE(failed.detail.find("send_queue_bytes"), std::string::npos) << failed.detail;
}

TEST_P(publishing, one_outcome_each_though_connections_come_and_go) {
    constexpr int total = 3'000;
    accepting_broker broker;
    auto options = quick_options(broker.port(), GetParam());
    options.clean_start = false;
    if (GetParam() == protocol_version::v5) options.session_expiry = 3'600;
    options.send_queue_messages = total;
    options.backoff_min = options.backoff_max = 1ms;
    auto& c = start(options);
    std::vector<std::atomic<int>> outcomes(total);
    counter good;
    for (int i = 0; i < total; ++i) {
        c.publish(
            message("t", std::to_string(i), i % 2 == 0 ? qos::at_least_once : qos::exactly_once),
            [&, i](const publish_done& d) {
                ++outcomes[static_cast<std::size_t>(i)];
                if (!d.failed) ++good;
            });
        if (i % 500 == 250) {
            ASSERT_TRUE(broker.wait_for(
                [&](const auto& n) { return n.publishes > static_cast<std::size_t>(i) / 2; }));
            broker.drop_connections();
        }
    }
    EXPECT_TRUE(good.wait_for(total)) << good;
    c.stop();
    for (const auto& n : outcomes)
        EXPECT_EQ(n, 1);
}

INSTANTIATE_TEST_SUITE_P(
    versions, publishing, ::testing::Values(protocol_version::v4, protocol_version::v5), version_name);

} // namespace
} // namespace weir::mqtt
