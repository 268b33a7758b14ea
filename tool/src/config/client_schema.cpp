#include "names.hpp"
#include "schemas.hpp"

namespace weir::tool {

namespace {

using namespace std::chrono;
using o = mqtt::client_options;

template <class T>
entry<client_section> option(std::string key, T o::*member, codec<T> c, std::string doc) {
    return value_by<client_section, T>(
        std::move(key), std::move(c), std::move(doc),
        [member](const client_section& from) { return std::optional(from.options.*member); },
        [member](client_section& to, T v) { to.options.*member = std::move(v); });
}

template <class T>
entry<client_section> option(
    std::string key, std::optional<T> o::*member, codec<T> c, std::string doc, bool secret = false) {
    return value_by<client_section, T>(
        std::move(key), std::move(c), std::move(doc),
        [member](const client_section& from) { return from.options.*member; },
        [member](client_section& to, T v) { to.options.*member = std::move(v); }, secret);
}

/// The will is one object to the client and keys of their own in a file; any of them makes it.
template <class T>
entry<client_section> of_will(std::string key, T mqtt::will::*member, codec<T> c, std::string doc) {
    return value_by<client_section, T>(
        std::move(key), std::move(c), std::move(doc),
        [member](const client_section& from) {
            return from.options.will ? std::optional((*from.options.will).*member) : std::nullopt;
        },
        [member](client_section& to, T v) {
            if (!to.options.will) to.options.will.emplace();
            (*to.options.will).*member = std::move(v);
        });
}

entry<client_section> will_properties() {
    return table_by<client_section, mqtt::properties>(
        "will_props", will_properties_schema(),
        [](const client_section& from) { return from.options.will ? &from.options.will->props : nullptr; },
        [](client_section& to) -> mqtt::properties& {
            if (!to.options.will) to.options.will.emplace();
            return to.options.will->props;
        });
}

entry<client_section> connect_properties() {
    return table_by<client_section, mqtt::properties>(
        "properties", connect_properties_schema(),
        [](const client_section& from) { return &from.options.props; },
        [](client_section& to) -> mqtt::properties& { return to.options.props; });
}

codec<seconds> keepalive() {
    return converted<seconds>(
        second_count(65'535), [](std::uint32_t v) { return seconds{v}; },
        [](seconds v) { return static_cast<std::uint32_t>(v.count()); });
}

constexpr std::uint32_t never = 0xFFFF'FFFF; // MQTT 5.0, 3.1.2.11.2: the session does not expire

codec<std::uint32_t> session_expiry() {
    auto base = second_count(never);
    return {
        base.allowed + ", or \"never\"",
        [base](const toml::node& n) -> std::optional<std::uint32_t> {
            const auto* const name = n.as_string();
            return name != nullptr && name->get() == "never" ? never : base.read(n);
        },
        [base](std::uint32_t v) { return v == never ? "\"never\"" : base.write(v); }};
}

/// A number of attempts; no number at all means for ever. Truth values are those of emqtt.
entry<client_section> reconnect() {
    const auto count = integer<std::uint32_t>(0, 0xFFFF'FFFF);
    entry<client_section> e;
    e.key = "reconnect";
    e.allowed = "\"infinity\" (true), 0 (false) or " + count.allowed;
    e.doc = "failed attempts in a row before giving up";
    e.read = [count, allowed = e.allowed](const toml::node& n, client_section& to, reader& r) {
        const auto* const name = n.as_string();
        to.options.reconnect = count.read(n);
        if (const auto* const on = n.as_boolean()) {
            if (!on->get()) to.options.reconnect = 0;
            return;
        }
        if (!to.options.reconnect && (name == nullptr || name->get() != "infinity")) r.refuse(n, allowed);
    };
    e.print = [](const client_section& from, printer& p) {
        const auto& v = from.options.reconnect;
        p.value("reconnect", v ? std::to_string(*v) : "\"infinity\"", false);
    };
    return e;
}

/// A password that came from a file is shown as that file, never as itself.
entry<client_section> password() {
    return value_by<client_section, std::string>(
        "password", text(), "sent in clear over TCP; see also password_file",
        [](const client_section& from) { return from.password_file ? std::nullopt : from.options.password; },
        [](client_section& to, std::string v) { to.options.password = std::move(v); }, true);
}

codec<mqtt::qos0_buffer_policy> qos0_policy() {
    using enum mqtt::qos0_buffer_policy;
    return one_of<mqtt::qos0_buffer_policy>(
        {{"drop_oldest", drop_oldest},
         {"drop_newest", drop_newest},
         {"keep_latest", keep_latest},
         {"pause_reading", pause_reading}});
}

codec<mqtt::send_queue_policy> send_policy() {
    using enum mqtt::send_queue_policy;
    return one_of<mqtt::send_queue_policy>(
        {{"error", error}, {"drop_oldest_qos0", drop_oldest_qos0}, {"block", block}});
}

codec<mqtt::queue_while_disconnected> waiting_policy() {
    using enum mqtt::queue_while_disconnected;
    return one_of<mqtt::queue_while_disconnected>({{"all", all}, {"qos0_off", qos0_off}, {"none", none}});
}

codec<mqtt::complete_on> complete_on() {
    using enum mqtt::complete_on;
    return one_of<mqtt::complete_on>({{"pubcomp", pubcomp}, {"pubrec", pubrec}});
}

codec<mqtt::on_session_lost> on_session_lost() {
    using enum mqtt::on_session_lost;
    return one_of<mqtt::on_session_lost>({{"republish", republish}, {"fail", fail}});
}

codec<mqtt::topic_alias_out> topic_alias_out() {
    using enum mqtt::topic_alias_out;
    return one_of<mqtt::topic_alias_out>({{"off", off}, {"auto", automatic}});
}

codec<mqtt::oversize> oversize() {
    using enum mqtt::oversize;
    return one_of<mqtt::oversize>({{"stop", stop}, {"discard", discard}});
}

codec<mqtt::ack_order> ack_order() {
    using enum mqtt::ack_order;
    return one_of<mqtt::ack_order>({{"protocol", protocol}, {"relaxed", relaxed}});
}

/// Several values of one enumeration, in their order.
codec<std::vector<mqtt::protocol_version>> versions() {
    const auto one = one_of(protocol_names());
    return {
        "an array of " + one.allowed,
        [one](const toml::node& n) -> std::optional<std::vector<mqtt::protocol_version>> {
            const auto* const given = n.as_array();
            if (given == nullptr) return std::nullopt;
            std::vector<mqtt::protocol_version> list;
            for (const auto& element : *given) {
                const auto v = one.read(element);
                if (!v) return std::nullopt;
                list.push_back(*v);
            }
            return list;
        },
        [one](const std::vector<mqtt::protocol_version>& list) {
            std::string written;
            for (const auto v : list)
                written += (written.empty() ? "" : ", ") + one.write(v);
            return "[" + written + "]";
        }};
}

codec<mqtt::resubscribe> resubscribe() {
    using enum mqtt::resubscribe;
    return one_of<mqtt::resubscribe>(
        {{"if_lost", if_lost}, {"always", always}, {"never", mqtt::resubscribe::never}});
}

codec<std::size_t> count() {
    return integer<std::size_t>(1);
}

using list = std::vector<entry<client_section>>;

list where_and_who() {
    return {
        option("host", &o::host, text(), "name, address or URI of the broker"),
        option(
            "port", &o::port, integer<std::uint16_t>(0, 65'535), "0 = 1883, TLS 8883, WebSocket 80 or 443"),
        option("clientid", &o::clientid, text(), "names the session; required when it outlives the process"),
        option("username", &o::username, text(), "for the broker"),
        password(),
        value(
            "password_file", &client_section::password_file, text("the path of a file"),
            "file with the password; one newline at its end is dropped"),
        option(
            "auth_method", &o::auth_method, text(),
            "v5: SCRAM-SHA-256 or SCRAM-SHA-512; proves the password"),
        option("proto_ver", &o::proto_ver, one_of(protocol_names()), "version of MQTT"),
        option(
            "proto_fallback", &o::proto_fallback, versions(), "older versions to try when that is refused"),
    };
}

codec<mqtt::qos2_receive> qos2_receive() {
    using enum mqtt::qos2_receive;
    return one_of<mqtt::qos2_receive>({{"after_ack", after_ack}, {"store_first", store_first}});
}

const schema<mqtt::store_options>& store_schema() {
    using enum mqtt::store_fsync;
    using s = mqtt::store_options;
    static const schema<s> all{
        value("path", &s::path, text("the path of a folder"), "where the session is kept; made when missing"),
        value(
            "bytes", &s::bytes, integer<std::uint64_t>(1 << 20, std::uint64_t{1} << 40),
            "of the database at most"),
        value(
            "fsync", &s::fsync, one_of<mqtt::store_fsync>({{"always", always}, {"never", never}}),
            "never: not safe against loss of power"),
        value("fsync_interval", &s::fsync_interval, time_span(), "gather records for that long"),
        value("repair", &s::repair, flag(), "open a damaged store with what can be read"),
        value("qos1", &s::qos1, flag(), "with store_first: QoS 1 messages too"),
    };
    return all;
}

entry<client_section> store() {
    return table_by<client_section, mqtt::store_options>(
        "store", store_schema(),
        [](const client_section& from) {
            return from.options.store.path.empty() ? nullptr : &from.options.store;
        },
        [](client_section& to) -> mqtt::store_options& { return to.options.store; });
}

list session() {
    return {
        option("qos2_receive", &o::qos2_receive, qos2_receive(), "store_first: into the store before PUBREC"),
        option("clean_start", &o::clean_start, flag(), "a fresh session at each start"),
        option("clean_start_always", &o::clean_start_always, flag(), "v5: at each reconnect too"),
        option("session_strict", &o::session_strict, flag(), "believe no session that is not known here"),
        option("session_expiry", &o::session_expiry, session_expiry(), "v5: how long the broker keeps it"),
        option("keepalive", &o::keepalive, keepalive(), "longest silence; 0 = off"),
        option("ping_timeout", &o::ping_timeout, time_span(), "default: keepalive, at most 10s"),
        option("force_ping", &o::force_ping, flag(), "ping every keepalive, whatever else is sent"),
        option("low_mem", &o::low_mem, flag(), "no buffer while nothing arrives: for many idle connections"),
        option("bridge_mode", &o::bridge_mode, flag(), "3.x: tell the broker that this is a bridge"),
    };
}

list will() {
    return {
        of_will("will_topic", &mqtt::will::topic, text(), "published by the broker when this client is lost"),
        of_will("will_payload", &mqtt::will::payload, text(), "its payload"),
        of_will("will_qos", &mqtt::will::qos, one_of_or_number(qos_names(), 2), "its quality of service"),
        of_will("will_retain", &mqtt::will::retain, flag(), "whether it is retained"),
    };
}

list timeouts() {
    return {
        option("connect_timeout", &o::connect_timeout, time_span(), "start of an attempt to CONNACK"),
        option("ack_timeout", &o::ack_timeout, time_span(), "SUBSCRIBE and ping: sent to answered"),
        option("close_timeout", &o::close_timeout, time_span(), "DISCONNECT to the end of the stream"),
        option("write_timeout", &o::write_timeout, time_span(), "no byte taken by the peer"),
    };
}

list sending() {
    return {
        option("send_queue_messages", &o::send_queue_messages, count(), "waiting to be sent"),
        option("send_queue_bytes", &o::send_queue_bytes, count(), "waiting to be sent"),
        option("send_queue_policy", &o::send_queue_policy, send_policy(), "when that is full"),
        option(
            "queue_while_disconnected", &o::queue_while_disconnected, waiting_policy(),
            "what may wait for a connection"),
        option("strict_order", &o::strict_order, flag(), "QoS 0 overtakes nothing"),
        option("complete_on", &o::complete_on, complete_on(), "when a QoS 2 publish has its outcome"),
        option(
            "on_session_lost_qos1", &o::on_session_lost_qos1, on_session_lost(),
            "unanswered QoS 1 publishes"),
        option("on_session_lost_qos2", &o::on_session_lost_qos2, on_session_lost(), "QoS 2 without PUBREC"),
        option("topic_alias_out", &o::topic_alias_out, topic_alias_out(), "v5: aliases for what is sent"),
        option(
            "retry_interval", &o::retry_interval, time_span(), "without an answer: told, on 3.x sent again"),
        option("downgrade_qos", &o::downgrade_qos, flag(), "v5: to the broker's Maximum QoS"),
        option("strict_utf8", &o::strict_utf8, flag(), "send no control or non-characters"),
        option("retry_calls_on_reconnect", &o::retry_calls_on_reconnect, flag(), "else they fail with it"),
    };
}

list receiving() {
    return {
        option("oversize", &o::oversize, oversize(), "messages above maximum_packet_size"),
        option("ack_order", &o::ack_order, ack_order(), "relaxed is not what the standard asks for"),
        option("receive_bytes", &o::receive_bytes, count(), "max_inflight, in bytes"),
        option("read_ahead_bytes", &o::read_ahead_bytes, count(), "received and not yet deliverable"),
        option("qos0_buffer_messages", &o::qos0_buffer_messages, count(), "QoS 0 waiting for demand"),
        option("qos0_buffer_bytes", &o::qos0_buffer_bytes, count(), "QoS 0 waiting for demand"),
        option("qos0_buffer_policy", &o::qos0_buffer_policy, qos0_policy(), "when that is full"),
        option(
            "maximum_packet_size", &o::maximum_packet_size, integer<std::uint32_t>(1, 268'435'455),
            "the broker drops larger ones silently"),
        option(
            "topic_alias_maximum", &o::topic_alias_maximum, integer<std::uint16_t>(0, 65'535),
            "v5: aliases the broker may use"),
        option("alias_bytes", &o::alias_bytes, count(), "memory for their topics, 64 KiB for each"),
        option(
            "request_problem_information", &o::request_problem_information, flag(), "v5: reasons in words"),
        option(
            "request_response_information", &o::request_response_information, flag(),
            "v5: ask where responses may go"),
        option("response_prefix", &o::response_prefix, text(), "of the topic for responses, else"),
        option("max_requests", &o::max_requests, count(), "without their responses yet"),
        option("validate_payload_format", &o::validate_payload_format, flag(), "v5: refuse false UTF-8"),
        option(
            "strict_receive_maximum", &o::strict_receive_maximum, flag(), "leave a broker that exceeds it"),
        option("strict_resend", &o::strict_resend, flag(), "leave a broker that resends without cause"),
    };
}

list reconnecting() {
    return {
        reconnect(),
        option(
            "reconnect_timeout", &o::reconnect_timeout, time_span(),
            "the same pause each time, in place of the backoff"),
        option("backoff_min", &o::backoff_min, time_span(), "before the second attempt; doubles each time"),
        option("backoff_max", &o::backoff_max, time_span(), "longest delay between attempts"),
        option("stable_after", &o::stable_after, time_span(), "a connection this old resets the count"),
        option("retry_fatal", &o::retry_fatal, flag(), "go on even when refused for good"),
        option("resubscribe", &o::resubscribe, resubscribe(), "after a reconnect"),
    };
}

/// What the connector sets by itself. Two windows of one name, or one window given twice, would be a riddle.
list owned_by_the_pipeline() {
    const std::string window = "producer.max_inflight is the window of received messages";
    return {
        refused<client_section>("receive_maximum", window),
        refused<client_section>("receive_window", window),
        refused<client_section>(
            "max_inflight", "it would be the window of sent messages; producer.max_inflight is the "
                            "window of received ones"),
        refused<client_section>("raw_acks", "the pipeline acknowledges"),
        refused<client_section>("confirm_release", "the pipeline acknowledges"),
        refused<client_section>(
            "auto_ack", "producer.on_success and producer.on_failure decide what is acknowledged"),
    };
}

list joined(const std::vector<list>& parts) {
    list all;
    for (const auto& part : parts)
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

} // namespace

list shared_client_entries() {
    return joined(
        {where_and_who(),
         transport_entries(),
         session(),
         will(),
         timeouts(),
         sending(),
         receiving(),
         reconnecting(),
         {store()}});
}

const schema<client_section>& client_schema() {
    static const auto s =
        joined({shared_client_entries(), owned_by_the_pipeline(), {will_properties(), connect_properties()}});
    return s;
}

} // namespace weir::tool
