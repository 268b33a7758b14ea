// What a connection holds while nobody takes anything and the broker sends whatever it can. A program of its
// own, since it measures the process.
#include "producer_fixture.hpp"
#include "support/resident_bytes.hpp"
#include "support/sanitized.hpp"

#include <weir/connector/memory.hpp>
#include <weir/mqtt/codec/encoder.hpp>

#include <atomic>

namespace weir::connector {
namespace {

using testing::resident_bytes;

class flood_memory : public producer_test, public ::testing::WithParamInterface<mqtt::protocol_version> {
  protected:
    flood_memory() {
        options.config.proto_ver = GetParam();
        options.config.maximum_packet_size = 64 << 10;
        options.config.receive_bytes = 1 << 20;
        options.config.read_ahead_bytes = 256 << 10;
        options.config.qos0_buffer_messages = 500;
        options.config.qos0_buffer_bytes = 1 << 20;
        options.max_inflight = 50;
    }

    [[nodiscard]] std::size_t bound() const {
        connector::options whole;
        whole.producer = options;
        return memory(effective(whole)).sum();
    }
};

/// Small and large ones by turns: small ones that stay hold more than themselves.
std::string many(
    mqtt::protocol_version version, mqtt::qos level, std::uint16_t first, std::uint16_t count = 100) {
    mqtt::output_buffer all;
    for (std::uint16_t i = 0; i < count; ++i) {
        const auto id =
            level == mqtt::qos::at_most_once ? std::uint16_t{0} : static_cast<std::uint16_t>(first + i);
        const std::string payload(i % 10 == 0 ? 40'000 : 10, 'x');
        mqtt::encode(publish_packet(payload, level, id), version, all);
    }
    std::string text;
    for (const auto& part : all.segments())
        text.append(reinterpret_cast<const char*>(part.data()), part.size());
    return text;
}

TEST_P(flood_memory, stays_below_the_bound_that_is_told) {
    if (weir::testing::is_sanitized) GTEST_SKIP() << "what a sanitizer keeps is not to be measured";
    constexpr std::size_t to_send = 96u << 20;
    ASSERT_LT(bound(), to_send / 2) << "or it would prove nothing";
    const auto version = GetParam();
    std::atomic<std::size_t> sent{0};
    follow({ready().run("flood", [&](auto& c) {
        const auto unacknowledged = many(version, mqtt::qos::at_most_once, 0);
        c.send_raw(many(version, mqtt::qos::at_least_once, 1, 20)); // less than the window
        while (sent < to_send) {
            c.send_raw(unacknowledged);
            sent += unacknowledged.size();
        }
        for (std::uint16_t id = 101; version != mqtt::protocol_version::v5 && id < 60'000; id += 100)
            c.send_raw(many(version, mqtt::qos::at_least_once, id)); // until nobody reads any more
        c.stall(30s);
    })});
    const auto before = resident_bytes();
    start(0);
    std::size_t most = 0;
    EXPECT_TRUE(eventually([&] {
        most = std::max(most, resident_bytes());
        return sent >= to_send;
    }));
    for (int i = 0; i < 50; ++i) { // and what follows when reading has stopped
        most = std::max(most, resident_bytes());
        std::this_thread::sleep_for(10ms);
    }
    EXPECT_LT(most, before + bound());
    EXPECT_EQ(intake.messages(), 0u) << "nobody asked for one";
    EXPECT_GT(sums().qos0_dropped, 0u);
}

INSTANTIATE_TEST_SUITE_P(
    versions, flood_memory, ::testing::Values(mqtt::protocol_version::v4, mqtt::protocol_version::v5));

} // namespace
} // namespace weir::connector
