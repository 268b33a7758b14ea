#include "session/handshake.hpp"

#include "session/authentication.hpp"
#include "session/topic_aliases.hpp"

#include <weir/mqtt/random_client_id.hpp>

#include <algorithm>
#include <utility>

namespace weir::mqtt {
namespace {

constexpr std::uint16_t wire_default_receive_maximum = 65'535;

std::uint32_t asked_session_expiry(const client_options& o) {
    if (o.session_expiry) return *o.session_expiry;
    return o.props.number(property_id::session_expiry_interval).value_or(0);
}

bool flag(const properties& props, property_id id) {
    return props.number(id).value_or(1) != 0;
}

} // namespace

handshake::handshake(const client_options& o)
    : options_(o)
    , client_id_(o.clientid)
    , asked_expiry_(asked_session_expiry(o)) {
    version_changed();
}

void handshake::version_changed() {
    if (client_id_.empty() && options_.proto_ver != protocol_version::v5) client_id_ = random_client_id();
    asked_expiry_ = asked_session_expiry(options_);
}

// ---- CONNECT

std::optional<duration> handshake::kept_for() const noexcept {
    constexpr std::uint32_t for_ever = 0xFFFF'FFFF;
    if (options_.proto_ver != protocol_version::v5 || ended_) return std::nullopt;
    if (!had_session_ && !restored_) return std::nullopt;
    // The CONNACK of the last attempt may have been lost: what it would have said is not known.
    const auto longest =
        left_with_.value_or(unanswered_ ? std::max(asked_expiry_, expiry_in_force_) : expiry_in_force_);
    if (longest == 0 || longest == for_ever) return std::nullopt;
    return std::chrono::seconds{longest};
}

connect handshake::make_connect(connect_extras extras) {
    left_with_.reset();
    unanswered_ = true;
    clean_start_ = wants_clean_start();
    connect c;
    c.version = options_.proto_ver;
    c.bridge_mode = options_.bridge_mode;
    c.clean_start = clean_start_;
    c.keep_alive = static_cast<std::uint16_t>(options_.keepalive.count());
    c.client_id = client_id_;
    if (extras.will)
        c.will = std::move(*extras.will);
    else
        c.will = options_.will;
    auto who = extras.credentials ? std::move(*extras.credentials)
                                  : credentials{options_.username, options_.password};
    c.username = std::move(who.username);
    c.password = std::move(who.password);
    if (options_.proto_ver == protocol_version::v5) c.props = connect_properties();
    if (!extras.auth_method.empty()) add_authentication(c.props, extras.auth_method, extras.auth);
    return c;
}

bool handshake::wants_clean_start() const noexcept {
    if (start_over_) return true;
    // A fresh session is meant for the start of the client; a reconnect of v5 takes up the one it made.
    const bool again = had_session_ && expiry_in_force_ > 0 && !options_.clean_start_always;
    if (options_.proto_ver == protocol_version::v5 && again) return false;
    return options_.clean_start.value_or(true);
}

properties handshake::connect_properties() const {
    properties props = options_.props;
    if (asked_expiry_ != 0) props.set(property_id::session_expiry_interval, asked_expiry_);
    if (options_.receive_maximum != wire_default_receive_maximum)
        props.set(property_id::receive_maximum, options_.receive_maximum);
    props.set(property_id::maximum_packet_size, options_.maximum_packet_size);
    if (const auto aliases = topic_aliases::offered(options_); aliases != 0)
        props.set(property_id::topic_alias_maximum, aliases);
    if (options_.request_response_information) props.set(property_id::request_response_information, 1u);
    if (!options_.request_problem_information) props.set(property_id::request_problem_information, 0u);
    return props;
}

// ---- CONNACK

handshake::outcome handshake::answered(const connack& c) {
    outcome result;
    if (c.code != 0) {
        result.refused = refusal(c);
        return result;
    }
    if (auto fault = fault_of(c)) {
        result.refused = std::move(*fault);
        return result;
    }
    const bool knows_session = (had_session_ || restored_) && !ended_;
    if (options_.session_strict && c.session_present && !knows_session) { // [MQTT-3.2.2-4]
        start_over_ = true;
        result.refused = violation(
            reason_code::protocol_error, "CONNACK says a session is present, and this client has none");
        return result;
    }
    start_over_ = false;
    if (const auto assigned = c.props.text(property_id::assigned_client_identifier)) client_id_ = *assigned;
    result.accepted = limits_of(c);
    result.session = judge(c.session_present);
    expiry_in_force_ = result.accepted->session_expiry;
    unanswered_ = false;
    had_session_ = true;
    ended_ = false;
    return result;
}

std::optional<close_cause> handshake::fault_of(const connack& c) const {
    if (c.session_present && clean_start_ && options_.proto_ver != protocol_version::v3)
        return violation(
            reason_code::protocol_error,
            "CONNACK says a session is present after a clean start was asked for");
    if (client_id_.empty() && !c.props.text(property_id::assigned_client_identifier))
        return violation(
            reason_code::protocol_error, "CONNACK without a client identifier to an empty client identifier");
    return std::nullopt;
}

close_cause handshake::refusal(const connack& c) const {
    const bool v5 = options_.proto_ver == protocol_version::v5;
    const auto name = v5 ? to_string(static_cast<reason_code>(c.code))
                         : to_string(static_cast<connect_return_code>(c.code));
    const bool fatal = v5 ? is_fatal_connack(static_cast<reason_code>(c.code))
                          : is_fatal_connack(static_cast<connect_return_code>(c.code));
    std::string text = "CONNACK code " + std::to_string(c.code) + ", " + std::string(name);
    for (const auto id : {property_id::reason_string, property_id::server_reference})
        if (const auto value = c.props.text(id))
            text += ", " + std::string(to_string(id)) + ": " + std::string(*value);
    return {
        error{make_error_code(errc::connack_refused), std::move(text)}, fatal, std::nullopt,
        v5 ? reference_in(static_cast<reason_code>(c.code), c.props) : std::string{},
        closing_packet{packet_type::connack, c.code, c.props}};
}

connected handshake::limits_of(const connack& c) const {
    const properties& p = c.props;
    const connected standard; // what an absent property means
    connected out;
    out.session_present = c.session_present && options_.proto_ver != protocol_version::v3;
    out.client_id = client_id_;
    out.keep_alive =
        static_cast<std::uint16_t>(p.number(property_id::server_keep_alive)
                                       .value_or(static_cast<std::uint32_t>(options_.keepalive.count())));
    out.session_expiry = p.number(property_id::session_expiry_interval).value_or(asked_expiry_);
    out.receive_maximum =
        static_cast<std::uint16_t>(p.number(property_id::receive_maximum).value_or(standard.receive_maximum));
    out.maximum_packet_size =
        p.number(property_id::maximum_packet_size).value_or(standard.maximum_packet_size);
    out.topic_alias_maximum =
        static_cast<std::uint16_t>(p.number(property_id::topic_alias_maximum).value_or(0));
    out.maximum_qos = static_cast<qos>(p.number(property_id::maximum_qos).value_or(2));
    out.retain_available = flag(p, property_id::retain_available);
    out.wildcard_subscription_available = flag(p, property_id::wildcard_subscription_available);
    out.subscription_identifiers_available = flag(p, property_id::subscription_identifiers_available);
    out.shared_subscription_available = flag(p, property_id::shared_subscription_available);
    out.props = p;
    return out;
}

handshake::continuity handshake::judge(bool session_present) const noexcept {
    continuity s;
    if (options_.proto_ver == protocol_version::v3 && !clean_start_) {
        // MQTT 3.1 does not say whether it kept the session: act as if it did, and subscribe as if it did
        // not.
        s.resume = true;
        s.resubscribe = true;
    } else if (session_present) {
        s.resume = true;
        s.resubscribe = ended_;
    } else {
        s.lost = (had_session_ || restored_) && !ended_;
        s.resubscribe = true;
    }
    if (options_.resubscribe == resubscribe::always) s.resubscribe = true;
    if (options_.resubscribe == resubscribe::never) s.resubscribe = false;
    return s;
}

} // namespace weir::mqtt
