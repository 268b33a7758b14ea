// How a client comes and goes, and what it tells about itself.
#include "invocation.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <utility>

namespace weir::tool {

namespace {

void connect(invocation& i) {
    if (i.on.has_given_up() && i.words.empty()) {
        i.out.done();
        return i.on.begin();
    }
    auto settings = read_client_settings(i.words);
    if (i.on.exists() && !i.on.has_given_up())
        return i.out.failed({mqtt::errc::busy, "there is a client; disconnect or drop it first"});
    i.on.prepare(std::move(settings));
    i.out.done(); // before anything comes of it
    i.on.begin();
}

void disconnect(invocation& i) {
    const auto code = i.words.reason(mqtt::reason_code::normal_disconnection);
    auto props = i.words.properties();
    i.words.finish();
    i.out.settled(i.on.disconnect(code, std::move(props)), json_value::object());
}

void drop(invocation& i) {
    const bool goes_on = i.words.flag("reconnect");
    i.words.finish();
    if (goes_on) {
        i.on.get().drop_connection();
    } else {
        i.on.abort();
    }
    i.out.done();
}

void reconnect(invocation& i) {
    i.words.finish();
    i.on.get().reconnect();
    i.out.done();
}

void ping(invocation& i) {
    i.words.finish();
    i.on.get().ping([out = i.out](const mqtt::ping_done& d) { out.settled(d.failed, fields_of(d)); });
}

void reauthenticate(invocation& i) {
    i.words.finish();
    i.on.get().reauthenticate(
        [out = i.out](const mqtt::reauthenticate_done& d) { out.settled(d.failed, json_value::object()); });
}

void auth(invocation& i) {
    mqtt::auth_message message;
    if (auto data = i.words.positional("data")) message.data = std::move(data->text);
    message.props = i.words.properties();
    const auto refusal = i.words.value("fail");
    i.words.finish();
    static_cast<void>(i.on.get());
    result<mqtt::auth_message> reply{std::move(message)};
    if (refusal) reply = failure(refusal->text);
    auto* const desk = i.on.desk();
    if (desk == nullptr || !desk->give(std::move(reply)))
        return i.out.failed({mqtt::errc::auth_not_configured, "no authentication waits for an answer"});
    i.out.done();
}

void status(invocation& i) {
    i.words.finish();
    i.out.done({{"state", i.on.state()}, {"client_id", i.on.client_id()}});
}

void stats(invocation& i) {
    i.words.finish();
    const auto& c = i.on.get();
    i.out.done({{"session", to_json(c.stats())}, {"io", to_json(c.io_stats())}});
}

void timings(invocation& i) {
    i.words.finish();
    i.out.done({{"timings", to_json(i.on.get().timings())}});
}

void subscriptions(invocation& i) {
    i.words.finish();
    json_value list = json_value::array();
    for (const auto& s : i.on.get().subscriptions())
        list.push_back(to_json(s));
    i.out.done({{"subscriptions", std::move(list)}});
}

} // namespace

const std::vector<command_rule>& connection_commands() {
    static const std::vector<command_rule> list{
        {"connect", "connect [HOST] [OPTION=value...] [properties.NAME=...] [will_props.NAME=...]",
         "makes a client, which connects and reconnects; `help connect` lists the options. Without any, a "
         "client that has given up begins anew",
         connect},
        {"disconnect", "disconnect [reason_code=0] [properties.NAME=...]",
         "sends DISCONNECT and ends the client", disconnect},
        {"drop", "drop [reconnect=false]",
         "closes the connection without DISCONNECT and ends the client, or lets it reconnect", drop},
        {"reconnect", "reconnect", "sends DISCONNECT and connects again at once", reconnect},
        {"ping", "ping", "measures the way to the broker and back", ping},
        {"reauthenticate", "reauthenticate", "v5: proves anew who the client is", reauthenticate},
        {"auth", "auth [DATA] [properties.NAME=...] [fail=text]",
         "v5: answers an event `auth` of a client with `manual_auth`", auth},
        {"status", "status", "state of the client: none, connecting, connected, waiting, gave_up", status},
        {"stats", "stats", "counters of the session and of the connection", stats},
        {"timings", "timings", "how long each step of connecting took", timings},
        {"subscriptions", "subscriptions", "filters that stand at the broker", subscriptions},
    };
    return list;
}

} // namespace weir::tool
