#include <weir/mqtt/testing/conversation.hpp>
#include <weir/mqtt/testing/hex.hpp>

#include <exception>

namespace weir::mqtt::testing {
namespace {

using milliseconds = std::chrono::milliseconds;

constexpr milliseconds poll_interval{2};

std::string in_ms(milliseconds time) {
    return std::to_string(time.count()) + " ms";
}

received_packet next_packet(broker_connection& c, milliseconds limit) {
    auto got = c.next(clock::now() + limit);
    if (!got) throw script_failure{"the client closed instead"};
    return std::move(*got);
}

suback granted(const subscribe& asked) {
    suback answer{.packet_id = asked.packet_id};
    for (const auto& s : asked.subscriptions)
        answer.codes.push_back(static_cast<reason_code>(s.qos));
    return answer;
}

void match_bytes(broker_connection& c, std::string_view wanted, milliseconds limit) {
    std::string got;
    while (got.size() < wanted.size() && wanted.substr(0, got.size()) == got)
        got += next_packet(c, limit).raw;
    if (got != wanted) throw script_failure{"got " + to_hex(got)};
}

} // namespace

conversation& conversation::add(std::string what, std::function<void(broker_connection&)> take) {
    steps_.push_back({std::move(what), std::move(take)});
    return *this;
}

conversation& conversation::within(milliseconds limit) {
    limit_ = limit;
    return *this;
}

conversation& conversation::expect(packet p) {
    return add("expect a packet", [p = std::move(p), limit = limit_](broker_connection& c) {
        const auto got = next_packet(c, limit);
        if (got.packet == p) return;
        throw script_failure{"expected " + describe(p, c.version()) + ", got " + got.describe()};
    });
}

conversation& conversation::expect_hex(const std::string& text) {
    auto wanted = from_hex(text);
    return add("expect " + text, [wanted = std::move(wanted), limit = limit_](broker_connection& c) {
        match_bytes(c, wanted, limit);
    });
}

conversation& conversation::expect_where(const std::string& what, std::function<bool(const packet&)> fits) {
    return add("expect " + what, [fits = std::move(fits), limit = limit_](broker_connection& c) {
        const auto got = next_packet(c, limit);
        if (!fits(got.packet)) throw script_failure{"got " + got.describe()};
    });
}

conversation& conversation::accept(connack answer) {
    expect_a<mqtt::connect>("CONNECT");
    return send(std::move(answer));
}

conversation& conversation::grant_subscribe() {
    return add("expect SUBSCRIBE", [limit = limit_](broker_connection& c) {
        const auto got = next_packet(c, limit);
        const auto* asked = std::get_if<subscribe>(&got.packet);
        if (asked == nullptr) throw script_failure{"got " + got.describe()};
        c.send(granted(*asked));
    });
}

conversation& conversation::send(packet p) {
    return add("send a packet", [p = std::move(p)](broker_connection& c) { c.send(p); });
}

conversation& conversation::send_hex(const std::string& text) {
    auto bytes = from_hex(text);
    return add("send " + text, [bytes = std::move(bytes)](broker_connection& c) { c.send_raw(bytes); });
}

conversation& conversation::send_raw(std::string bytes) {
    return add("send bytes", [bytes = std::move(bytes)](broker_connection& c) { c.send_raw(bytes); });
}

conversation& conversation::expect_nothing(milliseconds how_long) {
    return add("expect nothing for " + in_ms(how_long), [how_long](broker_connection& c) {
        c.expect_nothing(how_long);
    });
}

conversation& conversation::expect_eof() {
    return add("expect the client to close", [limit = limit_](broker_connection& c) {
        if (const auto got = c.next(clock::now() + limit)) throw script_failure{"got " + got->describe()};
        c.close();
    });
}

conversation& conversation::stall(milliseconds how_long) {
    return add("stall for " + in_ms(how_long), [how_long](broker_connection& c) { c.stall(how_long); });
}

conversation& conversation::close() {
    return add("close", [](broker_connection& c) { c.close(); });
}

conversation& conversation::reset() {
    return add("reset", [](broker_connection& c) { c.reset(); });
}

conversation& conversation::run(std::string what, std::function<void(broker_connection&)> code) {
    return add(std::move(what), std::move(code));
}

conversation& conversation::wait_until(const std::string& what, std::function<bool()> holds) {
    return add("wait until " + what, [holds = std::move(holds), limit = limit_](broker_connection& c) {
        const auto until = clock::now() + limit;
        while (!holds()) {
            if (clock::now() > until) throw script_failure{"it did not come to that"};
            c.stall(poll_interval);
        }
    });
}

void conversation::play(broker_connection& connection) const {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
        try {
            steps_[i].take(connection);
        } catch (const std::exception& e) {
            throw script_failure{"step " + std::to_string(i + 1) + " (" + steps_[i].what + "): " + e.what()};
        }
    }
}

} // namespace weir::mqtt::testing
