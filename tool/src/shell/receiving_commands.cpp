// What becomes of received messages.
#include "invocation.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <limits>
#include <memory>
#include <utility>

namespace weir::tool {

namespace {

constexpr auto any_number = std::numeric_limits<std::uint64_t>::max();

struct numbered {
    std::uint64_t number{0};
    mqtt::ack_token token{};
};

/// The messages that a command names: by their numbers, or all nobody has decided about.
std::vector<numbered> read_messages(invocation& i) {
    std::vector<std::uint64_t> numbers;
    const auto names = i.words.rest("number");
    if (names.empty()) throw bad_command("number is missing");
    if (names.size() == 1 && names[0] == "all") {
        numbers = i.on.messages().open();
    } else {
        for (const auto& text : names)
            numbers.push_back(to_number("number", text, 1, any_number));
    }
    std::vector<numbered> out;
    for (const auto n : numbers) {
        const auto token = i.on.messages().find(n);
        if (!token)
            throw bad_command(
                "number = " + std::to_string(n) + ": allowed: that of a message that was received, or all");
        out.push_back({n, *token});
    }
    return out;
}

json_value numbers_of(const std::vector<numbered>& messages) {
    json_value out = json_value::array();
    for (const auto& m : messages)
        out.push_back(m.number);
    return {{"numbers", std::move(out)}};
}

/// Several acknowledgements and their one outcome: the first error, if any.
struct ack_round {
    answer out;
    json_value fields;
    std::size_t left;
    error failed{};

    void settle(const error& e) {
        if (!failed) failed = e;
        if (--left == 0) out.settled(failed, fields);
    }
};

void acknowledge(invocation& i, mqtt::reason_code otherwise) {
    const auto code = i.words.reason(otherwise);
    const auto props = i.words.properties();
    const auto messages = read_messages(i);
    i.words.finish();
    auto& c = i.on.get();
    auto fields = numbers_of(messages);
    put_reason(fields, code);
    if (messages.empty()) return i.out.done(fields);
    const auto round = std::make_shared<ack_round>(ack_round{i.out, std::move(fields), messages.size()});
    for (const auto& m : messages) {
        i.on.messages().decided(m.number);
        c.acknowledge(m.token, code, props, [round](const error& e) { round->settle(e); });
    }
    i.on.ask_for_more();
}

void ack(invocation& i) {
    acknowledge(i, mqtt::reason_code::success);
}

void reject(invocation& i) {
    acknowledge(i, mqtt::reason_code::unspecified_error);
}

void defer(invocation& i) {
    const auto messages = read_messages(i);
    i.words.finish();
    std::vector<mqtt::ack_outcome> outcomes;
    for (const auto& m : messages) {
        i.on.messages().decided(m.number);
        outcomes.push_back({.token = m.token, .verdict = mqtt::ack_outcome::decision::defer});
    }
    i.on.get().acknowledge(outcomes);
    i.on.ask_for_more();
    i.out.done(numbers_of(messages));
}

void release(invocation& i) {
    const auto number = to_number("request", i.words.needed("request").text, 1, any_number);
    i.words.finish();
    auto& c = i.on.get();
    const auto request = i.on.take_release(number);
    if (!request)
        throw bad_command(
            "request = " + std::to_string(number) + ": allowed: that of an event release_requested, once");
    c.release(*request);
    i.out.done();
}

void raw_ack(invocation& i, mqtt::ack_type type) {
    mqtt::ack packet{.type = type};
    packet.packet_id =
        static_cast<std::uint16_t>(to_number("packet_id", i.words.needed("packet_id").text, 1, 65'535));
    packet.code = i.words.reason(mqtt::reason_code::success);
    packet.props = i.words.properties();
    i.words.finish();
    i.on.get().send_ack(
        std::move(packet), [out = i.out](const error& e) { out.settled(e, json_value::object()); });
}

void puback(invocation& i) {
    raw_ack(i, mqtt::ack_type::puback);
}

void pubrec(invocation& i) {
    raw_ack(i, mqtt::ack_type::pubrec);
}

void pubrel(invocation& i) {
    raw_ack(i, mqtt::ack_type::pubrel);
}

void pubcomp(invocation& i) {
    raw_ack(i, mqtt::ack_type::pubcomp);
}

void demand(invocation& i) {
    const auto count = to_number("count", i.words.needed("count").text, 1, 1'000'000'000);
    i.words.finish();
    i.on.demand(static_cast<std::size_t>(count));
    i.out.done();
}

void pause(invocation& i) {
    i.words.finish();
    i.on.get().pause();
    i.out.done();
}

void resume(invocation& i) {
    i.words.finish();
    i.on.get().resume();
    i.out.done();
}

void drain(invocation& i) {
    const bool everything = i.words.flag("everything");
    i.words.finish();
    i.on.get().drain(everything, [out = i.out] { out.done(); });
}

} // namespace

const std::vector<command_rule>& receiving_commands() {
    static const std::string raw = "with auto_ack=never: sends this packet";
    static const std::vector<command_rule> list{
        {"ack", "ack NUMBER...|all [reason_code=0] [properties.NAME=...]", "acknowledges messages", ack},
        {"reject", "reject NUMBER...|all [reason_code=unspecified_error] [properties.NAME=...]",
         "v5: acknowledges messages as failed", reject},
        {"defer", "defer NUMBER...|all", "leaves them unacknowledged, and those behind them free to go",
         defer},
        {"release", "release REQUEST", "with confirm_release=true: answers `release_requested`", release},
        {"puback", "puback PACKET_ID [reason_code=0] [properties.NAME=...]", raw, puback},
        {"pubrec", "pubrec PACKET_ID [reason_code=0] [properties.NAME=...]", raw, pubrec},
        {"pubrel", "pubrel PACKET_ID [reason_code=0] [properties.NAME=...]", raw, pubrel},
        {"pubcomp", "pubcomp PACKET_ID [reason_code=0] [properties.NAME=...]", raw, pubcomp},
        {"demand", "demand COUNT", "takes so many messages more, and from now on no others", demand},
        {"pause", "pause", "takes no messages until `resume`", pause},
        {"resume", "resume", "takes messages again", resume},
        {"drain", "drain [everything=false]", "takes what must not be lost, then no more", drain},
    };
    return list;
}

} // namespace weir::tool
