#include "player.hpp"

#include "notation.hpp"

#include <weir/mqtt/testing/hex.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <string_view>

namespace weir::conformance {
namespace {

using mqtt::errc;
using mqtt::testing::from_hex;
using mqtt::testing::to_hex;

const std::map<std::string, errc>& error_names() {
    static const std::map<std::string, errc> names{
        {"malformed_packet", errc::malformed_packet},
        {"protocol_error", errc::protocol_error},
        {"packet_too_large", errc::packet_too_large},
        {"keepalive_timeout", errc::keepalive_timeout},
        {"connack_refused", errc::connack_refused},
        {"server_disconnect", errc::server_disconnect},
        {"session_taken_over", errc::session_taken_over},
        {"peer_closed", errc::peer_closed},
        {"rejected", errc::rejected},
        {"session_lost", errc::session_lost},
        {"oversize_loop", errc::oversize_loop},
        {"expired", errc::expired},
        {"timeout_unconfirmed", errc::timeout_unconfirmed},
        {"disconnected", errc::disconnected},
        {"not_connected", errc::not_connected},
        {"qos_not_supported", errc::qos_not_supported},
        {"retain_not_supported", errc::retain_not_supported},
        {"wildcard_not_supported", errc::wildcard_not_supported},
        {"shared_not_supported", errc::shared_not_supported},
        {"topic_name_invalid", errc::topic_name_invalid},
        {"unsupported_by_version", errc::unsupported_by_version}};
    return names;
}

void check_error(const error& got, const std::string& name) {
    const auto wanted = error_names().at(name);
    if (got.code != wanted) throw failure{"expected " + name + ", got: " + got.message()};
}

std::uint8_t code_of(const json& hex) {
    return static_cast<std::uint8_t>(from_hex(hex.get<std::string>())[0]);
}

/// Plays the steps of one case.
class player {
  public:
    player(const test_case& c, subject& s)
        : case_(c)
        , subject_(s) {}

    void play() {
        for (std::size_t i = 0; i < case_.connections.size(); ++i)
            converse(i);
        if (reconnects_) (void)subject_.open();
    }

  private:
    void converse(std::size_t index) {
        const auto& script = case_.connections[index];
        connect_ = subject_.open();
        const std::string usual =
            case_.version == mqtt::protocol_version::v5 ? "20 03 00 00 00" : "20 02 00 00";
        reconnects_ = false;
        if (script.connack != "none")
            subject_.send(bytes_of(script.connack.empty() ? usual : script.connack, case_.version));
        for (std::size_t n = 0; n < script.steps.size(); ++n) {
            const auto where = "connection " + std::to_string(index + 1) + ", step " + std::to_string(n + 1) +
                               " " + script.steps[n].dump() + ": ";
            try {
                take(script.steps[n]);
            } catch (const std::exception& e) {
                throw failure{where + e.what()};
            }
        }
    }

    void take(const json& step) {
        using action = void (player::*)(const json&);
        static const std::map<std::string_view, action> actions{
            {"send", &player::send},
            {"expect", &player::expect},
            {"connect", &player::connect},
            {"silence", &player::silence},
            {"closes", &player::closes},
            {"close", &player::close},
            {"publish", &player::publish},
            {"subscribe", &player::subscribe},
            {"unsubscribe", &player::unsubscribe},
            {"acknowledge", &player::acknowledge},
            {"defer", &player::defer},
            {"pause", &player::pause},
            {"resume", &player::resume},
            {"disconnect", &player::disconnect},
            {"delivered", &player::delivered},
            {"outcome", &player::outcome_is},
            {"told", &player::told}};
        for (const auto& [name, act] : actions)
            if (step.contains(name)) return (this->*act)(step);
        throw failure{"no such step"};
    }

    [[nodiscard]] std::string bytes_in(const json& value) const {
        return bytes_of(text_for(value, case_.version), case_.version);
    }

    void send(const json& step) { subject_.send(bytes_in(step["send"])); }

    void connect(const json& step) { compare(bytes_in(step["connect"]), connect_); }

    void expect(const json& step) {
        const auto wanted = bytes_in(step["expect"]);
        std::string got;
        while (got.size() < wanted.size())
            got += subject_.next_packet();
        compare(wanted, got);
    }

    static void compare(const std::string& wanted, const std::string& got) {
        if (got != wanted) throw failure{"expected " + to_hex(wanted) + ", got " + to_hex(got)};
    }

    void silence(const json& step) { subject_.silence(milliseconds{step["silence"].get<int>()}); }

    /// On MQTT 5.0 a DISCONNECT with that code goes before; "" says that none does.
    void closes(const json& step) {
        const std::string code = step["closes"];
        if (case_.version == mqtt::protocol_version::v5 && !code.empty()) {
            const auto got = subject_.next_packet();
            if (got.size() < 3 || got[0] != '\xE0' || got[2] != from_hex(code)[0])
                throw failure{"expected DISCONNECT " + code + ", got " + to_hex(got)};
        }
        subject_.expect_end();
        if (step.contains("error")) expect_reason(text_for(step["error"], case_.version));
        reconnects_ = step.value("reconnects", true);
    }

    void expect_reason(const std::string& name) {
        error last;
        subject_.observe([&](const observations& o) {
            last = o.ends.back();
            return true;
        });
        check_error(last, name);
    }

    void close(const json&) {
        subject_.close();
        reconnects_ = true;
    }

    void publish(const json& step) {
        const auto& p = step["publish"];
        std::optional<duration> deadline;
        if (p.contains("deadline")) deadline = milliseconds{p["deadline"].get<int>()};
        subject_.publish(
            {.topic = bytes::copy(p.at("topic").get<std::string>()),
             .payload = bytes::copy(p.value("payload", "")),
             .qos = static_cast<mqtt::qos>(p.value("qos", 0)),
             .retain = p.value("retain", false),
             .deadline = deadline},
            step.value("operation", 0));
    }

    void subscribe(const json& step) {
        std::vector<mqtt::subscription> list;
        for (const auto& s : step["subscribe"])
            list.push_back({.filter = s.at("filter"), .qos = static_cast<mqtt::qos>(s.value("qos", 0))});
        subject_.subscribe(std::move(list), step.value("operation", 0));
    }

    void unsubscribe(const json& step) {
        subject_.unsubscribe(step["unsubscribe"], step.value("operation", 0));
    }

    /// The n-th message delivered so far, from 1.
    mqtt::ack_token token(std::size_t n) {
        mqtt::ack_token found;
        const bool there = subject_.observe([&](const observations& o) {
            if (o.messages.size() < n) return false;
            found = o.messages[n - 1].token;
            return true;
        });
        if (!there) throw failure{"there is no message number " + std::to_string(n)};
        return found;
    }

    void acknowledge(const json& step) {
        mqtt::ack_outcome outcome{.token = token(step["acknowledge"])};
        if (step.contains("code")) outcome.code = static_cast<mqtt::reason_code>(code_of(step["code"]));
        subject_.acknowledge(outcome);
    }

    void defer(const json& step) {
        subject_.acknowledge({.token = token(step["defer"]), .verdict = mqtt::ack_outcome::decision::defer});
    }

    void pause(const json&) { subject_.pause(); }

    void resume(const json&) { subject_.resume(); }

    void disconnect(const json& step) {
        subject_.disconnect(static_cast<mqtt::reason_code>(code_of(step["disconnect"])));
    }

    /// Exactly these messages since the last look, given as "topic payload", with qos and dup where stated.
    void delivered(const json& step) {
        const auto& wanted = step["delivered"];
        std::vector<mqtt::message_received> all;
        subject_.observe([&](const observations& o) {
            all = o.messages;
            return all.size() >= looked_at_ + wanted.size();
        });
        if (all.size() != looked_at_ + wanted.size())
            throw failure{std::to_string(all.size() - looked_at_) + " messages were delivered"};
        for (const auto& w : wanted)
            check_message(w, all[looked_at_++].received);
    }

    static void check_message(const json& wanted, const mqtt::publish& got) {
        const auto differs = [](const std::string& what) { throw failure{"the message differs in " + what}; };
        if (wanted.contains("topic") && got.topic.text() != wanted["topic"].get<std::string>())
            differs("topic");
        if (wanted.contains("payload") && got.payload.text() != wanted["payload"].get<std::string>())
            differs("payload: " + std::string{got.payload.text()});
        if (wanted.contains("qos") && static_cast<int>(got.qos) != wanted["qos"].get<int>()) differs("qos");
        if (wanted.contains("dup") && got.dup != wanted["dup"].get<bool>()) differs("dup");
        if (wanted.contains("retain") && got.retain != wanted["retain"].get<bool>()) differs("retain");
    }

    void outcome_is(const json& step) {
        outcome got;
        const bool there = subject_.observe([&](const observations& o) {
            const auto found = o.outcomes.find(step["outcome"].get<int>());
            if (found == o.outcomes.end()) return false;
            got = found->second;
            return true;
        });
        if (!there) throw failure{"there is no outcome"};
        if (step.contains("error")) {
            check_error(got.failed, step["error"]);
        } else if (got.failed) {
            throw failure{"failed: " + got.failed.message()};
        }
        const auto codes = step.value("codes", json::array());
        for (std::size_t i = 0; i < codes.size(); ++i)
            if (i >= got.codes.size() || static_cast<std::uint8_t>(got.codes[i]) != code_of(codes[i]))
                throw failure{"code " + std::to_string(i + 1) + " differs"};
    }

    void told(const json& step) {
        const std::string wanted = step["told"];
        const bool there = subject_.observe([&](const observations& o) {
            return std::find(o.events.begin(), o.events.end(), wanted) != o.events.end();
        });
        if (!there) throw failure{"the application was not told"};
    }

    const test_case& case_;
    subject& subject_;
    std::string connect_;
    std::size_t looked_at_{0};
    bool reconnects_{false}; ///< the last step ended the connection, and the client comes again
};

} // namespace

mqtt::client_options options_of(const test_case& c) {
    mqtt::client_options o;
    const auto& given = c.options;
    const bool v5 = c.version == mqtt::protocol_version::v5;
    o.proto_ver = c.version;
    o.clientid = "tester";
    o.keepalive = std::chrono::seconds{given.value("keepalive", 60)};
    if (given.contains("ping_timeout")) o.ping_timeout = milliseconds{given["ping_timeout"].get<int>()};
    if (given.contains("clean_start")) o.clean_start = given["clean_start"].get<bool>();
    o.auto_ack = given.value("auto_ack", true);
    for (const auto& name : given.value("proto_fallback", json::array()))
        o.proto_fallback.push_back(version_named(name));
    o.raw_acks = given.value("raw_acks", false);
    if (given.value("oversize", "stop") == "discard") o.oversize = mqtt::oversize::discard;
    o.retry_interval = milliseconds{given.value("retry_interval", 0)};
    o.session_strict = given.value("session_strict", false);
    o.strict_order = given.value("strict_order", false);
    o.retry_calls_on_reconnect = given.value("retry_calls_on_reconnect", true);
    if (given.value("ack_order", "protocol") == "relaxed") o.ack_order = mqtt::ack_order::relaxed;
    if (given.value("complete_on", "pubcomp") == "pubrec") o.complete_on = mqtt::complete_on::pubrec;
    if (given.value("on_session_lost_qos1", "republish") == "fail")
        o.on_session_lost_qos1 = mqtt::on_session_lost::fail;
    if (given.value("on_session_lost_qos2", "fail") == "republish")
        o.on_session_lost_qos2 = mqtt::on_session_lost::republish;
    o.max_inflight = given.value("max_inflight", o.max_inflight);
    o.maximum_packet_size = given.value("maximum_packet_size", o.maximum_packet_size);
    if (!v5) {
        o.receive_window = given.value("receive_window", o.receive_window);
        return o;
    }
    if (given.contains("session_expiry")) o.session_expiry = given["session_expiry"].get<std::uint32_t>();
    o.receive_maximum = given.value("receive_maximum", o.receive_maximum);
    o.topic_alias_maximum = given.value("topic_alias_maximum", o.topic_alias_maximum);
    o.request_problem_information = given.value("request_problem_information", true);
    o.validate_payload_format = given.value("validate_payload_format", false);
    o.strict_receive_maximum = given.value("strict_receive_maximum", false);
    o.strict_resend = given.value("strict_resend", false);
    o.clean_start_always = given.value("clean_start_always", false);
    if (given.value("topic_alias_out", "off") == "automatic")
        o.topic_alias_out = mqtt::topic_alias_out::automatic;
    o.downgrade_qos = given.value("downgrade_qos", false);
    return o;
}

void play(const test_case& c, subject& s) {
    player{c, s}.play();
}

} // namespace weir::conformance
