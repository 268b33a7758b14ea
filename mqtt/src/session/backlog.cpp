#include "session/backlog.hpp"

#include <algorithm>
#include <utility>

namespace weir::mqtt {

namespace {

constexpr std::uint64_t numbers_at_once = 1'000;

} // namespace

void backlog::restore(const stored_state& before, time_point now, wall_time today) {
    start_ = now;
    start_of_day_ = today;
    for (const auto& [key, m] : before.received) {
        const auto waited = std::max(wall_time{0}, today - m.at);
        all_.emplace(key, entry{.message = m.packet, .at = now - waited});
        waiting_.insert(key);
        bytes_ += size_of(m.packet);
        next_key_ = key + 1;
    }
    numbers_ = before.numbers;
    next_key_ = std::max(next_key_, numbers_.end);
}

journal::mark backlog::add(const publish& p, time_point at, std::uint32_t connection) {
    const auto key = next_key_++;
    if (key >= numbers_.end) {
        numbers_.end = key + numbers_at_once;
        (void)journal_.put(stored_record::kind::session, stored_numbers::key, numbers_.head());
    }
    const auto since = std::chrono::duration_cast<wall_time>(at - start_);
    const stored_message form{p, start_of_day_ + since};
    const auto stored = journal_.put(stored_record::kind::received, key, form.head(), p.payload);
    all_.emplace(key, entry{.message = p, .at = at, .connection = connection, .stored = stored});
    waiting_.insert(key);
    bytes_ += size_of(p);
    return stored;
}

bool backlog::has_next() const noexcept {
    return !waiting_.empty() && journal_.is_durable(all_.find(*waiting_.begin())->second.stored);
}

std::size_t backlog::next_size() const noexcept {
    return size_of(all_.find(*waiting_.begin())->second.message);
}

message_received backlog::hand_out_next() {
    const auto key = *waiting_.begin();
    waiting_.erase(waiting_.begin());
    entry& e = all_.find(key)->second;
    e.held = true;
    ++held_;
    const ack_token token{key | mine, e.message.packet_id, e.message.qos};
    return {e.message, token, e.at, e.connection, key};
}

inbound_ledger::settled backlog::settle(const ack_token& token, ack_outcome::decision verdict) {
    const auto key = token.delivery & ~mine;
    const auto found = all_.find(key);
    if (found == all_.end() || !found->second.held) return inbound_ledger::settled::repeated;
    entry& e = found->second;
    if (verdict == ack_outcome::decision::defer) return inbound_ledger::settled::taken;
    e.held = false;
    --held_;
    if (verdict == ack_outcome::decision::let_go) {
        if (!std::exchange(e.let_go, true)) waiting_.insert(key);
        return inbound_ledger::settled::taken;
    }
    ++done_;
    bytes_ -= size_of(e.message);
    leaving_.push_back({key, journal_.erase(stored_record::kind::received, key)});
    all_.erase(found);
    return inbound_ledger::settled::taken;
}

std::vector<std::uint64_t> backlog::take_done() {
    std::vector<std::uint64_t> done;
    while (!leaving_.empty() && journal_.is_durable(leaving_.front().erased))
        done.push_back(leaving_.pop_front().key);
    return done;
}

void backlog::connection_opened() {
    for (auto& [key, e] : all_) {
        if (std::exchange(e.let_go, false) && !e.held) waiting_.insert(key);
    }
}

} // namespace weir::mqtt
