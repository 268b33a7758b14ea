#include "session/inbound_ledger.hpp"

#include "session/stored_form.hpp"

#include <algorithm>

namespace weir::mqtt {
namespace {

// A delivery is a serial number over the packet id: unique for ever, and its record is found by the id.
constexpr unsigned id_bits = 16;

constexpr std::uint16_t id_of(std::uint64_t delivery) {
    return static_cast<std::uint16_t>(delivery);
}

} // namespace

// ---- arriving

inbound_ledger::arrived_as inbound_ledger::arrived(const publish& p) {
    const auto slot = ids_.find(p.packet_id);
    if (slot == id_table::none) return enter(p);
    return records_[slot].live ? repeated_on_connection(slot, p) : repeated_after_resume(slot, p);
}

std::uint32_t inbound_ledger::take_slot(std::uint16_t packet_id) {
    if (free_.empty()) {
        free_.push_back(static_cast<std::uint32_t>(records_.size()));
        records_.emplace_back();
    }
    const auto slot = free_.back();
    free_.pop_back();
    records_[slot].delivery = next_serial_++ << id_bits | packet_id;
    ids_.put(packet_id, slot);
    return slot;
}

inbound_ledger::arrived_as inbound_ledger::enter(const publish& p) {
    const auto slot = take_slot(p.packet_id);
    record& r = records_[slot];
    set_stage(r, stage::waiting);
    r.level = p.qos;
    r.live = true;
    r.has_message = true;
    r.retain = p.retain;
    r.dup = p.dup;
    r.size = static_cast<std::uint32_t>(p.topic.size() + p.payload.size());
    r.topic = p.topic;
    r.payload = p.payload;
    if (!p.props.empty()) r.props = p.props;
    ++quota_used_;
    queue_turn_of_arrival(slot);
    return {arrival::fresh, token_of(r)};
}

inbound_ledger::arrived_as inbound_ledger::repeated_on_connection(std::uint32_t slot, const publish& p) {
    record& r = records_[slot];
    if (r.level != p.qos) return {arrival::id_of_other_qos, {}};
    if (r.pubrec_was_sent) {
        if (r.state == stage::recorded) {
            set_stage(r, stage::decided);
            queue_turn(slot);
        }
        return {arrival::known, token_of(r)};
    }
    const bool v5 = rules_.version == protocol_version::v5;
    if (!p.dup || (v5 && (rules_.strict_resend || !is_resent(r, p)))) return {arrival::sent_twice, {}};
    return {arrival::known, token_of(r)};
}

inbound_ledger::arrived_as inbound_ledger::repeated_after_resume(std::uint32_t slot, const publish& p) {
    record& r = records_[slot];
    // Between PUBREC and PUBREL the id alone names the message [MQTT-4.3.3-10]. MQTT 3.1 cannot tell whether
    // the session was kept, so there the content has to agree as well. So it has with an id from a store: the
    // server may have lost the session and begun another while that could not be written down.
    const bool id_suffices =
        r.state == stage::recorded && !r.restored && rules_.version != protocol_version::v3;
    if (r.level == p.qos && !r.let_go && (id_suffices || (p.dup && is_resent(r, p)))) {
        attach(slot);
        return {arrival::known, token_of(r)};
    }
    forget(slot);
    return enter(p);
}

bool inbound_ledger::is_resent(const record& r, const publish& p) const {
    if (r.has_message)
        return r.topic == p.topic && r.payload == p.payload && same_lasting_properties(r.props, p.props);
    return r.print == make_fingerprint(p.topic, p.payload, p.props);
}

void inbound_ledger::attach(std::uint32_t slot) {
    record& r = records_[slot];
    r.live = true;
    r.restored = false;
    ++quota_used_;
    if (r.deferred) {
        r.deferred = false;
        --deferred_;
    }
    if (r.state == stage::recorded) set_stage(r, stage::decided);
    if (r.state == stage::held) count_in_window(r, true);
    queue_turn_of_arrival(slot);
}

void inbound_ledger::queue_turn(std::uint32_t slot) {
    const record& r = records_[slot];
    (r.level == qos::at_least_once ? puback_order_ : pubrec_order_).push_back({r.delivery, slot});
}

// ---- the application

publish inbound_ledger::message(const ack_token& token) const {
    const record& r = records_[ids_.find(id_of(token.delivery))];
    publish p;
    p.topic = r.topic;
    p.payload = r.payload;
    p.qos = r.level;
    p.retain = r.retain;
    p.dup = r.dup;
    p.packet_id = id_of(r.delivery);
    p.props = r.props;
    return p;
}

void inbound_ledger::handed_out(const ack_token& token) {
    record& r = *find(token.delivery);
    set_stage(r, stage::held);
    count_in_window(r, true);
}

void inbound_ledger::refused(const ack_token& token, reason_code code) {
    decide(*find(token.delivery), code);
}

inbound_ledger::settled inbound_ledger::settle(const ack_outcome& outcome) {
    record* r = find(outcome.token.delivery);
    if (r == nullptr)
        return outcome.token.delivery >> id_bits < epoch_begin_ ? settled::stale : settled::repeated;
    if (r->state != stage::held) return settled::repeated;
    switch (outcome.verdict) {
    case ack_outcome::decision::acknowledge:
        if (journal_->on()) remember(*r, outcome.code);
        decide(*r, outcome.code);
        break;
    case ack_outcome::decision::defer:
        if (r->deferred) return settled::repeated;
        defer(*r);
        break;
    case ack_outcome::decision::let_go:
        r->let_go = true;
        if (!r->deferred) defer(*r);
        decide(*r, reason_code::success); // nobody works on it: its place is free
        break;
    }
    return settled::taken;
}

void inbound_ledger::decide(record& r, reason_code code) {
    r.verdict = code;
    set_stage(r, stage::decided);
    if (r.live && !r.deferred) {
        if (rules_.order == ack_order::relaxed) queue_turn(static_cast<std::uint32_t>(&r - records_.data()));
        return;
    }
    if (r.live) ++deferred_done_;
    // The ack leaves when the message comes again, on another connection: until then only what recognises
    // the message is needed.
    count_in_window(r, false);
    keep_fingerprint_only(r);
}

void inbound_ledger::defer(record& r) {
    r.deferred = true;
    ++deferred_;
    if (!r.live) count_in_window(r, false);
}

// ---- acknowledgements

void inbound_ledger::release(outbox& out) {
    release_kept_back(out);
    release(puback_order_, out);
    release(pubrec_order_, out);
}

void inbound_ledger::release(fifo<turn>& order, outbox& out) {
    while (!order.empty()) {
        const turn next = order.front();
        const record& r = records_[next.slot];
        if (r.delivery == next.delivery && !r.deferred) {
            if (r.state != stage::decided) return;
            take_turn(next, out);
        }
        order.drop_front();
    }
}

void inbound_ledger::take_turn(const turn& t, outbox& out) {
    record& r = records_[t.slot];
    const bool opens = r.level == qos::exactly_once && !r.open;
    if (!opens || (kept_back_.empty() && open_ < open_limit_)) return pass(t, out);
    count_in_window(r, false);
    keep_fingerprint_only(r);
    kept_back_.push_back(t);
}

void inbound_ledger::release_kept_back(outbox& out) {
    while (!kept_back_.empty() && open_ < open_limit_) {
        const turn next = kept_back_.pop_front();
        if (records_[next.slot].delivery == next.delivery) pass(next, out);
    }
}

// ---- the store

/// PUBREC leaves when the id is durable, so that no process delivers the message again.
void inbound_ledger::pass(const turn& t, outbox& out) {
    if (!journal_->on()) return send_ack(t.slot, out);
    record& r = records_[t.slot];
    if (r.in_store) set_open(r, true);
    auto& order = storing(r.level);
    if (order.empty() && journal_->is_durable(r.stored)) return send_ack(t.slot, out);
    order.push_back(t);
}

/// At once, though its PUBREC may have to wait for others: what is done is not to be done again.
void inbound_ledger::remember(record& r, reason_code code) {
    if (r.level == qos::exactly_once && !is_failure(code) && !r.in_store) store_id(r);
}

void inbound_ledger::store_id(record& r) {
    if (r.has_message) r.print = make_fingerprint(r.topic, r.payload, r.props);
    r.stored = journal_->put(stored_record::kind::received_id, id_of(r.delivery), stored_id{r.print}.head());
    r.in_store = true;
}

void inbound_ledger::taken_over(const ack_token& token, journal::mark stored) {
    record& r = *find(token.delivery);
    if (r.level == qos::exactly_once) store_id(r);
    r.stored = stored;
    decide(r, reason_code::success);
}

void inbound_ledger::journal_moved(outbox& out) {
    move_on(storing_pubacks_, out);
    move_on(storing_pubrecs_, out);
}

void inbound_ledger::move_on(fifo<turn>& order, outbox& out) {
    while (!order.empty()) {
        const turn next = order.front();
        const record& r = records_[next.slot];
        const bool there = r.delivery == next.delivery;
        if (there && !journal_->is_durable(r.stored)) return;
        order.drop_front();
        if (there) send_ack(next.slot, out);
    }
}

void inbound_ledger::restore(std::uint16_t packet_id, const fingerprint& print) {
    record& r = records_[take_slot(packet_id)];
    r.level = qos::exactly_once;
    r.state = stage::recorded;
    r.pubrec_was_sent = r.in_store = r.restored = true;
    r.print = print;
}

// ---- answers

void inbound_ledger::send_ack(std::uint32_t slot, outbox& out) {
    record& r = records_[slot];
    ack a;
    a.type = r.level == qos::at_least_once ? ack_type::puback : ack_type::pubrec;
    a.packet_id = id_of(r.delivery);
    a.code = r.verdict;
    if (!notes_.empty()) add_note(r.delivery, a);
    out.send(a);
    ++acks_sent_;
    if (a.type == ack_type::puback || is_failure(a.code)) { // the id is free at once [MQTT-4.3.3-9]
        return_quota();
        forget(slot);
        return;
    }
    set_stage(r, stage::recorded);
    r.pubrec_was_sent = true;
    set_open(r, true);
    r.verdict = reason_code::success;
    count_in_window(r, false);
    if (rules_.version != protocol_version::v3) drop_message(r);
}

void inbound_ledger::add_note(std::uint64_t delivery, ack& a) {
    const auto found = notes_.find(delivery);
    if (found == notes_.end()) return;
    a.props = found->second;
    if (encoded_size(a, rules_.version) > largest_ack_) a.props.clear();
}

void inbound_ledger::return_quota() noexcept {
    if (quota_used_ != 0) --quota_used_;
}

inbound_ledger::pubrel_answer inbound_ledger::pubrel(std::uint16_t packet_id) {
    const auto slot = ids_.find(packet_id);
    if (slot != id_table::none && records_[slot].pubrec_was_sent) {
        return_quota();
        forget(slot);
        return pubrel_answer::completed;
    }
    if (slot == id_table::none || !records_[slot].live) {
        return_quota();
        return pubrel_answer::unknown;
    }
    const record& r = records_[slot];
    return r.level == qos::exactly_once ? pubrel_answer::pubrec_missing : pubrel_answer::id_of_other_qos;
}

// ---- connections and sessions

void inbound_ledger::connection_lost() {
    for (std::uint32_t slot = 0; slot < records_.size(); ++slot) {
        record& r = records_[slot];
        if (r.state == stage::waiting) forget(slot);
        if (r.state != stage::unused) carry(r);
    }
    puback_order_.clear();
    pubrec_order_.clear();
    storing_pubacks_.clear();
    storing_pubrecs_.clear();
    kept_back_.clear();
    deferred_done_ = 0;
    quota_used_ = 0;
    open_limit_ = rules_.open_limit;
    limit_carried();
}

void inbound_ledger::carry(record& r) {
    r.live = false;
    set_open(r, false);
    // A repetition that was about to be answered with PUBREC once more.
    if (r.state == stage::decided && r.pubrec_was_sent) set_stage(r, stage::recorded);
    if (r.state != stage::held || r.deferred) count_in_window(r, false);
    if (r.state != stage::recorded || rules_.version == protocol_version::v3) keep_fingerprint_only(r);
}

void inbound_ledger::limit_carried() {
    std::vector<std::uint64_t> carried;
    for (const record& r : records_) {
        // PUBRECs that were kept back.
        const bool done_with = r.state == stage::decided && r.level == qos::exactly_once && !r.let_go;
        if (r.state == stage::held || (r.state == stage::decided && !done_with))
            carried.push_back(r.delivery);
    }
    if (carried.size() <= rules_.carry_limit) return;
    // Forgetting costs a second delivery at most. A server that keeps its window never brings it to that.
    forgotten_ += carried.size() - rules_.carry_limit;
    const auto surplus = carried.begin() + static_cast<std::ptrdiff_t>(carried.size() - rules_.carry_limit);
    std::nth_element(carried.begin(), surplus, carried.end());
    std::for_each(carried.begin(), surplus, [this](std::uint64_t d) { forget(ids_.find(id_of(d))); });
}

inbound_ledger::lost inbound_ledger::session_lost() {
    lost counts;
    for (std::uint32_t slot = 0; slot < records_.size(); ++slot) {
        if (records_[slot].state == stage::unused) continue;
        if (records_[slot].state == stage::held) ++counts.held;
        if (records_[slot].state == stage::decided && !records_[slot].let_go) ++counts.acks_dropped;
        forget(slot);
    }
    puback_order_.clear();
    pubrec_order_.clear();
    storing_pubacks_.clear();
    storing_pubrecs_.clear();
    kept_back_.clear();
    epoch_begin_ = next_serial_;
    return counts;
}

// ---- records

inbound_ledger::record* inbound_ledger::find(std::uint64_t delivery) noexcept {
    const auto slot = ids_.find(id_of(delivery));
    if (slot == id_table::none || records_[slot].delivery != delivery) return nullptr;
    return &records_[slot];
}

void inbound_ledger::forget(std::uint32_t slot) {
    record& r = records_[slot];
    ids_.erase(id_of(r.delivery));
    if (r.deferred) --deferred_;
    if (r.deferred && r.live && r.state == stage::decided) --deferred_done_;
    if (!notes_.empty()) notes_.erase(r.delivery);
    count_in_window(r, false);
    set_open(r, false);
    set_stage(r, stage::unused);
    drop_message(r);
    if (r.in_store) released_ = journal_->erase(stored_record::kind::received_id, id_of(r.delivery));
    r.delivery = 0;
    r.stored = journal::durable;
    r.in_store = r.restored = false;
    r.live = r.deferred = r.let_go = r.pubrec_was_sent = false;
    r.verdict = reason_code::success;
    free_.push_back(slot);
}

void inbound_ledger::set_stage(record& r, stage s) noexcept {
    if (r.state == stage::decided) --acks_held_;
    if (s == stage::decided) ++acks_held_;
    if (is_unacknowledged(r.state)) --unacknowledged_;
    if (is_unacknowledged(s)) ++unacknowledged_;
    r.state = s;
}

void inbound_ledger::set_open(record& r, bool on) noexcept {
    if (r.open == on) return;
    r.open = on;
    if (on) {
        ++open_;
    } else {
        --open_;
    }
}

void inbound_ledger::count_in_window(record& r, bool on) noexcept {
    if (r.counted == on) return;
    r.counted = on;
    if (on) {
        ++outstanding_;
        outstanding_bytes_ += r.size;
    } else {
        --outstanding_;
        outstanding_bytes_ -= r.size;
    }
}

void inbound_ledger::keep_fingerprint_only(record& r) {
    if (!r.has_message) return;
    r.print = make_fingerprint(r.topic, r.payload, r.props);
    drop_message(r);
}

void inbound_ledger::drop_message(record& r) {
    if (!r.has_message) return;
    r.has_message = false;
    r.topic = {};
    r.payload = {};
    r.props.clear();
}

ack_token inbound_ledger::token_of(const record& r) const noexcept {
    return {r.delivery, id_of(r.delivery), r.level};
}

} // namespace weir::mqtt
