#pragma once

#include <weir/mqtt/codec/decoder.hpp>
#include <weir/mqtt/codec/encoder.hpp>
#include <weir/mqtt/session/session.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <gtest/gtest.h>

#include <initializer_list>
#include <span>
#include <string>
#include <utility>
#include <vector>

/// A session with a scripted server at its other end, by plain calls and on a clock that only moves when
/// told.
namespace weir::mqtt::test {

inline bytes encoded(const packet& p, protocol_version version) {
    output_buffer out;
    encode(p, version, out);
    std::string text;
    for (const auto& part : out.segments())
        text.append(reinterpret_cast<const char*>(part.data()), part.size());
    return bytes::copy(text);
}

class session_driver {
  public:
    explicit session_driver(client_options o = {})
        : options(std::move(o))
        , client(options) {
        client.demand(1'000'000, now, happened);
    }

    /// Brings the transport up and takes CONNECT.
    connect open(connect_extras extras = {}) {
        client.opened(now, std::move(extras));
        from_client_.reset({peer::client, options.proto_ver});
        const auto packets = sent();
        EXPECT_EQ(packets.size(), 1u);
        return packets.empty() || !std::holds_alternative<connect>(packets[0])
                   ? connect{}
                   : std::get<connect>(packets[0]);
    }

    /// A whole connection: CONNECT, and CONNACK in answer.
    connect accept(connack answer = {}) {
        auto c = open();
        server(std::move(answer));
        return c;
    }

    connect accept(bool session_present) { return accept(connack{session_present, 0, {}}); }

    void lose(error reason = error{errc::peer_closed}) { client.closed(reason, now, happened); }

    /// Ends the connection and makes another.
    connect reconnect(bool session_present) {
        lose();
        return accept(session_present);
    }

    void server(const packet& p) { raw(encoded(p, options.proto_ver)); }

    void server(std::initializer_list<packet> list) {
        output_buffer all;
        for (const auto& p : list)
            encode(p, options.proto_ver, all);
        std::string text;
        for (const auto& part : all.segments())
            text.append(reinterpret_cast<const char*>(part.data()), part.size());
        raw(bytes::copy(text));
    }

    void raw(bytes chunk) { client.received(std::move(chunk), now, happened); }

    /// What the client sends, decoded; tells it that it was written.
    std::vector<packet> sent() {
        output_buffer out;
        client.take_output(out);
        for (const auto& part : out.segments())
            from_client_.feed(bytes::copy(part));
        client.written(now, happened);
        std::vector<packet> packets;
        packet p;
        while (true) {
            const auto outcome = from_client_.next(p);
            EXPECT_NE(outcome, decoder::outcome::failed) << from_client_.last_error().text;
            if (outcome != decoder::outcome::ready) return packets;
            packets.push_back(p);
        }
    }

    void ack(std::initializer_list<ack_token> tokens) {
        for (const auto& t : tokens)
            decide(t, ack_outcome::decision::acknowledge);
    }

    void decide(const ack_token& t, ack_outcome::decision verdict, reason_code code = reason_code::success) {
        const ack_outcome one{t, verdict, code};
        client.acknowledge(std::span{&one, 1}, now, happened);
    }

    void defer(const ack_token& t) { decide(t, ack_outcome::decision::defer); }

    /// Moves the clock, calling `ticked` at every deadline on the way.
    void wait(duration d) {
        const auto end = now + d;
        while (true) {
            const auto due = client.deadline();
            if (!due || *due > end) break;
            now = std::max(now, *due);
            client.ticked(now, happened);
        }
        now = end;
    }

    /// Events of one kind since the last `forget`, in order.
    template <class Event>
    [[nodiscard]] std::vector<Event> all() const {
        std::vector<Event> found;
        for (const auto& e : happened)
            if (const auto* one = std::get_if<Event>(&e)) found.push_back(*one);
        return found;
    }

    template <class Event>
    [[nodiscard]] std::size_t count() const {
        return all<Event>().size();
    }

    /// The last event of its kind.
    template <class Event>
    [[nodiscard]] Event last() const {
        const auto found = all<Event>();
        EXPECT_FALSE(found.empty());
        return found.empty() ? Event{} : found.back();
    }

    /// Token of the n-th message delivered since the last `forget`.
    [[nodiscard]] ack_token token(std::size_t n) const { return all<message_received>().at(n).token; }

    /// How many were let go, by events since the last `forget`.
    [[nodiscard]] std::size_t let_go(dropped::what kind) const {
        std::size_t n = 0;
        for (const auto& d : all<dropped>())
            if (d.kind == kind) n += d.count;
        return n;
    }

    void forget() { happened.clear(); }

    client_options options;
    time_point now{std::chrono::hours{1}};
    events happened{};
    session client;

  private:
    decoder from_client_{{peer::client, protocol_version::v5}};
};

// -- packets in short

inline publish message(qos level, std::uint16_t id = 0, std::string_view payload = "x", bool dup = false) {
    publish p;
    p.topic = bytes::over_static("t");
    p.payload = bytes::copy(payload);
    p.qos = level;
    p.packet_id = id;
    p.dup = dup;
    return p;
}

inline publish qos0(std::string_view payload = "x") {
    return message(qos::at_most_once, 0, payload);
}

inline publish qos1(std::uint16_t id, std::string_view payload = "x") {
    return message(qos::at_least_once, id, payload);
}

inline publish qos2(std::uint16_t id, std::string_view payload = "x") {
    return message(qos::exactly_once, id, payload);
}

inline publish dup(publish p) {
    p.dup = true;
    return p;
}

inline ack make_ack(ack_type type, std::uint16_t id, reason_code code = reason_code::success) {
    ack a;
    a.type = type;
    a.packet_id = id;
    a.code = code;
    return a;
}

inline ack puback(std::uint16_t id, reason_code code = reason_code::success) {
    return make_ack(ack_type::puback, id, code);
}

inline ack pubrec(std::uint16_t id, reason_code code = reason_code::success) {
    return make_ack(ack_type::pubrec, id, code);
}

inline ack pubrel(std::uint16_t id, reason_code code = reason_code::success) {
    return make_ack(ack_type::pubrel, id, code);
}

inline ack pubcomp(std::uint16_t id, reason_code code = reason_code::success) {
    return make_ack(ack_type::pubcomp, id, code);
}

inline outgoing to_publish(qos level, std::string_view payload = "x") {
    outgoing o;
    o.topic = bytes::over_static("t");
    o.payload = bytes::copy(payload);
    o.qos = level;
    return o;
}

/// A server that keeps the session.
inline client_options lasting(protocol_version version = protocol_version::v5) {
    client_options o;
    o.proto_ver = version;
    o.clientid = "lasting";
    o.clean_start = false;
    if (version == protocol_version::v5) o.session_expiry = 3600;
    return o;
}

/// What the options alone say, with the other defaults.
inline client_options of_version(protocol_version version) {
    client_options o;
    o.proto_ver = version;
    o.clientid = "tester";
    return o;
}

template <class... Packets>
std::vector<packet> packets(Packets... list) {
    return {packet{list}...};
}

/// The client asked for the close, with this code to the server on v5 and without a word on 3.x.
inline void expect_closed(session_driver& d, reason_code code) {
    const auto out = d.sent();
    if (d.options.proto_ver == protocol_version::v5) {
        ASSERT_FALSE(out.empty());
        EXPECT_EQ(out.back(), packet{(disconnect{code, {}})});
    } else {
        EXPECT_EQ(out, packets());
    }
    EXPECT_EQ(d.count<close_requested>(), 1u);
    EXPECT_FALSE(d.client.is_connected());
    d.server(qos0("ignored"));
    EXPECT_FALSE(d.client.has_output());
}

} // namespace weir::mqtt::test
