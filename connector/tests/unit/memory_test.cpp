#include "some_options.hpp"

#include <weir/connector/memory.hpp>

namespace weir::connector {
namespace {

using ::testing::HasSubstr;

memory_bounds with(const std::function<void(producer_options&)>& change) {
    auto o = good();
    change(o.producer);
    return memory(effective(o));
}

constexpr std::size_t mib = 1u << 20;

TEST(memory_bounds, of_the_window_is_what_bounds_it_first) {
    EXPECT_EQ(with([](auto&) {}).window, 64 * mib) << "receive_bytes";
    EXPECT_EQ(with([](auto& p) { p.config.maximum_packet_size = 1'000; }).window, 100'000u);
    EXPECT_EQ(with([](auto& p) { p.config.receive_bytes = 1'000; }).window, 16 * mib)
        << "one is taken always";
    EXPECT_EQ(with([](auto& p) { p.topics[0].qos = mqtt::qos::at_most_once; }).window, 0u);
}

TEST(memory_bounds, are_those_of_all_connections) {
    const auto one = with([](auto& p) { p.shared_group = "g"; });
    const auto three = with([](auto& p) {
        p.shared_group = "g";
        p.concurrency = 3;
    });
    EXPECT_EQ(three.window, 3 * one.window);
    EXPECT_EQ(three.qos0_queue, 3 * one.qos0_queue);
    EXPECT_EQ(three.read_ahead, 3 * one.read_ahead);
    EXPECT_GT(three.sum(), 2 * one.sum());
}

TEST(memory_bounds, count_what_is_turned_on) {
    const auto plain = with([](auto&) {});
    EXPECT_EQ(plain.store, 0u);
    EXPECT_EQ(plain.copies, 0u);
    EXPECT_GT(with([](auto& p) { p.idempotency_key = {.user_property = "id", .entries = 5}; }).copies, 0u);
    EXPECT_GT(with([](auto& p) { p.topics = {{"a/+"}, {"a/b"}}; }).copies, 0u);
    EXPECT_EQ(plain.dead_letters, 0u);
    EXPECT_GT(with([](auto& p) { p.dead_letter.topic = "dead"; }).dead_letters, 64 * mib);
    const auto stored = with([](auto& p) { p.config.store.path = "sessions"; });
    EXPECT_EQ(stored.store, 4 * mib);
    const auto durable = with([](auto& p) {
        p.config.store.path = "sessions";
        p.qos2 = qos2_mode::durable;
    });
    EXPECT_EQ(durable.store, 4 * mib + durable.window);
}

TEST(memory_bounds, are_told_in_one_line) {
    const auto line = memory_line(effective(good()));
    EXPECT_THAT(line, HasSubstr("MiB for 1 connection: window 64.0, read ahead 33.0, QoS 0 queue "));
}

} // namespace
} // namespace weir::connector
