#include "session/authentication.hpp"

#include <utility>

namespace weir::mqtt {

void add_authentication(properties& props, const std::string& method, const auth_message& m) {
    props.set(property_id::authentication_method, method);
    if (m.data) props.set(property_id::authentication_data, *m.data);
    for (const property& p : m.props)
        props.append(p);
}

void authentication::opened(std::string method) {
    method_ = std::move(method);
    state_ = method_.empty() ? state::none : state::connecting;
    our_turn_ = false;
    deadline_.reset();
}

// ---- the server's turn

std::optional<close_cause> authentication::received(const auth& a, events& ev) {
    const auto wrong = [](const char* text) { return violation(reason_code::protocol_error, text); };
    if (state_ == state::none) return wrong("AUTH without an authentication method in CONNECT");
    if (state_ == state::settled) return wrong("AUTH when no exchange is running");
    if (our_turn_) return wrong("AUTH before the one before was answered");
    if (!has_method(a.props)) return wrong("AUTH with another authentication method");
    const bool over = a.code == reason_code::success;
    if (over && state_ == state::connecting) return wrong("AUTH of success before CONNACK");
    challenge(a.props, over ? auth_challenge::kind::finish : auth_challenge::kind::step, ev);
    return std::nullopt;
}

bool authentication::accepted(const connack& c, std::optional<close_cause>& fault, events& ev) {
    if (state_ == state::none) {
        if (c.props.text(property_id::authentication_method))
            fault = violation(
                reason_code::protocol_error, "CONNACK with an authentication method that was not asked for");
        return false;
    }
    if (!has_method(c.props) || our_turn_) {
        fault = violation(
            reason_code::protocol_error, our_turn_ ? "CONNACK before the last AUTH was answered"
                                                   : "CONNACK without the authentication method of CONNECT");
        return false;
    }
    challenge(c.props, auth_challenge::kind::finish, ev);
    return true;
}

bool authentication::has_method(const properties& props) const {
    return props.text(property_id::authentication_method) == method_;
}

void authentication::challenge(const properties& props, auth_challenge::kind stage, events& ev) {
    our_turn_ = true;
    deadline_.reset();
    auth_challenge asked{.stage = stage};
    if (const auto data = props.text(property_id::authentication_data)) asked.received.data = *data;
    for (const property& p : props)
        if (p.id == property_id::user_property || p.id == property_id::reason_string)
            asked.received.props.append(p);
    ev.emplace_back(std::move(asked));
}

// ---- the application's turn

auth authentication::packet_of(reason_code code, const auth_message& m) const {
    auth a;
    a.code = code;
    add_authentication(a.props, method_, m);
    return a;
}

void authentication::answer(const auth& said, time_point now, outbox& out) {
    our_turn_ = false;
    out.send(said);
    if (operation_ != 0) deadline_ = now + answer_timeout_;
}

std::optional<close_cause> authentication::judged(error failed, events& ev) {
    our_turn_ = false;
    const bool again = state_ == state::exchanging;
    state_ = state::settled;
    if (!failed) {
        finish({}, ev);
        return std::nullopt;
    }
    finish(failed, ev);
    close_cause cause{std::move(failed), false, std::nullopt};
    if (again) cause.farewell = reason_code::unspecified_error; // a code for this is the server's alone
    return cause;
}

std::optional<error> authentication::refuse_reauthentication() const {
    if (state_ == state::none) return error{errc::auth_not_configured};
    if (state_ != state::settled) return error{errc::busy, "an authentication is under way"};
    return std::nullopt;
}

void authentication::reauthenticate(operation_id operation, const auth& first, time_point now, outbox& out) {
    state_ = state::exchanging;
    operation_ = operation;
    deadline_ = now + answer_timeout_;
    out.send(first);
}

// ---- time and ends

/// The exchange goes on if the server answers after all; only nobody waits for it any more.
void authentication::expire(time_point now, events& ev) {
    if (!deadline_ || now < *deadline_) return;
    const auto limit = std::to_string(answer_timeout_.count());
    finish({errc::ack_timeout, "no answer within " + limit + " ms"}, ev);
}

void authentication::end(const error& reason, events& ev) {
    finish(reason, ev);
    state_ = state::none;
    our_turn_ = false;
}

void authentication::finish(error failed, events& ev) {
    deadline_.reset();
    if (operation_ == 0) return;
    ev.emplace_back(reauthenticate_done{std::exchange(operation_, 0), std::move(failed)});
}

} // namespace weir::mqtt
