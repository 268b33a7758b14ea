// Published messages and the session store: a message is sent when it is durable together with its packet id,
// so that after a crash it goes out under the id that the server may know [MQTT-4.4.0-1].
#include "session/outbound.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace weir::mqtt {

using kind = stored_record::kind;

void outbound::restore(stored_outbound content, time_point now, wall_time today, events& ev) {
    start_ = now;
    start_of_day_ = today;
    std::vector<queued_publish> waiting;
    for (auto& [key, m] : content.messages) {
        next_key_ = std::max(next_key_, key + 1);
        const auto flight = content.flights.find(key);
        if (flight != content.flights.end()) {
            window_.restore(key, std::move(m.packet), flight->second);
            content.flights.erase(flight);
            continue;
        }
        queued_publish q;
        q.packet = std::move(m.packet);
        q.since = now - std::max(wall_time{0}, today - m.at);
        q.key = key;
        q.kept = true;
        waiting.push_back(std::move(q));
    }
    for (const auto& [key, flight] : content.flights) {
        next_key_ = std::max(next_key_, key + 1);
        if (flight.progress != stored_flight::stage::published) window_.restore(key, {}, flight);
    }
    for (auto m = waiting.rbegin(); m != waiting.rend(); ++m)
        queue_.push_front(std::move(*m));
    record_those_before(ev);
}

/// Messages were accepted while the store was being opened.
void outbound::record_those_before(events& ev) {
    std::vector<std::pair<operation_id, error>> refused;
    queue_.each_acknowledged(std::numeric_limits<std::size_t>::max(), [&](queued_publish& m) {
        if (m.key != 0) return;
        if (auto fault = record(m)) refused.emplace_back(m.operation, std::move(*fault));
    });
    for (auto& [operation, why] : refused)
        fail(*queue_.remove(operation), std::move(why), ev);
}

std::optional<error> outbound::record(queued_publish& m) {
    if (m.packet.qos == qos::at_most_once) return std::nullopt;
    m.stored = journal::never;
    if (!journal_.is_open()) return std::nullopt;
    if (!journal_.fits(m.size())) {
        ++store_refused_;
        return journal_.refusal();
    }
    m.key = next_key_++;
    const auto waited = std::chrono::duration_cast<wall_time>(m.since - start_);
    const stored_message form{m.packet, start_of_day_ + waited};
    m.stored = journal_.put(kind::message, m.key, form.head(), m.packet.payload);
    if (m.operation != 0) awaited_.push_back({m.operation, m.stored});
    if (limits_ && launched_ < window_limit_) launch(m);
    return std::nullopt;
}

/// Gives the message its packet id. From then on, until it is answered, another process must take it for
/// sent.
void outbound::launch(queued_publish& m) {
    const auto id = ids_.take();
    if (!id) return;
    m.packet.packet_id = *id;
    m.launched = journal_.put(kind::flight, m.key, stored_flight{.packet_id = *id}.head());
    ++launched_;
}

/// As many as the window takes, so that it need not wait for the store.
void outbound::launch_ahead() {
    if (launched_ >= window_limit_ || launched_ == queue_.size()) return;
    queue_.each_acknowledged(2 * window_limit_, [this](queued_publish& m) {
        if (m.key != 0 && m.packet.packet_id == 0 && launched_ < window_limit_) launch(m);
    });
}

bool outbound::may_go(const queued_publish* m) const noexcept {
    if (!journal_.on() || m == nullptr || m->packet.qos == qos::at_most_once) return true;
    return m->packet.packet_id != 0 && journal_.is_durable(m->stored) && journal_.is_durable(m->launched);
}

queued_publish outbound::take(const queued_publish& next) {
    if (next.packet.packet_id != 0) --launched_;
    return queue_.pop(next);
}

void outbound::forget_record(const queued_publish& m) {
    static_cast<void>(journal_.erase(kind::message, m.key));
    if (m.packet.packet_id == 0) return;
    static_cast<void>(journal_.erase(kind::flight, m.key));
    ids_.release(m.packet.packet_id);
}

/// The server takes a lower QoS only.
void outbound::downgrade(queued_publish& m, time_point now) {
    m.packet.qos = limits_->maximum_qos;
    m.downgraded = true;
    if (m.key == 0) return;
    if (m.packet.qos == qos::at_most_once) {
        if (m.packet.packet_id != 0) --launched_;
        forget_record(m);
        m.packet.packet_id = 0;
        m.key = 0;
        return;
    }
    const auto waited = std::chrono::duration_cast<wall_time>(now - start_);
    const stored_message form{m.packet, start_of_day_ + waited};
    m.stored = journal_.put(kind::message, m.key, form.head(), m.packet.payload);
}

void outbound::tell_stored(events& ev) {
    while (!awaited_.empty() && journal_.is_durable(awaited_.front().stored))
        ev.emplace_back(publish_stored{awaited_.pop_front().operation});
}

void outbound::store_failed(const std::unordered_set<std::uint64_t>& keys, const error& why, events& ev) {
    awaited_.clear();
    const auto refused = queue_.extract([&](const queued_publish& m) { return keys.contains(m.key); });
    for (const auto& m : refused) {
        if (m.packet.packet_id != 0) --launched_;
        fail(m, why, ev);
    }
}

} // namespace weir::mqtt
