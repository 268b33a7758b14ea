// However a message ends, its start and its end are told, once each.

#include "support/consumer.hpp"
#include "support/sanitized.hpp"

#include <weir/base/telemetry.hpp>
#include <weir/connector/events.hpp>
#include <weir/mqtt/testing/accepting_broker.hpp>

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;

#if defined(__OPTIMIZE__)
constexpr std::size_t count = is_sanitized ? 10'000 : 100'000;
#else
constexpr std::size_t count = 10'000;
#endif

/// How often each number was told, for two producers.
class numbers {
  public:
    numbers() {
        for (auto& p : of_)
            p = std::vector<std::atomic<std::uint8_t>>(4 * count);
    }

    void add(std::size_t producer, std::uint64_t number) { ++of_.at(producer).at(number); }

    [[nodiscard]] std::size_t times(std::size_t producer, std::size_t number) const {
        return of_[producer][number];
    }

    [[nodiscard]] std::size_t total() const {
        std::size_t sum = 0;
        for (const auto& p : of_)
            for (const auto& n : p)
                sum += n;
        return sum;
    }

  private:
    std::array<std::vector<std::atomic<std::uint8_t>>, 2> of_;
};

TEST(each_message, has_one_start_and_one_end_whatever_goes_wrong) {
    mqtt::testing::accepting_broker broker;
    auto o = consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::exactly_once);
    o.producer.concurrency = 2;
    o.producer.shared_group = "g"; // of which this broker sends every member everything
    o.producer.max_inflight = 200;
    o.producer.redelivery = {
        .min = 1ms, .max = 5ms, .max_attempts = 3, .then = connector::after_attempts::ack, .qos0 = true};
    o.producer.config.backoff_min = 1ms;
    o.producer.config.backoff_max = 10ms;
    o.producer.config.qos0_buffer_messages = 100'000;
    numbers started;
    numbers ended;
    std::atomic<std::size_t> aborted{0};
    const auto bus = std::make_shared<weir::telemetry>();
    bus->attach<connector::events::receive_message_start>(
        "test", [&](const auto& e) { started.add(e.origin.producer_index, e.message.message_no); });
    bus->attach<connector::events::receive_message_ack>("test", [&](const auto& e) {
        ended.add(e.origin.producer_index, e.message.message_no);
        if (e.action == connector::events::ack_action::aborted) ++aborted;
    });
    o.telemetry = bus;
    std::atomic<std::size_t> handled{0};
    std::atomic<bool> block{false};
    auto running = weir::start(
        function_handler{[&](weir::message<weir::bytes>& m) {
            const auto nth = ++handled;
            while (block && !pipeline::this_worker::stop_token().stop_requested())
                std::this_thread::sleep_for(1ms);
            if (nth % 100 == 0) m.fail("one in a hundred");
            if (nth % 331 == 0) throw std::runtime_error("and then some");
        }},
        o);
    ASSERT_TRUE(running.wait_until_ready(60s));
    ASSERT_TRUE(eventually([&] { return broker.stats().subscribes >= 2; }));
    for (std::size_t i = 0; i < count / 2; ++i) {
        const auto level = static_cast<mqtt::qos>(i % 3);
        broker.push({.topic = bytes::copy("numbers/a"), .payload = bytes::copy("x"), .qos = level});
        if (i % (count / 10) == count / 20) broker.drop_connections();
        if (i == count / 4) broker.forget_sessions();
        while (broker.stats().waiting > 2'000)
            std::this_thread::sleep_for(1ms);
    }
    EXPECT_TRUE(eventually([&] { return broker.stats().waiting == 0; })) << broker.stats().waiting;
    ASSERT_TRUE(eventually([&] { return broker.stats().subscribes >= 4; })) << "again, to sessions anew";
    block = true;
    for (std::size_t i = 0; i < 300; ++i)
        broker.push(
            {.topic = bytes::copy("numbers/a"),
             .payload = bytes::copy("x"),
             .qos = mqtt::qos::at_least_once});
    ASSERT_TRUE(eventually([&] { return running.snapshot().in_flight >= 20; }))
        << running.snapshot().in_flight;
    running.stop(200ms);
    EXPECT_GT(aborted, 0u) << "some were cut off";
    EXPECT_GT(handled, count / 5) << "though the broker forgot some";
    EXPECT_EQ(started.total(), ended.total());
    std::size_t wrong = 0;
    for (std::size_t producer = 0; producer < 2; ++producer)
        for (std::size_t number = 0; number < 4 * count; ++number) {
            const auto times = started.times(producer, number);
            if (times > 1 || ended.times(producer, number) != times) ++wrong;
        }
    EXPECT_EQ(wrong, 0u);
    bus->detach("test");
}

} // namespace
} // namespace weir::testing
