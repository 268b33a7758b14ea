// A sink that does not keep up, or does not move at all.

#include "support/consumer.hpp"
#include "support/mosquitto.hpp"
#include "support/publisher.hpp"
#include "support/resident_bytes.hpp"

#include <weir/base/telemetry.hpp>
#include <weir/base/time.hpp>
#include <weir/connector/events.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;

TEST(blocked_sink, for_ten_times_the_keep_alive_costs_neither_the_connection_nor_a_message) {
    WEIR_NEEDS_MOSQUITTO();
    constexpr std::size_t count = 3'000;
    mosquitto broker("max_inflight_messages 0\n");
    auto o = consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::at_least_once);
    o.producer.config.keepalive = 1s;
    o.producer.max_inflight = 50;
    o.producer.stall_after = 2s;
    const auto bus = std::make_shared<weir::telemetry>();
    std::atomic<int> stalled{0};
    std::atomic<int> resumed{0};
    bus->attach<connector::events::window_stalled>("test", [&](const auto& e) {
        EXPECT_EQ(e.message.topic, "numbers/a");
        ++stalled;
    });
    bus->attach<connector::events::window_resumed>("test", [&](const auto&) { ++resumed; });
    o.telemetry = bus;
    std::atomic<bool> blocked{true};
    tally handled;
    auto running = weir::start(
        function_handler{[&](weir::message<weir::bytes>& m) {
            while (blocked)
                std::this_thread::sleep_for(5ms);
            handled.add(number_in(m.data));
        }},
        o);
    ASSERT_TRUE(running.wait_until_ready(10s));
    publisher source(broker.port());
    const std::string more(20'000, ' ');
    for (std::size_t n = 0; n < count; ++n) {
        source.publish("numbers/a", std::to_string(n) + more, weir::qos::at_least_once);
        if (n % 100 != 99) continue;
        ASSERT_TRUE(source.wait()); // so that the source takes no memory worth a word
    }
    ASSERT_TRUE(eventually([&] { return stalled >= 1; }));
    const auto before = resident_bytes();
    std::this_thread::sleep_for(10s); // the sink itself
    EXPECT_LT(resident_bytes(), before + 16'000'000) << "the broker has nearly 60 MB";
    EXPECT_EQ(running.stats().connects, 1u);
    EXPECT_LE(running.stats().received, 50u) << "the rest is with the broker";
    EXPECT_GE(stalled, 2) << "after 2 s and 4 s";
    EXPECT_LE(stalled, 4);
    blocked = false;
    EXPECT_TRUE(eventually([&] { return handled.size() == count; })) << handled.size();
    EXPECT_EQ(handled.total(), count);
    EXPECT_EQ(running.stats().connects, 1u);
    EXPECT_TRUE(eventually([&] { return resumed == 1; }));
    running.stop();
    bus->detach("test");
}

/// What the broker's log tells of the messages sent to one client and their acknowledgements.
struct acknowledgements {
    std::size_t out_of_order{0};
    std::size_t total{0};
};

acknowledgements acknowledgements_in(const std::string& log, const std::string& client) {
    acknowledgements seen;
    std::deque<std::string> open;
    std::istringstream lines(log);
    for (std::string line; std::getline(lines, line);) {
        const auto sent = line.find("Sending PUBLISH to " + client);
        const auto answered = line.find("Received PUBACK from " + client);
        if (sent != std::string::npos) {
            const auto id = line.find(", m") + 3;
            open.push_back(line.substr(id, line.find(',', id) - id));
        } else if (answered != std::string::npos) {
            const auto id = line.find("Mid: ") + 5;
            const auto mid = line.substr(id, line.find(',', id) - id);
            ++seen.total;
            if (open.empty() || open.front() != mid) ++seen.out_of_order;
            if (!open.empty()) open.pop_front();
        }
    }
    return seen;
}

/// How many messages are in a pipeline, and the most there were at any moment.
class occupancy {
  public:
    explicit occupancy(weir::telemetry& bus)
        : bus_(bus) {
        bus_.attach<connector::events::receive_message_start>("occupancy", [this](const auto&) {
            const std::lock_guard lock(mutex_);
            most_ = std::max(most_, ++now_);
        });
        bus_.attach<connector::events::receive_message_ack>("occupancy", [this](const auto&) {
            const std::lock_guard lock(mutex_);
            --now_;
        });
    }

    occupancy(const occupancy&) = delete;
    occupancy& operator=(const occupancy&) = delete;

    ~occupancy() { bus_.detach("occupancy"); }

    [[nodiscard]] std::size_t most() const {
        const std::lock_guard lock(mutex_);
        return most_;
    }

  private:
    weir::telemetry& bus_;
    mutable std::mutex mutex_;
    std::size_t now_{0};
    std::size_t most_{0};
};

/// Mosquitto 2.0 keeps to the Receive Maximum only until the first acknowledgement of a connection. What is
/// too much waits outside the pipeline.
TEST(sixteen_processors, with_random_delays_acknowledge_in_order_and_never_hold_more_than_the_window) {
    WEIR_NEEDS_MOSQUITTO();
    constexpr std::size_t count = 3'000;
    constexpr std::uint16_t window = 64;
    mosquitto broker("log_type all\nmax_inflight_messages 0\n");
    auto o = consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::at_least_once);
    o.producer.max_inflight = window;
    o.processors = {.concurrency = 16, .max_demand = 2};
    const auto bus = std::make_shared<weir::telemetry>();
    const occupancy held(*bus);
    o.telemetry = bus;
    tally handled;
    auto running = weir::start(
        function_handler{[&](weir::message<weir::bytes>& m) {
            thread_local std::minstd_rand random{std::random_device{}()};
            std::this_thread::sleep_for(std::chrono::microseconds{random() % 2'000});
            handled.add(number_in(m.data));
        }},
        o);
    ASSERT_TRUE(running.wait_until_ready(10s));
    publisher source(broker.port());
    source.publish("numbers/a", 0, count, weir::qos::at_least_once);
    ASSERT_TRUE(source.wait());
    std::size_t most_used = 0;
    ASSERT_TRUE(eventually([&] {
        const auto now = running.stats();
        most_used = std::max(most_used, now.window_used);
        return now.acked == count;
    })) << running.stats().acked;
    EXPECT_LE(most_used, window);
    EXPECT_GT(held.most(), 1u);
    EXPECT_LE(held.most(), window);
    acknowledgements seen;
    EXPECT_TRUE(eventually([&] {
        std::this_thread::sleep_for(50ms); // reading the log takes a while
        seen = acknowledgements_in(broker.log(), "consumer_0");
        return seen.total == count;
    })) << seen.total;
    EXPECT_EQ(seen.out_of_order, 0u);
    EXPECT_EQ(running.stats().connects, 1u);
}

/// Publishes of QoS 0 at ten times what a pipeline of two processors with a delay of 1 ms takes, at most; and
/// never so far ahead of what has `arrived` at the pipeline that a queue builds up at the broker.
class flood {
  public:
    flood(std::uint16_t port, std::function<std::size_t()> arrived)
        : arrived_(std::move(arrived))
        , source_(port, mqtt::protocol_version::v5, "flood")
        , thread_([this] { run(); }) {}

    flood(const flood&) = delete;
    flood& operator=(const flood&) = delete;

    ~flood() { end(); }

    /// Returns how many were published.
    std::size_t end() {
        over_ = true;
        if (thread_.joinable()) thread_.join();
        EXPECT_TRUE(source_.wait());
        return published_;
    }

  private:
    void run() {
        for (; !over_; std::this_thread::sleep_for(10ms)) {
            if (published_ > arrived_() + 1'000) continue;
            source_.publish("numbers/a", published_, 200, weir::qos::at_most_once);
            published_ += 200;
        }
    }

    const std::function<std::size_t()> arrived_;
    publisher source_;
    std::atomic<bool> over_{false};
    std::size_t published_{0};
    std::thread thread_;
};

/// How long orders take from their publishing to their handling.
class order_clock {
  public:
    explicit order_clock(std::uint16_t port)
        : source_(port) {}

    void handled(std::size_t number) {
        orders_.add(number);
        handled_at_ = clock::now(); // one is under way at a time
        ++count_;
    }

    /// The median of `count` orders, one after the other.
    [[nodiscard]] std::chrono::microseconds median(std::size_t count) {
        std::vector<duration> took;
        for (std::size_t i = 0; i < count; ++i) {
            const auto published_at = clock::now();
            source_.publish("orders/a", published_, 1, weir::qos::at_least_once);
            ++published_;
            EXPECT_TRUE(eventually([&] { return count_ == published_; })) << published_;
            took.push_back(handled_at_.load() - published_at);
        }
        std::ranges::nth_element(took, took.begin() + static_cast<std::ptrdiff_t>(count / 2));
        return std::chrono::duration_cast<std::chrono::microseconds>(took[count / 2]);
    }

    [[nodiscard]] std::size_t published() const noexcept { return published_; }

    [[nodiscard]] const tally& orders() const noexcept { return orders_; }

  private:
    publisher source_;
    tally orders_;
    std::size_t published_{0};
    std::atomic<time_point> handled_at_{};
    std::atomic<std::size_t> count_{0};
};

TEST(qos_0_flood, is_dropped_by_policy_counted_and_does_not_delay_qos_1) {
    WEIR_NEEDS_MOSQUITTO();
    constexpr std::size_t buffer = 2'000; // a second's work for the sink
    mosquitto broker("max_queued_messages 0\n");
    auto o = consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::at_most_once);
    o.producer.topics = {{"numbers/#", weir::qos::at_most_once}, {"orders/#", weir::qos::at_least_once}};
    o.producer.config.qos0_buffer_messages = buffer;
    o.processors = {.concurrency = 2, .max_demand = 2};
    order_clock orders(broker.port());
    std::atomic<std::size_t> numbers{0};
    auto running = weir::start(
        function_handler{[&](weir::message<weir::bytes>& m) {
            std::this_thread::sleep_for(1ms); // two thousand a second at most
            if (m.metadata.topic().starts_with("orders/"))
                orders.handled(number_in(m.data));
            else
                ++numbers;
        }},
        o);
    ASSERT_TRUE(running.wait_until_ready(10s));
    const auto quiet = orders.median(40);
    flood numbers_published(broker.port(), [&] {
        const auto now = running.stats();
        return now.received + now.qos0_waiting;
    });
    ASSERT_TRUE(eventually([&] { return running.stats().qos0_overflowed > 0; }))
        << "otherwise it is no flood";
    const auto dropped_before = running.stats().qos0_overflowed;
    const auto beside = orders.median(40);
    EXPECT_GT(running.stats().qos0_overflowed, dropped_before) << "the flood has gone on";
    EXPECT_LT(beside, 10 * quiet + 200ms) << "behind the QoS 0 that waits it would take a second; without "
                                             "the flood it takes "
                                          << quiet.count() << " us";
    RecordProperty("quiet_us", std::to_string(quiet.count()));
    RecordProperty("beside_us", std::to_string(beside.count()));
    const auto sent = orders.published();
    EXPECT_TRUE(eventually([&] { return running.stats().acked == sent; })) << running.stats().acked;
    const auto published = numbers_published.end();
    EXPECT_TRUE(eventually([&] {
        const auto s = running.stats();
        return s.received == published + sent && s.succeeded + s.qos0_dropped == s.received;
    })) << running.stats().received
        << " of " << published;
    const auto s = running.stats();
    EXPECT_EQ(numbers + s.qos0_dropped, published);
    EXPECT_EQ(s.qos0_waiting, 0u);
    EXPECT_EQ(orders.orders().total(), sent);
}

} // namespace
} // namespace weir::testing
