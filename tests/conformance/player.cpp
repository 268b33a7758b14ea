#include "player.hpp"

#include "notation.hpp"
#include "values.hpp"

#include <weir/mqtt/codec/decoder.hpp>
#include <weir/mqtt/testing/hex.hpp>

#include <algorithm>
#include <functional>
#include <map>
#include <string_view>

namespace weir::conformance {
namespace {

using mqtt::testing::from_hex;
using mqtt::testing::to_hex;

constexpr std::size_t any_length = 100'000;

void check_error(const error& got, const std::string& name) {
    if (got.code != error_named(name)) throw failure{"expected " + name + ", got: " + got.message()};
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
        if (reconnects_) (void)subject_.open(1);
    }

  private:
    void converse(std::size_t index) {
        const auto& script = case_.connections[index];
        (void)subject_.observe([this](const observations& o) {
            accepted_before_ = o.connections.size();
            return true;
        });
        if (script.restart) subject_.restart();
        connect_ = subject_.open(script.at);
        const std::string usual =
            case_.version == mqtt::protocol_version::v5 ? "20 03 00 00 00" : "20 02 00 00";
        reconnects_ = false;
        if (script.connack != "none")
            subject_.send(
                bytes_of(with_addresses(script.connack.empty() ? usual : script.connack), case_.version));
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
            {"ping", &player::ping},
            {"reauthenticate", &player::reauthenticate},
            {"request", &player::request},
            {"requested", &player::requested},
            {"respond", &player::respond},
            {"acknowledge", &player::acknowledge},
            {"send_ack", &player::send_ack},
            {"release", &player::release},
            {"demand", &player::demand},
            {"defer", &player::defer},
            {"pause", &player::pause},
            {"resume", &player::resume},
            {"disconnect", &player::disconnect},
            {"abort", &player::abort},
            {"handler_returns", &player::handler_returns},
            {"life", &player::life},
            {"delivered", &player::delivered},
            {"outcome", &player::outcome_is},
            {"connected", &player::connected},
            {"subscriptions", &player::subscriptions},
            {"told", &player::told}};
        for (const auto& [name, act] : actions)
            if (step.contains(name)) return (this->*act)(step);
        throw failure{"no such step"};
    }

    [[nodiscard]] std::string bytes_in(const json& value) const {
        return bytes_of(with_addresses(text_for(value, case_.version)), case_.version);
    }

    [[nodiscard]] std::string with_addresses(std::string text) const {
        for (const int server : {1, 2}) {
            const auto mark = "<server " + std::to_string(server) + ">";
            if (const auto at = text.find(mark); at != std::string::npos)
                text.replace(at, mark.size(), to_hex(subject_.address(server)));
        }
        return text;
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

    void close(const json& step) {
        subject_.close();
        reconnects_ = step.value("reconnects", true);
    }

    void publish(const json& step) {
        subject_.publish(outgoing_of(step["publish"]), step.value("operation", 0));
    }

    void subscribe(const json& step) {
        subject_.subscribe(
            subscriptions_of(step["subscribe"]), properties_of(step), step.value("operation", 0));
    }

    void unsubscribe(const json& step) {
        subject_.unsubscribe(step["unsubscribe"], step.value("operation", 0));
    }

    void ping(const json& step) { subject_.ping(step["ping"]); }

    void reauthenticate(const json& step) { subject_.reauthenticate(step["reauthenticate"]); }

    void request(const json& step) {
        subject_.request(
            outgoing_of(step["request"]), milliseconds{step.value("timeout", 5'000)},
            step.at("operation").get<int>());
    }

    /// The next packet is a request: where its response is wanted is kept under that number.
    void requested(const json& step) {
        mqtt::decoder packets{{.sender = mqtt::peer::client, .version = case_.version}};
        packets.feed(bytes::copy(subject_.next_packet()));
        mqtt::packet p;
        (void)packets.next(p);
        const auto* got = std::get_if<mqtt::publish>(&p);
        const auto where = got ? got->props.text(mqtt::property_id::response_topic) : std::nullopt;
        if (!where) throw failure{"expected a PUBLISH with Response Topic"};
        if (step.contains("topic") && *where != step["topic"].get<std::string>())
            throw failure{"the response is wanted on " + std::string{*where}};
        requests_[step["requested"]] = *got;
    }

    void respond(const json& step) {
        const auto& asked = requests_.at(step["respond"]);
        const auto reply = mqtt::reply_to(asked, bytes::copy(step.value("payload", "")));
        const auto data = reply->props.text(mqtt::property_id::correlation_data).value_or("");
        const auto sized = [](std::string_view text) {
            return std::string{static_cast<char>(text.size() >> 8), static_cast<char>(text.size())} +
                   std::string{text};
        };
        const auto props = "\x09" + sized(data);
        subject_.send(bytes_of(
            "[30:" + to_hex(sized(reply->topic.text()), any_length) +
                to_hex(std::string{char(props.size())}) + to_hex(props, any_length) +
                to_hex(reply->payload.text(), any_length) + "]",
            case_.version));
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
        const auto which = token(step["acknowledge"]);
        const auto code = step.contains("code") ? code_of(step["code"]) : mqtt::reason_code::success;
        if (step.contains("operation"))
            subject_.answer(which, code, properties_of(step), step["operation"]);
        else
            subject_.acknowledge({.token = which, .code = code});
    }

    void send_ack(const json& step) {
        subject_.send_ack(ack_of(step["send_ack"]), step.value("operation", 0));
    }

    /// The n-th asked for, from 1.
    void release(const json& step) {
        const std::size_t n = step["release"];
        std::uint64_t request = 0;
        const bool there = subject_.observe([&](const observations& o) {
            if (o.releases.size() < n) return false;
            request = o.releases[n - 1];
            return true;
        });
        if (!there) throw failure{"no release was asked for"};
        subject_.release(request);
    }

    void demand(const json& step) { subject_.demand(step["demand"]); }

    void defer(const json& step) {
        subject_.acknowledge({.token = token(step["defer"]), .verdict = mqtt::ack_outcome::decision::defer});
    }

    void pause(const json&) { subject_.pause(); }

    void resume(const json&) { subject_.resume(); }

    /// What the CONNACK of this connection came to. Sent, it has not arrived yet.
    mqtt::connected acceptance() {
        mqtt::connected got;
        const bool there = subject_.observe([&](const observations& o) {
            if (o.connections.size() <= accepted_before_) return false;
            got = o.connections.back();
            return true;
        });
        if (!there) throw failure{"the client is not connected"};
        return got;
    }

    void disconnect(const json& step) {
        (void)acceptance();
        subject_.disconnect(code_of(step["disconnect"]), properties_of(step));
    }

    void abort(const json&) {
        (void)acceptance();
        subject_.abort();
        reconnects_ = false;
    }

    void handler_returns(const json&) { subject_.let_handler_return(); }

    /// All that became of connections and attempts so far.
    void life(const json& step) {
        std::vector<std::string> got;
        const auto& wanted = step["life"];
        (void)subject_.observe([&](const observations& o) {
            got = o.life;
            return got.size() >= wanted.size();
        });
        if (json(got) != wanted) throw failure{"it was " + json(got).dump()};
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
        if (wanted.contains("subscription_ids") && wanted["subscription_ids"] != identifiers_of(got))
            differs("subscription identifiers");
        if (wanted.contains("id") && got.packet_id != wanted["id"].get<int>()) differs("packet identifier");
        if (wanted.contains("properties") && got.props != properties_of(wanted)) differs("properties");
        if (wanted.contains("retain") && got.retain != wanted["retain"].get<bool>()) differs("retain");
    }

    static json identifiers_of(const mqtt::publish& got) {
        auto all = json::array();
        for (const auto& p : got.props)
            if (p.id == mqtt::property_id::subscription_identifier)
                all.push_back(std::get<std::uint32_t>(p.value));
        return all;
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
            if (i >= got.codes.size() || got.codes[i] != code_of(codes[i]))
                throw failure{"code " + std::to_string(i + 1) + " differs"};
        if (step.contains("payload") && got.payload != step["payload"].get<std::string>())
            throw failure{"the response is " + got.payload};
    }

    /// Values of the CONNACK.
    void connected(const json& step) {
        const auto got = acceptance();
        const json all{
            {"session_present", got.session_present},
            {"client_id", got.client_id},
            {"keep_alive", got.keep_alive},
            {"session_expiry", got.session_expiry},
            {"receive_maximum", got.receive_maximum},
            {"maximum_packet_size", got.maximum_packet_size},
            {"topic_alias_maximum", got.topic_alias_maximum},
            {"maximum_qos", static_cast<int>(got.maximum_qos)},
            {"retain_available", got.retain_available},
            {"wildcard_subscription_available", got.wildcard_subscription_available},
            {"subscription_identifiers_available", got.subscription_identifiers_available},
            {"shared_subscription_available", got.shared_subscription_available},
            {"properties", got.props.size()}};
        for (const auto& [name, value] : step["connected"].items())
            if (all.at(name) != value) throw failure{name + " is " + all.at(name).dump()};
    }

    /// The filters that stand, with the QoS granted.
    void subscriptions(const json& step) {
        auto got = json::object();
        const bool as_wanted = subject_.observe([&](const observations&) {
            got = json::object();
            for (const auto& s : subject_.subscriptions())
                got[s.asked.filter] = static_cast<int>(s.granted);
            return got == step["subscriptions"];
        });
        if (!as_wanted) throw failure{"the subscriptions are " + got.dump()};
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
    std::map<int, mqtt::publish> requests_;
    std::size_t looked_at_{0};
    std::size_t accepted_before_{0}; ///< connections before this one
    bool reconnects_{false};         ///< the last step ended the connection, and the client comes again
};

} // namespace

void play(const test_case& c, subject& s) {
    player{c, s}.play();
}

} // namespace weir::conformance
