// Cost of the session alone, without a socket: packets in, packets out, and what the application does
// between. Every iteration ends with nothing under way. A packet is one that the session takes or makes.

#include "support/counting_new.hpp"

#include <weir/mqtt/codec/encoder.hpp>
#include <weir/mqtt/session/session.hpp>

#include <benchmark/benchmark.h>

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace weir;
using namespace weir::mqtt;

constexpr std::uint16_t window = 255;     ///< messages at once
constexpr std::uint32_t all_ids = 65'535; ///< of which that is a part without remainder
constexpr std::size_t payload_size = 64;

void append(std::string& wire, const packet& p) {
    output_buffer out;
    encode(p, protocol_version::v5, out);
    for (const auto part : out.segments())
        wire.append(reinterpret_cast<const char*>(part.data()), part.size());
}

bytes publishes(qos q) {
    std::string wire;
    for (std::uint16_t id = 1; id <= window; ++id) {
        publish p;
        p.topic = bytes::copy("plant/line-3/sensor/" + std::to_string(100'000 + id));
        p.payload = bytes::copy(std::string(payload_size, 'x'));
        p.qos = q;
        p.packet_id = q == qos::at_most_once ? std::uint16_t{0} : id;
        append(wire, p);
    }
    return bytes::copy(wire);
}

/// One ack of that type for each id from `first` on, as many as the window holds.
bytes acks(ack_type type, std::uint32_t first = 1) {
    std::string wire;
    for (std::uint32_t id = first; id < first + window; ++id)
        append(wire, ack{.type = type, .packet_id = static_cast<std::uint16_t>(id)});
    return bytes::copy(wire);
}

/// For every place where the ids of a window may begin.
std::vector<bytes> acks_for_all_ids(ack_type type) {
    std::vector<bytes> all;
    for (std::uint32_t first = 1; first <= all_ids; first += window)
        all.push_back(acks(type, first));
    return all;
}

/// A session that is connected, its application and its transport.
class workplace {
  public:
    workplace()
        : session_(options()) {
        session_.opened(now_, {});
        write();
        std::string wire;
        append(wire, connack{false, 0, {}});
        receive(bytes::copy(wire));
        session_.demand(std::size_t{1} << 60, now_, events_);
    }

    void receive(const bytes& block) { session_.received(block, now_, events_); }

    /// Takes what was delivered and acknowledges all of it.
    std::size_t acknowledge() {
        done_.clear();
        for (const auto& e : events_)
            if (const auto* m = std::get_if<message_received>(&e)) done_.push_back({.token = m->token});
        events_.clear();
        session_.acknowledge(done_, now_, events_);
        return done_.size();
    }

    void publish(const bytes& topic, const bytes& payload, qos q) {
        outgoing m;
        m.topic = topic;
        m.payload = payload;
        m.qos = q;
        if (!session_.publish(std::move(m), now_, events_)) throw std::logic_error("not published");
    }

    std::size_t outcomes() {
        std::size_t found = 0;
        for (const auto& e : events_)
            if (const auto* p = std::get_if<publish_done>(&e)) found += p->failed ? 0 : 1;
        events_.clear();
        return found;
    }

    /// Returns the bytes written.
    std::size_t write() {
        out_.clear();
        session_.take_output(out_);
        session_.written(now_, events_);
        return out_.size();
    }

  private:
    static client_options options() {
        client_options o;
        o.clientid = "bench";
        o.max_inflight = window;
        o.receive_maximum = window;
        return o;
    }

    session session_;
    time_point now_{std::chrono::hours{1}};
    events events_;
    output_buffer out_;
    std::vector<ack_outcome> done_;
};

void expect(std::size_t got, std::size_t wanted) {
    if (got != wanted) throw std::logic_error(std::to_string(got) + " instead of " + std::to_string(wanted));
}

/// Runs `one` window at a time, each message of which is so many packets.
template <class Window>
void run(benchmark::State& state, std::int64_t packets_of_a_message, Window one) {
    constexpr int warm_up = 2 * all_ids / window; // every id has been used
    for (int i = 0; i < warm_up; ++i)
        one();
    const auto before = test::memory().allocations;
    for (auto _ : state)
        one();
    const auto packets = static_cast<double>(state.iterations() * packets_of_a_message * window);
    state.SetItemsProcessed(static_cast<std::int64_t>(packets));
    state.counters["per_packet"] =
        benchmark::Counter(packets, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
    state.counters["allocations/packet"] = static_cast<double>(test::memory().allocations - before) / packets;
}

void receive_qos_0(benchmark::State& state) {
    workplace w;
    const auto block = publishes(qos::at_most_once);
    run(state, 1, [&] {
        w.receive(block);
        expect(w.acknowledge(), window);
    });
}

void receive_qos_1(benchmark::State& state) {
    workplace w;
    const auto block = publishes(qos::at_least_once);
    run(state, 2, [&] {
        w.receive(block);
        expect(w.acknowledge(), window);
        expect(w.write(), window * 4);
    });
}

void receive_qos_2(benchmark::State& state) {
    workplace w;
    const auto block = publishes(qos::exactly_once);
    const auto releases = acks(ack_type::pubrel);
    run(state, 4, [&] {
        w.receive(block);
        expect(w.acknowledge(), window);
        expect(w.write(), window * 4);
        w.receive(releases);
        expect(w.write(), window * 4);
    });
}

void publish_qos_0(benchmark::State& state) {
    workplace w;
    const auto topic = bytes::copy("plant/line-3/sensor/000001");
    const auto payload = bytes::copy(std::string(payload_size, 'x'));
    run(state, 1, [&] {
        for (int i = 0; i < window; ++i)
            w.publish(topic, payload, qos::at_most_once);
        w.write();
        expect(w.outcomes(), window);
    });
}

void publish_qos_1(benchmark::State& state) {
    workplace w;
    const auto topic = bytes::copy("plant/line-3/sensor/000001");
    const auto payload = bytes::copy(std::string(payload_size, 'x'));
    const auto answers = acks_for_all_ids(ack_type::puback);
    std::size_t next = 0;
    run(state, 2, [&] {
        for (int i = 0; i < window; ++i)
            w.publish(topic, payload, qos::at_least_once);
        w.write();
        w.receive(answers[next++ % answers.size()]);
        expect(w.outcomes(), window);
    });
}

void publish_qos_2(benchmark::State& state) {
    workplace w;
    const auto topic = bytes::copy("plant/line-3/sensor/000001");
    const auto payload = bytes::copy(std::string(payload_size, 'x'));
    const auto received = acks_for_all_ids(ack_type::pubrec);
    const auto completed = acks_for_all_ids(ack_type::pubcomp);
    std::size_t next = 0;
    run(state, 4, [&] {
        for (int i = 0; i < window; ++i)
            w.publish(topic, payload, qos::exactly_once);
        w.write();
        w.receive(received[next % received.size()]);
        expect(w.write(), window * 4);
        w.receive(completed[next++ % completed.size()]);
        expect(w.outcomes(), window);
    });
}

BENCHMARK(receive_qos_0);
BENCHMARK(receive_qos_1);
BENCHMARK(receive_qos_2);
BENCHMARK(publish_qos_0);
BENCHMARK(publish_qos_1);
BENCHMARK(publish_qos_2);

} // namespace
