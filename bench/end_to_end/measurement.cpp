#include "measurement.hpp"

#include "child_process.hpp"
#include "flood.hpp"
#include "handshake.hpp"
#include "shared_counters.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <thread>
#include <vector>

namespace weir::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::seconds patience{10};

std::vector<std::string> command_line(
    const std::string& consumer, const scenario& s, const setup& how, std::uint16_t port, int counters) {
    return {
        "consume",
        consumer,
        fmt::format("--port={}", port),
        fmt::format("--qos={}", s.qos),
        fmt::format("--window={}", s.window),
        fmt::format("--version={}", s.version),
        fmt::format("--counters-fd={}", counters),
        fmt::format("--processors={}", how.processors),
        fmt::format("--max-demand={}", how.max_demand != 0 ? how.max_demand : std::size_t{s.window} * 2)};
}

/// State of the world at one moment of a run.
struct reading {
    clock::time_point at;
    std::uint64_t handled;
    std::chrono::nanoseconds cpu;
    std::chrono::nanoseconds broker_cpu;
};

reading read_all(const child_process& child, const shared_counters& counters) {
    return {clock::now(), counters.sum(), child.cpu(), own_cpu()};
}

double per_message(std::chrono::nanoseconds total, std::uint64_t messages) {
    return messages == 0 ? 0 : static_cast<double>(total.count()) / static_cast<double>(messages);
}

sample between(const reading& begin, const reading& end) {
    const auto n = end.handled - begin.handled;
    sample s;
    s.messages_per_second = static_cast<double>(n) / std::chrono::duration<double>(end.at - begin.at).count();
    s.cpu_ns = per_message(end.cpu - begin.cpu, n);
    s.broker_cpu_ns = per_message(end.broker_cpu - begin.broker_cpu, n);
    return s;
}

// At QoS 0 nothing comes back, and a handler may still run when its message has been acknowledged.
void await_handled(const shared_counters& counters, std::uint64_t expected) {
    const auto end = clock::now() + patience;
    while (counters.sum() < expected && clock::now() < end)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    if (counters.sum() != expected)
        throw std::runtime_error(fmt::format("{} messages handled of {}", counters.sum(), expected));
}

/// A connection, closed at the end.
struct connection {
    int fd{-1};

    connection() = default;
    connection(const connection&) = delete;
    connection& operator=(const connection&) = delete;

    ~connection() {
        if (fd >= 0) close(fd);
    }
};

} // namespace

sample measure(const std::string& consumer, const scenario& s, const timing& t, const setup& how) {
    shared_counters counters;
    const listener entrance;
    connection line; // outlives the child, which need not see it end
    const child_process child(command_line(consumer, s, how, entrance.port(), counters.fd()));
    line.fd = entrance.accept();
    const auto peer = shake_hands(line.fd);
    if (peer.version != s.version) throw std::runtime_error("the consumer speaks another version");

    flood source(line.fd, s, std::min(s.window, peer.receive_maximum), how.busy_broker);
    source.run_for(t.warm_up);
    source.forget_latencies();
    const auto begin = read_all(child, counters);
    source.run_for(t.measured);
    auto result = between(begin, read_all(child, counters));
    result.ack_p50_us = source.latencies().percentile_us(0.5);
    result.ack_p99_us = source.latencies().percentile_us(0.99);
    source.settle(patience);
    await_handled(counters, source.published());
    result.messages = source.published();
    return result;
}

} // namespace weir::bench
