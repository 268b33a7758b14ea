#include "inbound_record.hpp"
#include "lanes.hpp"
#include "overlap_filter.hpp"
#include "subscription_groups.hpp"

#include <weir/base/block_pool.hpp>
#include <weir/connector/memory.hpp>

#include <algorithm>
#include <array>
#include <cstdio>

namespace weir::connector {

namespace {

/// Of one message besides its content, wherever it is: its record here and that of the session, places in
/// queues, a timer.
constexpr std::size_t per_message = 1'024 + sizeof(inbound_record);

/// Of a packet id that the broker has in use beyond the window: a fingerprint and its place.
constexpr std::size_t per_packet_id = 256;
constexpr std::size_t packet_ids = 65'535;

/// Of a key or a message that is remembered, with its places in an index and in a queue.
constexpr std::size_t per_copy = 512;

constexpr std::size_t store_cache = 4u << 20;

/// What a connection has not written yet.
constexpr std::size_t output_buffer = 256u << 10;

/// The blocks that a lane reads into; beyond them a message that stays holds a small one at most.
constexpr std::size_t blocks_of_a_lane = 64 * block_pool::block_size;

bool has_window(const producer_options& p) {
    const auto acknowledged = [](const topic& t) { return t.qos != mqtt::qos::at_most_once; };
    return std::ranges::any_of(p.topics, acknowledged);
}

/// The first message is taken whatever its size.
std::size_t window_bytes(const producer_options& p) {
    if (!has_window(p)) return 0;
    const std::size_t packet = p.config.maximum_packet_size;
    return std::min(p.max_inflight * packet, std::max(p.config.receive_bytes, packet));
}

/// What is put together of a packet may be twice as much while it moves.
std::size_t read_ahead_bytes(const producer_options& p) {
    return p.config.read_ahead_bytes + 2 * std::size_t{p.config.maximum_packet_size};
}

std::size_t qos0_bytes(const producer_options& p) {
    const auto& c = p.config;
    return std::min(c.qos0_buffer_messages * std::size_t{c.maximum_packet_size}, c.qos0_buffer_bytes) +
           c.qos0_buffer_messages * per_message;
}

std::size_t store_bytes(const producer_options& p) {
    if (!mqtt::has_store(p.config)) return 0;
    return store_cache + (p.qos2 == qos2_mode::durable ? window_bytes(p) : 0);
}

std::size_t copies_bytes(const producer_options& p) {
    const auto overlapping = identified_filters(p).empty() ? 0 : overlap_filter::most;
    return (p.idempotency_key.entries + overlapping) * per_copy;
}

/// Those of messages of QoS 0 are in no window.
std::size_t dead_letter_bytes(const producer_options& p) {
    const auto& c = p.config;
    if (p.dead_letter.topic.empty()) return 0;
    return std::min(c.send_queue_messages * std::size_t{c.maximum_packet_size}, c.send_queue_bytes) +
           c.send_queue_messages * per_message + output_buffer;
}

std::size_t small_blocks(const producer_options& p) {
    return (p.max_inflight + p.config.qos0_buffer_messages) * block_pool::overflow_size;
}

std::string mib(std::size_t bytes) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.1f", static_cast<double>(bytes) / (1u << 20));
    return text.data();
}

} // namespace

memory_bounds memory(const options& o) {
    const auto& p = o.producer;
    const auto all = [&](std::size_t of_one) { return p.concurrency * of_one; };
    return {
        .window = all(window_bytes(p)),
        .read_ahead = all(read_ahead_bytes(p)),
        .qos0_queue = all(qos0_bytes(p)),
        .store = all(store_bytes(p)),
        .copies = all(copies_bytes(p)),
        .dead_letters = all(dead_letter_bytes(p)),
        .bookkeeping = all(p.max_inflight * per_message + packet_ids * per_packet_id),
        .buffers = lanes_for(p.concurrency) * blocks_of_a_lane + all(small_blocks(p))};
}

std::string memory_line(const options& o) {
    const auto m = memory(o);
    return "memory: at most " + mib(m.sum()) + " MiB for " + std::to_string(o.producer.concurrency) +
           " connection" + (o.producer.concurrency == 1 ? "" : "s") + ": window " + mib(m.window) +
           ", read ahead " + mib(m.read_ahead) + ", QoS 0 queue " + mib(m.qos0_queue) + ", store " +
           mib(m.store) + ", copies " + mib(m.copies) + ", dead letters " + mib(m.dead_letters) +
           ", bookkeeping " + mib(m.bookkeeping) + ", buffers " + mib(m.buffers);
}

} // namespace weir::connector
