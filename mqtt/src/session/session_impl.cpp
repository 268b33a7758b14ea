// The calls a session takes, and the end of every one of them.
#include "session/session_impl.hpp"

#include "codec/strict_utf8.hpp"
#include "options_in_force.hpp"
#include "session/check_extras.hpp"

#include <weir/mqtt/codec/check_outgoing.hpp>
#include <weir/mqtt/codec/encoder.hpp>

#include <algorithm>
#include <string>

namespace weir::mqtt {
namespace {

decoder::settings decoder_settings(const client_options& o) {
    return {
        peer::server, o.proto_ver, o.maximum_packet_size, o.request_problem_information,
        o.oversize == oversize::discard};
}

/// MQTT 3.x has one DISCONNECT only, and it discards the will: for the will to fire, none is sent.
bool is_left_unsaid(reason_code code, const properties& props, protocol_version version) {
    return version != protocol_version::v5 && code == reason_code::disconnect_with_will_message &&
           props.empty();
}

} // namespace

session::impl::impl(client_options o)
    : options_(options_in_force(std::move(o)))
    , journal_(has_store(options_), options_.store.bytes, options_.store.fsync_interval)
    , outbox_(options_.proto_ver)
    , decoder_(decoder_settings(options_))
    , handshake_(options_)
    , auth_(options_.ack_timeout)
    , pings_(options_.ack_timeout, drops_)
    , inbound_(options_, drops_, journal_)
    , outbound_(options_, ids_, drops_, journal_)
    , table_(journal_)
    , calls_(options_, ids_, table_, drops_) {}

// ---- the connection

error session::impl::opened(time_point now, connect_extras extras) {
    if (auto fault = check_extras(extras, options_.proto_ver, options_.strict_utf8)) return *std::move(fault);
    phase_ = phase::connecting;
    ready_reported_ = false;
    version_refused_ = false;
    behind_ = false;
    session_ends_.reset();
    connect_sent_ = now;
    decoder_.reset(decoder_settings(options_));
    outbox_.clear();
    held_connack_.reset();
    auth_.opened(extras.auth_method);
    outbox_.send(handshake_.make_connect(std::move(extras)));
    packets_seen_ = outbox_.packets();
    return {};
}

void session::impl::closed(const error& reason, time_point now, events& ev) {
    if (phase_ == phase::offline) return;
    behind_ = false;
    expect_end_of_session(reason, now);
    const bool closed_on_connect = phase_ == phase::connecting && reason.code == errc::peer_closed;
    phase_ = phase::offline;
    keep_alive_.stop();
    held_connack_.reset();
    server_ = {};
    oversize_.connection_lost();
    const error lost{errc::disconnected, "the connection ended"};
    pings_.end(lost, ev);
    auth_.end(lost, ev);
    outbox_.clear();
    inbound_.connection_lost();
    outbound_.connection_lost(ev);
    calls_.connection_lost(ev);
    if ((version_refused_ || closed_on_connect) && may_fall_back()) fall_back(ev);
}

/// A server that has seen the end counts from there; else it holds the connection for one and a half times
/// the keep alive at most [MQTT-3.1.2-22], and counts from then.
void session::impl::expect_end_of_session(const error& reason, time_point now) {
    const auto kept = handshake_.kept_for();
    if (!kept) return;
    if (reason.code == errc::peer_closed || reason.code == errc::server_disconnect) {
        session_ends_ = now + *kept;
        return;
    }
    const auto alive = std::max(options_.keepalive, keep_alive_in_force_);
    if (options_.keepalive.count() == 0 || keep_alive_in_force_.count() == 0) return; // it may never notice
    session_ends_ = now + alive * 3 / 2 + *kept;
}

void session::impl::end_session(events& ev) {
    session_ends_.reset();
    handshake_.session_ended();
    inbound_.session_lost(ev);
    outbound_.session_lost(ev);
    table_.session_lost();
}

void session::impl::received(bytes chunk, time_point now, events& ev) {
    if (!takes_packets()) return;
    if (!chunk.empty()) {
        bytes_received_ += chunk.size();
        keep_alive_.received();
        decoder_.feed(std::move(chunk));
    }
    decode(now, ev);
    end_turn(now, ev);
}

void session::impl::decode(time_point now, events& ev) {
    const auto enough = ev.size() + most_events;
    behind_ = false;
    while (takes_packets() && !is_held()) {
        if (ev.size() >= enough) {
            behind_ = true;
            ++events_held_;
            return;
        }
        const auto taken = decoder_.next(packet_);
        if (taken == decoder::outcome::need_more) break;
        if (taken == decoder::outcome::failed) return undecodable(ev);
        ++packets_received_;
        const auto type = static_cast<std::size_t>(decoder_.last_type());
        ++received_by_type_[type];
        received_bytes_by_type_[type] += decoder_.last_size();
        if (taken == decoder::outcome::ready) {
            dispatch(now, ev);
        } else if (phase_ == phase::connected) {
            ++oversize_packets_;
            end_on(
                inbound_.received_oversize(
                    decoder_.oversize_message(), decoder_.oversize_size(), outbox_, ev),
                ev);
        } else {
            end_connection(violation(reason_code::protocol_error, "a packet before CONNACK"), ev);
        }
    }
}

void session::impl::undecodable(events& ev) {
    const auto& why = decoder_.last_error();
    // A server that has accepted takes a DISCONNECT, which tells it what was wrong [mqtt 5.0, 4.13.1].
    if (why.in_acceptance) phase_ = phase::connected;
    if (why.packet_size != 0) ++oversize_packets_;
    if (why.too_many_properties) drops_.add(dropped::what::too_many_properties);
    auto cause = violation(why.code, why.text);
    if (why.packet_size != 0 && oversize_.met(why.topic, why.packet_size)) {
        cause.reason = {errc::oversize_loop, why.text};
        cause.fatal = true;
    }
    end_connection(cause, ev);
}

void session::impl::ticked(time_point now, events& ev) {
    if (session_ends_ && now >= *session_ends_) end_session(ev);
    switch (keep_alive_.tick(now)) {
    case keep_alive::action::none: break;
    case keep_alive::action::ping: (void)pings_.send(0, now, outbox_); break;
    case keep_alive::action::dead:
        end_connection({{errc::keepalive_timeout, "no answer to PINGREQ"}, false, std::nullopt}, ev);
        break;
    }
    outbound_.ticked(now, outbox_, ev);
    calls_.expire(now, ev);
    pings_.expire(now, ev);
    auth_.expire(now, ev);
    end_turn(now, ev);
}

std::optional<time_point> session::impl::deadline() const noexcept {
    auto next = keep_alive_.deadline();
    const auto sooner = [&next](std::optional<time_point> other) {
        if (other && (!next || *other < *next)) next = other;
    };
    sooner(outbound_.deadline());
    sooner(calls_.deadline());
    sooner(pings_.deadline());
    sooner(auth_.deadline());
    sooner(journal_.deadline());
    sooner(session_ends_);
    return next;
}

void session::impl::take_output(output_buffer& out) {
    outbox_.take(out);
    outbound_.output_taken();
}

void session::impl::written(time_point now, events& ev) {
    outbound_.output_written(ev);
    end_turn(now, ev);
}

// ---- receiving

void session::impl::demand(std::size_t messages, time_point now, events& ev) {
    inbound_.demand(messages, ev);
    end_turn(now, ev);
}

void session::impl::resume(time_point now, events& ev) {
    inbound_.resume(ev);
    end_turn(now, ev);
}

void session::impl::drain(bool everything, time_point now, events& ev) {
    inbound_.drain(everything, ev);
    end_turn(now, ev);
}

void session::impl::acknowledge(std::span<const ack_outcome> outcomes, time_point now, events& ev) {
    inbound_.acknowledge(outcomes);
    if (phase_ == phase::connected) inbound_.release(outbox_, ev);
    end_turn(now, ev);
}

error session::impl::acknowledge(
    const ack_token& token, reason_code code, properties props, time_point now, events& ev) {
    auto failed = inbound_.acknowledge(token, code, std::move(props));
    if (phase_ == phase::connected) inbound_.release(outbox_, ev);
    end_turn(now, ev);
    return failed;
}

void session::impl::release(std::uint64_t request, time_point now, events& ev) {
    inbound_.release(request, outbox_);
    end_turn(now, ev);
}

error session::impl::send_ack(const ack& a, time_point now) {
    if (!options_.raw_acks) return {errc::option_invalid, "acks are sent by the session; raw_acks is off"};
    if (phase_ != phase::connected) return error{errc::not_connected};
    if (a.packet_id == 0) return {errc::option_invalid, "packet_id is 0, allowed: 1..65535"};
    if (auto fault = refuse(a)) return *std::move(fault);
    outbox_.send(a);
    note_sent(now);
    return {};
}

// ---- operations

result<operation_id> session::impl::publish(outgoing message, time_point now, events& ev) {
    auto fault = outbound_.publish(next_operation_, std::move(message), now, ev);
    auto answer = called(std::move(fault), now);
    end_turn(now, ev);
    return answer;
}

result<operation_id> session::impl::subscribe(
    std::vector<subscription> list, properties props, time_point now) {
    return counted(calls_.subscribe(next_operation_, std::move(list), std::move(props)), now);
}

result<operation_id> session::impl::unsubscribe(
    std::vector<std::string> filters, properties props, time_point now) {
    return counted(calls_.unsubscribe(next_operation_, std::move(filters), std::move(props)), now);
}

result<operation_id> session::impl::counted(std::optional<error> fault, time_point now) {
    if (fault && fault->code == errc::queue_full) ++calls_refused_;
    return called(std::move(fault), now);
}

result<operation_id> session::impl::called(std::optional<error> fault, time_point now) {
    if (fault) return *std::move(fault);
    if (phase_ == phase::connected) {
        events none; // a call accepted while connected does not fail when it is sent
        calls_.send_waiting(now, outbox_, none);
        note_sent(now);
    }
    return next_operation_++;
}

void session::impl::cancel(operation_id operation, time_point now, events& ev) {
    outbound_.cancel(operation, ev);
    calls_.cancel(operation, ev);
    pings_.cancel(operation, ev);
    end_turn(now, ev);
}

result<operation_id> session::impl::ping(time_point now) {
    if (phase_ != phase::connected) return error{errc::not_connected};
    std::optional<error> fault;
    if (!pings_.send(next_operation_, now, outbox_))
        fault = error{errc::queue_full, std::to_string(pings::most) + " pings wait for their answers"};
    return counted(std::move(fault), now);
}

result<operation_id> session::impl::reauthenticate(const auth_message& first, time_point now) {
    if (phase_ != phase::connected) return error{errc::not_connected};
    const auto said = auth_.packet_of(reason_code::reauthenticate, first);
    auto fault = auth_.refuse_reauthentication();
    if (!fault) fault = refuse(said);
    if (!fault) auth_.reauthenticate(next_operation_, said, now, outbox_);
    return called(std::move(fault), now);
}

error session::impl::authenticate(const auth_message& answer, time_point now) {
    if (!takes_packets() || !auth_.is_asking()) return {};
    const auto said = auth_.packet_of(reason_code::continue_authentication, answer);
    if (auto fault = refuse(said)) return *std::move(fault);
    auth_.answer(said, now, outbox_);
    note_sent(now);
    return {};
}

void session::impl::judge(error failed, time_point now, events& ev) {
    if (!takes_packets() || !auth_.is_asking()) return;
    const auto held = std::exchange(held_connack_, std::nullopt);
    if (auto cause = auth_.judged(std::move(failed), ev)) {
        end_connection(*cause, ev);
    } else if (held) {
        accepted(*held, now, ev);
        decode(now, ev);
    }
    end_turn(now, ev);
}

void session::impl::disconnect(reason_code code, properties props, time_point now, events& ev) {
    if (!takes_packets()) return;
    std::string remark = "disconnect was called";
    if (phase_ == phase::connected) {
        inbound_.release_for_leaving(outbox_);
        say_goodbye(code, std::move(props), remark);
    }
    end_connection({{errc::local_close, std::move(remark)}, false, std::nullopt}, ev);
    end_turn(now, ev);
}

error session::impl::check_disconnect(reason_code code, const properties& props) const {
    if (is_left_unsaid(code, props, options_.proto_ver)) return {};
    const auto d = goodbye(code, props);
    return d ? error{} : d.error();
}

void session::impl::say_goodbye(reason_code code, properties props, std::string& remark) {
    if (is_left_unsaid(code, props, options_.proto_ver)) return;
    const auto d = goodbye(code, std::move(props));
    if (!d) {
        remark += "; closed without DISCONNECT because of " + d.error().message();
        return;
    }
    outbox_.send(*d);
    if (const auto kept = d->props.number(property_id::session_expiry_interval))
        handshake_.expiry_changed(*kept);
}

result<mqtt::disconnect> session::impl::goodbye(reason_code code, properties props) const {
    mqtt::disconnect d{code, std::move(props)};
    const auto expiry = d.props.number(property_id::session_expiry_interval);
    auto fault = check_outgoing(d, options_.proto_ver);
    if (!fault && expiry.value_or(0) != 0 && handshake_.session_expiry_asked() == 0) // [MQTT-3.14.2-2]
        fault = error{
            errc::property_invalid, "session_expiry_interval " + std::to_string(*expiry) +
                                        " in DISCONNECT, which may not rise from 0"};
    if (fault) return *std::move(fault);
    for (const auto id :
         {property_id::reason_string, property_id::user_property}) // [MQTT-3.14.2-3, 3.14.2-4]
        if (server_.refuse_size(encoded_size(d, options_.proto_ver))) d.props.remove(id);
    if (auto too_large = refuse(d)) return *std::move(too_large);
    return d;
}

/// Why `p` may not be sent on this connection, or nothing.
template <class Packet>
std::optional<error> session::impl::refuse(const Packet& p) const {
    auto fault = check_outgoing(p, options_.proto_ver);
    if (!fault && options_.strict_utf8) fault = check_strict_utf8(p.props);
    if (!fault) fault = server_.refuse_size(encoded_size(p, options_.proto_ver)); // [MQTT-3.2.2-15]
    return fault;
}

void session::impl::abort(events& ev) {
    outbound_.abort(ev);
    calls_.abort(ev);
    pings_.end(error{errc::aborted}, ev);
    auth_.end(error{errc::aborted}, ev);
}

session_stats session::impl::stats() const noexcept {
    session_stats s;
    s.bytes_received = bytes_received_;
    s.packets_received = packets_received_;
    s.packets_sent = outbox_.packets();
    s.received_by_type = received_by_type_;
    s.sent_by_type = outbox_.packets_by_type();
    s.received_bytes_by_type = received_bytes_by_type_;
    s.sent_bytes_by_type = outbox_.bytes_by_type();
    s.dropped_by_reason = drops_.totals();
    s.connections = connection_;
    s.ping_round_trip = pings_.last_round_trip();
    s.unexpected_acks = drops_.total(dropped::what::unexpected_ack);
    inbound_.fill(s);
    outbound_.fill(s);
    s.store_bytes = journal_.in_use().bytes;
    s.store_records = journal_.in_use().records;
    s.reading_stopped = reading_stopped_;
    s.oversize = oversize_packets_;
    s.calls_refused = calls_refused_;
    s.events_held = events_held_;
    s.store_writes = journal_.writes();
    s.store_failures = journal_.failures();
    return s;
}

// ---- the end of a call

void session::impl::end_connection(const close_cause& cause, events& ev) {
    if (!takes_packets()) return;
    if (cause.farewell && phase_ == phase::connected && options_.proto_ver == protocol_version::v5)
        outbox_.send(mqtt::disconnect{*cause.farewell, {}});
    phase_ = phase::closing;
    keep_alive_.stop();
    ev.emplace_back(close_requested{cause.reason, cause.fatal, cause.server_reference, cause.said});
}

void session::impl::end_on(std::optional<close_cause> cause, events& ev) {
    if (cause) end_connection(*cause, ev);
}

void session::impl::note_sent(time_point now) noexcept {
    if (packets_seen_ == outbox_.packets()) return;
    packets_seen_ = outbox_.packets();
    keep_alive_.sent(now);
}

void session::impl::end_turn(time_point now, events& ev) {
    if (phase_ == phase::connected) {
        outbound_.pump(now, outbox_, ev);
        calls_.send_waiting(now, outbox_, ev);
        if (!ready_reported_ && calls_.subscriptions_stand()) {
            ready_reported_ = true;
            ev.emplace_back(session_ready{});
        }
    }
    if (journal_.on()) journal_.turn_ended(now);
    drops_.flush(ev);
    note_sent(now);
    watch_reading(now);
}

void session::impl::watch_reading(time_point now) {
    const bool reads = wants_read();
    const bool stopped = reads_ && !reads && !is_held() && !behind_;
    if (stopped) ++reading_stopped_;
    reads_ = reads;
    keep_alive_.reading(reads, now);
}

} // namespace weir::mqtt
