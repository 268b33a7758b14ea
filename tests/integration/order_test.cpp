#include "support/consumer.hpp"

#include <weir/mqtt/testing/scripted_broker.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <thread>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using mqtt::testing::conversation;

constexpr std::uint16_t messages = 500;

mqtt::publish numbered(std::uint16_t id, weir::qos level) {
    return {
        .topic = bytes::copy("numbers/a"),
        .payload = bytes::copy(std::to_string(id)),
        .qos = level,
        .packet_id = id};
}

/// Takes a while, another one each time.
void work_for_a_while() {
    thread_local std::minstd_rand random{std::random_device{}()};
    std::this_thread::sleep_for(std::chrono::microseconds{random() % 2'000});
}

class order_of_acks : public ::testing::TestWithParam<weir::qos> {};

TEST_P(order_of_acks, is_that_of_arrival_however_processing_finishes) {
    const bool qos1 = GetParam() == weir::qos::at_least_once;
    auto script = conversation{}.accept().grant_subscribe();
    for (std::uint16_t id = 1; id <= messages; ++id)
        script.send(numbered(id, GetParam()));
    for (std::uint16_t id = 1; id <= messages; ++id)
        script.expect(
            mqtt::ack{.type = qos1 ? mqtt::ack_type::puback : mqtt::ack_type::pubrec, .packet_id = id});
    mqtt::testing::scripted_broker broker({script});

    auto options = consumer_options(broker.port(), mqtt::protocol_version::v5, GetParam());
    options.producer.max_inflight = messages;
    options.processors = {.concurrency = 16, .max_demand = 2};
    std::atomic<std::size_t> last{0};
    std::atomic<std::size_t> overtaken{0};
    auto running = weir::start(
        function_handler{[&](weir::message<weir::bytes>& m) {
            work_for_a_while();
            const auto number = number_in(m.data);
            if (last.exchange(number) > number) ++overtaken;
        }},
        options);
    EXPECT_EQ(broker.finish(30s), "");
    EXPECT_GT(overtaken, 0u) << "otherwise nothing was tried";
}

INSTANTIATE_TEST_SUITE_P(
    qos, order_of_acks, ::testing::Values(weir::qos::at_least_once, weir::qos::exactly_once));

} // namespace
} // namespace weir::testing
