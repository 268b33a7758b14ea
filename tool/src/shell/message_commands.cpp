// What a client asks of the broker.
#include "invocation.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <utility>

namespace weir::tool {

namespace {

using namespace std::chrono_literals;

mqtt::outgoing read_message(arguments& words) {
    mqtt::outgoing m;
    m.topic = bytes::copy(words.needed("topic").text);
    if (const auto payload = words.positional("payload")) m.payload = bytes::copy(payload->text);
    m.qos = words.qos();
    m.retain = words.flag("retain");
    m.deadline = words.span("deadline");
    m.props = words.properties();
    return m;
}

void publish(invocation& i) {
    auto message = read_message(i.words);
    i.words.finish();
    auto& c = i.on.get();
    const auto cancel = i.on.calls().begin(i.out.line());
    c.publish(
        std::move(message),
        [out = i.out, &calls = i.on.calls()](const mqtt::publish_done& d) {
            calls.end(out.line());
            out.settled(d.failed, fields_of(d));
        },
        cancel, [out = i.out] { out.tell("publish_stored"); });
}

void request(invocation& i) {
    auto message = read_message(i.words);
    const auto limit = i.words.span("timeout").value_or(30s);
    i.words.finish();
    i.on.get().request(std::move(message), limit, [out = i.out](const mqtt::request_done& d) {
        if (d.failed) return out.failed(d.failed);
        out.done({{"response", fields_of(d.response, 0)}});
    });
}

mqtt::retain_handling to_retain_handling(const std::string& text) {
    return static_cast<mqtt::retain_handling>(to_number("retain_handling", text, 0, 2));
}

mqtt::subscription read_common(arguments& words) {
    mqtt::subscription s;
    s.qos = words.qos();
    s.no_local = words.flag("no_local");
    s.retain_as_published = words.flag("retain_as_published");
    if (const auto w = words.value("retain_handling")) s.retain_handling = to_retain_handling(w->text);
    return s;
}

void read_member(mqtt::subscription& to, const std::string& key, const nlohmann::json& value) {
    const auto text = value.is_string() ? value.get<std::string>() : value.dump();
    if (key == "filter") {
        to.filter = text;
    } else if (key == "qos") {
        to.qos = to_qos(text);
    } else if (key == "no_local") {
        to.no_local = to_flag(key, text);
    } else if (key == "retain_as_published") {
        to.retain_as_published = to_flag(key, text);
    } else if (key == "retain_handling") {
        to.retain_handling = to_retain_handling(text);
    } else {
        throw bad_command(
            "filters: unknown key " + key +
            " (keys here: filter, qos, no_local, retain_as_published, retain_handling)");
    }
}

/// Several with options of their own, in one packet.
std::vector<mqtt::subscription> read_list(const std::string& text, const mqtt::subscription& common) {
    const auto parsed = nlohmann::json::parse(text, nullptr, false);
    if (!parsed.is_array())
        throw bad_command("filters = " + text + ": allowed: [{\"filter\": \"a\", \"qos\": 1}, ...]");
    std::vector<mqtt::subscription> out;
    for (const auto& one : parsed) {
        if (!one.is_object())
            throw bad_command("filters = " + one.dump() + ": allowed: {\"filter\": \"a\", \"qos\": 1}");
        auto& s = out.emplace_back(common);
        for (const auto& [key, value] : one.items())
            read_member(s, key, value);
    }
    return out;
}

std::vector<mqtt::subscription> read_subscriptions(arguments& words) {
    const auto common = read_common(words);
    const auto list = words.value("filters");
    auto out = list ? read_list(list->text, common) : std::vector<mqtt::subscription>{};
    for (auto& filter : words.rest("filter")) {
        out.push_back(common);
        out.back().filter = std::move(filter);
    }
    if (out.empty()) throw bad_command("filter is missing");
    return out;
}

void subscribe(invocation& i) {
    auto list = read_subscriptions(i.words);
    auto props = i.words.properties();
    i.words.finish();
    auto& c = i.on.get();
    const auto cancel = i.on.calls().begin(i.out.line());
    c.subscribe(
        std::move(list),
        [out = i.out, &calls = i.on.calls()](const mqtt::subscribe_done& d) {
            calls.end(out.line());
            out.settled(d.failed, fields_of(d));
        },
        std::move(props), cancel);
}

void unsubscribe(invocation& i) {
    auto filters = i.words.rest("filter");
    if (filters.empty()) throw bad_command("filter is missing");
    auto props = i.words.properties();
    i.words.finish();
    auto& c = i.on.get();
    const auto cancel = i.on.calls().begin(i.out.line());
    c.unsubscribe(
        std::move(filters),
        [out = i.out, &calls = i.on.calls()](const mqtt::unsubscribe_done& d) {
            calls.end(out.line());
            out.settled(d.failed, fields_of(d));
        },
        cancel, std::move(props));
}

void cancel(invocation& i) {
    const auto line = to_number("line", i.words.needed("line").text, 1, UINT64_MAX);
    i.words.finish();
    if (!i.on.calls().cancel(line))
        throw bad_command(
            "line = " + std::to_string(line) + ": allowed: the line of a command without outcome yet");
    i.out.done();
}

} // namespace

const std::vector<command_rule>& message_commands() {
    static const std::vector<command_rule> list{
        {"subscribe",
         "subscribe FILTER... [qos=0..2] [no_local=] [retain_as_published=] [retain_handling=0..2] "
         "[filters=[{\"filter\":...}]] [properties.NAME=...]",
         "the options are those of all filters; `filters` is a list with options of their own", subscribe},
        {"unsubscribe", "unsubscribe FILTER... [properties.NAME=...]", "", unsubscribe},
        {"publish", "publish TOPIC [PAYLOAD] [qos=0..2] [retain=] [deadline=30s] [properties.NAME=...]",
         "the outcome comes when QoS 0 is sent, 1 acknowledged, 2 complete", publish},
        {"request", "request TOPIC [PAYLOAD] [timeout=30s] [qos=] [retain=] [properties.NAME=...]",
         "v5: publishes and waits for the response", request},
        {"cancel", "cancel LINE", "ends a publish, subscribe or unsubscribe that has no outcome yet", cancel},
    };
    return list;
}

} // namespace weir::tool
