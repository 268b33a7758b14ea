#include "session/pending_calls.hpp"

#include "codec/strict_utf8.hpp"

#include <weir/mqtt/codec/check_outgoing.hpp>
#include <weir/mqtt/codec/encoder.hpp>

#include <algorithm>
#include <utility>

namespace weir::mqtt {
namespace {

/// A failure code of any filter fails the operation; the codes tell which.
error rejection(const std::vector<reason_code>& codes) {
    const auto failures = std::count_if(codes.begin(), codes.end(), is_failure);
    if (failures == 0) return {};
    const auto first = *std::find_if(codes.begin(), codes.end(), is_failure);
    return {
        errc::rejected, std::to_string(failures) + " of " + std::to_string(codes.size()) +
                            " topic filters, the first with " + std::string(to_string(first))};
}

} // namespace

pending_calls::pending_calls(
    const client_options& o, packet_ids& ids, subscription_table& table, drop_report& drops)
    : version_(o.proto_ver)
    , ack_timeout_(o.ack_timeout)
    , retry_(o.retry_calls_on_reconnect)
    , strict_utf8_(o.strict_utf8)
    , ids_(ids)
    , table_(table)
    , drops_(drops) {}

std::optional<error> pending_calls::subscribe(
    operation_id operation, std::vector<subscription> list, properties props) {
    const mqtt::subscribe probe{1, list, props};
    if (auto fault = check_outgoing(probe, version_)) return fault;
    if (strict_utf8_)
        if (auto fault = check_strict_utf8(probe)) return fault;
    call c;
    c.operation = operation;
    c.list = std::move(list);
    c.props = std::move(props);
    return accept(std::move(c));
}

std::optional<error> pending_calls::unsubscribe(
    operation_id operation, std::vector<std::string> filters, properties props) {
    const mqtt::unsubscribe probe{1, filters, props};
    if (auto fault = check_outgoing(probe, version_)) return fault;
    if (strict_utf8_)
        if (auto fault = check_strict_utf8(probe)) return fault;
    call c;
    c.operation = operation;
    c.subscribes = false;
    c.filters = std::move(filters);
    c.props = std::move(props);
    return accept(std::move(c));
}

std::optional<error> pending_calls::accept(call c) {
    if (calls_.size() >= most)
        return error{errc::queue_full, std::to_string(most) + " calls wait for their answers"};
    if (connected_)
        if (auto why = plan(c)) return why;
    calls_.push_back(std::move(c));
    return std::nullopt;
}

void pending_calls::opened(const server_limits& limits, bool resubscribing) {
    limits_ = limits;
    connected_ = true;
    if (resubscribing) {
        // A resubscription the last connection did not finish is covered by the new one.
        calls_.remove_if([](const call& c) { return c.operation == 0; });
        for (auto& again : table_.resubscriptions(about_to_subscribe())) {
            call& c = calls_.emplace_front();
            c.list = std::move(again.subscriptions);
            c.props = std::move(again.props);
        }
    }
    awaited_ = 0;
    for (call& c : calls_) {
        c.awaited = c.subscribes;
        awaited_ += c.subscribes ? 1 : 0;
    }
}

/// Filters of calls that are sent on this connection anyway.
std::set<std::string_view> pending_calls::about_to_subscribe() const {
    std::set<std::string_view> filters;
    for (const call& c : calls_)
        if (c.subscribes)
            for (const auto& asked : c.list)
                filters.insert(asked.filter);
    return filters;
}

// ---- sending

void pending_calls::send_waiting(time_point now, outbox& out, events& ev) {
    for (auto c = calls_.begin(); c != calls_.end();) {
        const auto current = c++;
        if (current->sent) continue;
        if (auto why = plan(*current)) {
            finish(current, std::move(*why), ev);
        } else if (number_parts(*current)) {
            if (!current->deadline) current->deadline = now + ack_timeout_;
            send(*current, out);
        }
    }
}

std::optional<error> pending_calls::plan(call& c) {
    if (c.subscribes) {
        if (version_ != protocol_version::v5) // perhaps it was v5 when the call was accepted
            if (auto why = check_outgoing(mqtt::subscribe{1, c.list, c.props}, version_)) return why;
        if (auto why = limits_.refuse(c.list, c.props)) return why;
    } else if (version_ != protocol_version::v5) {
        if (auto why = check_outgoing(mqtt::unsubscribe{1, c.filters, c.props}, version_)) return why;
    }
    c.unanswered.clear();
    for (std::size_t begin = 0; begin < c.size();) {
        std::size_t count = c.size() - begin;
        while (auto why = limits_.refuse_size(encoded_size(c.slice(begin, count, 1), version_))) {
            if (count == 1) return why;
            count /= 2;
        }
        c.unanswered.push_back({0, begin, count});
        begin += count;
    }
    return std::nullopt;
}

bool pending_calls::number_parts(call& c) {
    for (part& p : c.unanswered) {
        const auto id = ids_.take();
        if (!id) {
            release_ids(c);
            return false;
        }
        p.packet_id = *id;
    }
    return true;
}

void pending_calls::send(call& c, outbox& out) {
    c.sent = true;
    c.codes.assign(c.size(), reason_code::success);
    c.answer_props.clear();
    for (const part& p : c.unanswered)
        out.send(c.slice(p.begin, p.count, p.packet_id));
}

packet pending_calls::call::slice(std::size_t begin, std::size_t count, std::uint16_t id) const {
    const auto from = static_cast<std::ptrdiff_t>(begin);
    const auto to = static_cast<std::ptrdiff_t>(begin + count);
    if (subscribes) return mqtt::subscribe{id, {list.begin() + from, list.begin() + to}, props};
    return mqtt::unsubscribe{id, {filters.begin() + from, filters.begin() + to}, props};
}

// ---- answers

std::optional<close_cause> pending_calls::received(const suback& s, events& ev) {
    return answer(s.packet_id, true, s.codes, s.props, ev);
}

std::optional<close_cause> pending_calls::received(const unsuback& u, events& ev) {
    return answer(u.packet_id, false, u.codes, u.props, ev);
}

std::optional<close_cause> pending_calls::answer(
    std::uint16_t packet_id, bool subscribes, std::vector<reason_code> codes, const properties& props,
    events& ev) {
    const auto c = find(packet_id, subscribes);
    if (c == calls_.end()) {
        note_late(packet_id);
        return std::nullopt;
    }
    const auto p = std::find_if(c->unanswered.begin(), c->unanswered.end(), [packet_id](const part& one) {
        return one.packet_id == packet_id;
    });
    // UNSUBACK of MQTT 3.x carries no codes: it can only mean success.
    if (!subscribes && version_ != protocol_version::v5) codes.assign(p->count, reason_code::success);
    if (codes.size() != p->count)
        return violation(
            reason_code::protocol_error, std::string(subscribes ? "SUBACK" : "UNSUBACK") + " with " +
                                             std::to_string(codes.size()) + " codes for " +
                                             std::to_string(p->count) + " topic filters");
    take_in(*c, *p, codes, props, ev);
    ids_.release(packet_id);
    c->unanswered.erase(p);
    if (c->unanswered.empty()) {
        auto failed = rejection(c->codes);
        finish(c, std::move(failed), ev);
    }
    return std::nullopt;
}

void pending_calls::take_in(
    call& c, const part& p, const std::vector<reason_code>& codes, const properties& props, events& ev) {
    std::copy(codes.begin(), codes.end(), c.codes.begin() + static_cast<std::ptrdiff_t>(p.begin));
    for (const property& one : props)
        c.answer_props.append(one);
    if (c.subscribes) {
        const auto asked = std::span{c.list}.subspan(p.begin, p.count);
        table_.answered(asked, codes, c.props);
        for (std::size_t i = 0; i < asked.size(); ++i)
            if (const auto granted = static_cast<qos>(codes[i]); granted < asked[i].qos)
                ev.emplace_back(granted_lower{asked[i].filter, asked[i].qos, granted});
        return;
    }
    for (std::size_t i = 0; i < p.count; ++i)
        if (!is_failure(codes[i])) table_.removed(c.filters[p.begin + i]);
}

void pending_calls::note_late(std::uint16_t packet_id) {
    drops_.add(dropped::what::unexpected_ack);
    const auto known = std::find(given_up_.begin(), given_up_.end(), packet_id);
    if (known == given_up_.end()) return;
    ids_.release(packet_id);
    given_up_.erase(known);
}

pending_calls::calls::iterator pending_calls::find(std::uint16_t packet_id, bool subscribes) {
    return std::find_if(calls_.begin(), calls_.end(), [&](const call& c) {
        return c.sent && c.subscribes == subscribes &&
               std::any_of(c.unanswered.begin(), c.unanswered.end(), [packet_id](const part& p) {
                   return p.packet_id == packet_id;
               });
    });
}

void pending_calls::finish(calls::iterator c, error failed, events& ev) {
    if (c->awaited) --awaited_;
    if (c->subscribes) {
        ev.emplace_back(subscribe_done{
            c->operation, std::move(failed), std::move(c->list), std::move(c->codes),
            std::move(c->answer_props)});
    } else {
        ev.emplace_back(unsubscribe_done{
            c->operation, std::move(failed), std::move(c->filters), std::move(c->codes),
            std::move(c->answer_props)});
    }
    calls_.erase(c);
}

// ---- time and connections

void pending_calls::expire(time_point now, events& ev) {
    for (auto c = calls_.begin(); c != calls_.end();) {
        const auto current = c++;
        if (!current->deadline || now < *current->deadline) continue;
        leave(
            current, {errc::ack_timeout, "no answer within " + std::to_string(ack_timeout_.count()) + " ms"},
            ev);
    }
}

void pending_calls::cancel(operation_id operation, events& ev) {
    const auto c = std::find_if(
        calls_.begin(), calls_.end(), [operation](const call& one) { return one.operation == operation; });
    if (c == calls_.end()) return;
    leave(c, {errc::aborted, "canceled"}, ev);
}

/// The answer may still come: the ids stay reserved until it does or the connection ends.
void pending_calls::leave(calls::iterator c, error why, events& ev) {
    if (c->sent)
        for (const part& p : c->unanswered)
            given_up_.push_back(p.packet_id);
    c->codes.clear();
    finish(c, std::move(why), ev);
}

std::optional<time_point> pending_calls::deadline() const noexcept {
    std::optional<time_point> next;
    for (const call& c : calls_)
        if (c.deadline && (!next || *c.deadline < *next)) next = c.deadline;
    return next;
}

void pending_calls::connection_lost(events& ev) {
    connected_ = false;
    for (auto c = calls_.begin(); c != calls_.end();) {
        const auto current = c++;
        if (!current->sent) continue;
        release_ids(*current);
        current->sent = false;
        if (retry_ || current->operation == 0) continue;
        current->codes.clear();
        finish(current, {errc::disconnected, "and retry_calls_on_reconnect is off"}, ev);
    }
    for (const auto id : given_up_)
        ids_.release(id);
    given_up_.clear();
}

void pending_calls::abort(events& ev) {
    while (!calls_.empty()) {
        const auto c = calls_.begin();
        if (c->sent) release_ids(*c);
        c->codes.clear();
        finish(c, error{errc::aborted}, ev);
    }
}

void pending_calls::release_ids(call& c) {
    for (part& p : c.unanswered)
        if (p.packet_id != 0) ids_.release(std::exchange(p.packet_id, std::uint16_t{0}));
}

} // namespace weir::mqtt
