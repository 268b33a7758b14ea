#pragma once

#include "ack_stream.hpp"
#include "latency_histogram.hpp"
#include "publish_image.hpp"
#include "scenario.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <vector>

namespace weir::bench {

/// The broker's side of one connection after the handshake: keeps the window full with PUBLISH packets,
/// answers PUBREC with PUBREL, and takes the time from a PUBLISH to its PUBACK or PUBREC.
///
/// Packets are encoded beforehand and leave in gather writes of all that the window allows, so that the
/// broker costs little beside its system calls.
class flood {
  public:
    /// `fd` stays the caller's; `window` is the smaller of the scenario's and the subscriber's.
    /// `busy`: polls the socket without sleeping. A sleeping broker is woken by the write of an ack, and the
    /// writer pays for that; a busy one shows what a client costs without it.
    flood(int fd, const scenario& s, std::uint16_t window, bool busy);

    /// Publishes for `length`, as fast as the subscriber lets.
    void run_for(std::chrono::nanoseconds length);

    /// Publishes no more and waits until every message has been acknowledged; throws after `limit`.
    void settle(std::chrono::nanoseconds limit);

    /// Throws away the latencies taken so far.
    void forget_latencies() noexcept { latencies_ = {}; }

    [[nodiscard]] const latency_histogram& latencies() const noexcept { return latencies_; }

    /// Messages whose last byte was handed to the kernel.
    [[nodiscard]] std::uint64_t published() const noexcept {
        return published_bytes_ / publishes_.packet_size();
    }

    /// Messages whose exchange has ended; at QoS 0 those published.
    [[nodiscard]] std::uint64_t completed() const noexcept {
        return qos_ == 0 ? published() : acks_.completed();
    }

  private:
    using clock = std::chrono::steady_clock;

    /// Messages up to `end` (exclusive) whose write began at `at`.
    struct sent_run {
        std::uint64_t end;
        clock::time_point at;
    };

    void receive();
    void send();
    void gather();
    void account(std::uint64_t written, clock::time_point began);
    void measure(std::uint64_t from, std::uint64_t to, clock::time_point now);
    void answer_pings();
    void wait(clock::time_point until);
    [[nodiscard]] bool is_settled() const noexcept;
    [[nodiscard]] std::uint64_t publish_target() const noexcept;

    int fd_;
    int qos_;
    std::uint64_t window_;
    bool busy_;
    packet_cycle publishes_;
    packet_cycle releases_;
    ack_stream acks_;
    std::uint64_t published_bytes_{0};
    std::uint64_t released_bytes_{0};
    bool publishing_{true};
    bool writable_{true};
    std::uint64_t first_part_{0};   ///< bytes of the write that finish a packet begun by the last one
    std::uint64_t release_part_{0}; ///< bytes of the write that are PUBRELs
    std::vector<iovec> pieces_;
    std::deque<sent_run> in_flight_;
    latency_histogram latencies_;
};

} // namespace weir::bench
