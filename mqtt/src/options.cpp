#include "codec/quote.hpp"
#include "codec/show_properties.hpp"
#include "codec/strict_utf8.hpp"
#include "codec/utf8.hpp"
#include "options_in_force.hpp"
#include "session/topic_aliases.hpp"
#include "transport/check_transport.hpp"

#include <weir/mqtt/auth/scram.hpp>
#include <weir/mqtt/codec/check_outgoing.hpp>
#include <weir/mqtt/options.hpp>
#include <weir/mqtt/types/topic.hpp>

#include <array>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

namespace weir::mqtt {
namespace {

constexpr std::size_t longest_string = 65'535;
constexpr std::uint32_t largest_packet = 268'435'455;

/// The options under check, and what is wrong with them so far.
class examiner {
  public:
    examiner(const client_options& o, std::string prefix)
        : o_(o)
        , prefix_(std::move(prefix)) {}

    std::vector<option_fault> examine() {
        for (auto& f : check_transport(o_))
            add(f.path, std::move(f.value), std::move(f.allowed));
        identity();
        session();
        message_left_behind();
        connect_properties();
        timeouts();
        sending();
        receiving();
        reconnecting();
        store();
        return std::move(faults_);
    }

  private:
    void identity();
    void versions();
    void authentication();
    void session();
    void message_left_behind();
    void connect_properties();
    void timeouts();
    void sending();
    void receiving();
    void reconnecting();
    void fixed_pause();
    void store();

    [[nodiscard]] bool v5() const { return o_.proto_ver == protocol_version::v5; }

    void add(std::string_view name, std::string value, std::string allowed) {
        faults_.push_back({prefix_ + std::string(name), std::move(value), std::move(allowed)});
    }

    void text(std::string_view name, std::string_view value) {
        if (value.size() > longest_string || !is_utf8_string(value))
            add(name, quote(value), "UTF-8 of at most 65535 bytes, without U+0000");
        else if (o_.strict_utf8 && !is_strict_utf8(value))
            add(name, quote(value), "no control or non-characters, with strict_utf8");
    }

    void strict_texts(std::string_view name, const properties& props) {
        if (const auto fault = check_strict_utf8(props)) add(name, show(props), fault->message());
    }

    template <class Number>
    void range(std::string_view name, Number value, Number least, Number most) {
        if (value < least || value > most)
            add(name, std::to_string(value), std::to_string(least) + ".." + std::to_string(most));
    }

    template <class Number>
    void at_least_one(std::string_view name, Number value) {
        if (value == 0) add(name, "0", "1 or more");
    }

    void positive(std::string_view name, std::chrono::milliseconds value) {
        if (value <= std::chrono::milliseconds::zero())
            add(name, std::to_string(value.count()) + "ms", "more than 0");
    }

    void only_on_v5(std::string_view name, bool used, std::string value) {
        if (used && !v5())
            add(name, std::move(value),
                "MQTT 5 only, and proto_ver is " + std::string(to_string(o_.proto_ver)));
    }

    const client_options& o_;
    std::string prefix_;
    std::vector<option_fault> faults_{};
};

void examiner::identity() {
    text("clientid", o_.clientid);
    versions();
    authentication();
    if (o_.username) text("username", *o_.username);
    if (!o_.password) return;
    if (o_.password->size() > longest_string)
        add("password", "(hidden, " + std::to_string(o_.password->size()) + " bytes)", "at most 65535 bytes");
    if (!o_.username && !v5()) add("password", "(hidden)", "only with a username on MQTT 3.x");
}

void examiner::versions() {
    auto newer = o_.proto_ver;
    for (const auto older : o_.proto_fallback) {
        if (older >= newer)
            return add(
                "proto_fallback", std::string(to_string(older)),
                "versions older than proto_ver, the newest first, each once");
        newer = older;
    }
}

void examiner::authentication() {
    only_on_v5("auth_method", !o_.auth_method.empty(), o_.auth_method);
    only_on_v5("auth", static_cast<bool>(o_.auth), "(given)");
    if ((o_.auth || !o_.auth_method.empty()) && !o_.proto_fallback.empty())
        add("proto_fallback", "(given)", "none with enhanced authentication, which only MQTT 5 has");
    if (o_.auth_method.empty()) return;
    if (!scram_hash_named(o_.auth_method))
        add("auth_method", quote(o_.auth_method), "SCRAM-SHA-256 or SCRAM-SHA-512");
    else if (o_.auth)
        add("auth_method", quote(o_.auth_method), "not together with auth, which names a method itself");
    else if (!o_.credentials_callback && (!o_.username || !o_.password))
        add("auth_method", quote(o_.auth_method), "only with username and password");
}

void examiner::session() {
    constexpr std::int64_t longest_keepalive = 65'535;
    range<std::int64_t>("keepalive", o_.keepalive.count(), 0, longest_keepalive);
    if (o_.session_expiry) only_on_v5("session_expiry", true, std::to_string(*o_.session_expiry));
    only_on_v5("clean_start_always", o_.clean_start_always, "true");
    if (o_.bridge_mode && v5())
        add("bridge_mode", "true", "false on MQTT 5, where no_local and retain_as_published do this job");
}

void examiner::message_left_behind() {
    if (!o_.will) return;
    if (o_.will_from) add("will", "(given)", "not together with will_from");
    // Piece by piece, so that each fault stands under the name of its own option.
    will probe;
    probe.topic = o_.will->topic;
    if (const auto fault = check_outgoing(probe, o_.proto_ver))
        add("will.topic", quote(probe.topic), "a topic name: " + fault->message());
    if (o_.strict_utf8) text("will.topic", probe.topic);
    if (o_.will->payload.size() > longest_string)
        add("will.payload", std::to_string(o_.will->payload.size()) + " bytes", "at most 65535 bytes");
    probe = {"t", {}, o_.will->qos, o_.will->retain, o_.will->props};
    if (const auto fault = check_outgoing(probe, o_.proto_ver))
        add("will.props", show(probe.props), fault->message());
    else if (o_.strict_utf8)
        strict_texts("will.props", probe.props);
}

void examiner::connect_properties() {
    if (const auto fault = check_properties(o_.props, packet_type::connect, o_.proto_ver))
        return add("props", show(o_.props), fault->message());
    if (o_.strict_utf8) strict_texts("props", o_.props);
    for (const auto id : {property_id::authentication_method, property_id::authentication_data})
        if (o_.props.text(id))
            add("props", std::string(to_string(id)), "no authentication: auth_method and auth are for that");

    // A setting given twice has to agree with itself; a default is not given.
    struct pair {
        property_id id;
        std::string_view option;
        std::optional<std::uint32_t> setting;
    };

    const std::array<pair, 6> own{{
        {property_id::session_expiry_interval, "session_expiry", o_.session_expiry},
        {property_id::receive_maximum, "receive_maximum", o_.receive_maximum},
        {property_id::maximum_packet_size, "maximum_packet_size", o_.maximum_packet_size},
        {property_id::topic_alias_maximum, "topic_alias_maximum", o_.topic_alias_maximum},
        {property_id::request_response_information, "request_response_information",
         o_.request_response_information ? std::optional(1u) : std::nullopt},
        {property_id::request_problem_information, "request_problem_information",
         o_.request_problem_information ? 1u : 0u},
    }};
    for (const auto& [id, option, setting] : own) {
        const auto given = o_.props.number(id);
        if (given && setting && *given != *setting)
            add("props", std::string(to_string(id)) + " " + std::to_string(*given),
                "the same as the option " + std::string(option) + ", which is " + std::to_string(*setting));
    }
}

void examiner::timeouts() {
    positive("connect_timeout", o_.connect_timeout);
    positive("ack_timeout", o_.ack_timeout);
    positive("close_timeout", o_.close_timeout);
    positive("write_timeout", o_.write_timeout);
    if (o_.ping_timeout) positive("ping_timeout", *o_.ping_timeout);
}

void examiner::sending() {
    at_least_one("max_inflight", o_.max_inflight);
    at_least_one("send_queue_messages", o_.send_queue_messages);
    at_least_one("send_queue_bytes", o_.send_queue_bytes);
    if (o_.retry_interval < std::chrono::milliseconds::zero())
        add("retry_interval", std::to_string(o_.retry_interval.count()) + "ms", "0 or more");
    only_on_v5("topic_alias_out", o_.topic_alias_out != topic_alias_out::off, "automatic");
    only_on_v5("downgrade_qos", o_.downgrade_qos, "true");
}

void examiner::receiving() {
    at_least_one("receive_maximum", o_.receive_maximum);
    if (o_.raw_acks && o_.confirm_release)
        add("confirm_release", "true", "false with raw acks, where PUBCOMP is the application's own");
    if (o_.receive_window != 0 && v5())
        add("receive_window", std::to_string(o_.receive_window),
            "0 on MQTT 5, whose window is receive_maximum");
    at_least_one("receive_bytes", o_.receive_bytes);
    at_least_one("read_ahead_bytes", o_.read_ahead_bytes);
    at_least_one("qos0_buffer_messages", o_.qos0_buffer_messages);
    at_least_one("qos0_buffer_bytes", o_.qos0_buffer_bytes);
    range<std::uint32_t>("maximum_packet_size", o_.maximum_packet_size, 1, largest_packet);
    only_on_v5("topic_alias_maximum", o_.topic_alias_maximum != 0, std::to_string(o_.topic_alias_maximum));
    if (o_.topic_alias_maximum != 0 && o_.alias_bytes < topic_aliases::bytes_for_each)
        add("alias_bytes", std::to_string(o_.alias_bytes),
            "with topic_alias_maximum " + std::to_string(topic_aliases::bytes_for_each) + " or more");
    only_on_v5("request_problem_information", !o_.request_problem_information, "false");
    only_on_v5("request_response_information", o_.request_response_information, "true");
    at_least_one("max_requests", o_.max_requests);
    if (!o_.response_prefix.empty() && !is_topic_name(o_.response_prefix))
        add("response_prefix", quote(o_.response_prefix), "the beginning of a topic name");
    only_on_v5("validate_payload_format", o_.validate_payload_format, "true");
    only_on_v5("strict_receive_maximum", o_.strict_receive_maximum, "true");
    only_on_v5("strict_resend", o_.strict_resend, "true");
}

void examiner::reconnecting() {
    fixed_pause();
    positive("backoff_min", o_.backoff_min);
    if (o_.backoff_max < o_.backoff_min)
        add("backoff_max", std::to_string(o_.backoff_max.count()) + "ms",
            "at least backoff_min, which is " + std::to_string(o_.backoff_min.count()) + "ms");
    if (o_.stable_after < std::chrono::milliseconds::zero())
        add("stable_after", std::to_string(o_.stable_after.count()) + "ms", "0 or more");
}

void examiner::fixed_pause() {
    if (!o_.reconnect_timeout) return;
    positive("reconnect_timeout", *o_.reconnect_timeout);
    const client_options standard;
    if (o_.backoff_min != standard.backoff_min || o_.backoff_max != standard.backoff_max)
        add("reconnect_timeout", std::to_string(o_.reconnect_timeout->count()) + "ms",
            "not together with backoff_min or backoff_max");
}

void examiner::store() {
    constexpr std::uint64_t least_bytes = 1 << 20;
    if (o_.store.bytes < least_bytes)
        add("store.bytes", std::to_string(o_.store.bytes), std::to_string(least_bytes) + " or more");
    if (o_.store.fsync_interval < std::chrono::milliseconds::zero())
        add("store.fsync_interval", std::to_string(o_.store.fsync_interval.count()) + "ms", "0 or more");
    const bool first = o_.qos2_receive == qos2_receive::store_first;
    if (first && !has_store(o_)) add("qos2_receive", "store_first", "after_ack without store.path");
    if (o_.store.qos1 && !first) add("store.qos1", "true", "only with qos2_receive = store_first");
    if (o_.raw_acks && has_store(o_))
        add("store.path", quote(o_.store.path),
            "none with raw acks, where the application keeps the session");
}

} // namespace

std::vector<option_fault> check(const client_options& options, const std::string& prefix) {
    const auto in_force = options_in_force(options);
    return examiner{in_force, prefix}.examine();
}

} // namespace weir::mqtt
