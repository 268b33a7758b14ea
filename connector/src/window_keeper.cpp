#include "window_keeper.hpp"

#include "message_events.hpp"

#include <weir/base/log.hpp>

#include <algorithm>
#include <chrono>
#include <string>

namespace weir::connector {

namespace {

using namespace std::chrono_literals;

std::string seconds_of(duration d) {
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(d).count()) + " s";
}

bool outlives_connections(const mqtt::client_options& c) {
    if (!c.clean_start.value_or(false)) return true;
    return c.proto_ver == mqtt::protocol_version::v5 && c.session_expiry.value_or(0) != 0;
}

/// Whether every message that takes a slot comes from the session store. Then its ack to the broker frees
/// none.
bool all_from_store(const producer_options& o) {
    if (o.qos2 != qos2_mode::durable) return false;
    const auto by_broker = [](const topic& t) { return t.qos == mqtt::qos::at_least_once; };
    return o.config.store.qos1 || std::ranges::none_of(o.topics, by_broker);
}

/// What waits here has its slot, too, though the pipeline has not asked for it.
window_state state_of(const mqtt::session_stats& s, std::size_t size, bool from_store) {
    const auto handed_out = s.window_used + s.deferred_done;
    return {
        .size = size,
        .taken = s.read_ahead == 0 ? handed_out : std::max(size, handed_out),
        .acks = s.stored_done + (from_store ? 0 : s.acks_sent),
        .arrivals = s.messages_delivered,
        .passed_over = s.deferred,
        .passed_over_done = s.deferred_done};
}

} // namespace

window_keeper::window_keeper(
    const producer_context& context, mqtt::io_lane& lane, mqtt::client& client, std::size_t size)
    : context_(context)
    , client_(client)
    , size_(size)
    , from_store_(all_from_store(context.options))
    , pause_(std::clamp<duration>(context.options.stall_after / 8, 1ms, 1s))
    , watch_(context.options.stall_after)
    , rule_(context.options.stall_after, outlives_connections(context.options.config))
    , timer_(lane, [this] { look(); }) {}

void window_keeper::start() {
    if (size_ != 0) timer_.at(context_.time.now() + pause_);
}

void window_keeper::look() {
    const auto now = context_.time.now();
    const auto stats = client_.stats();
    const auto w = state_of(stats, size_, from_store_);
    {
        const auto oldest = unfinished_.oldest();
        const auto age = oldest.record() == nullptr ? duration{} : now - oldest.received_mono();
        oldest_age_.store(age.count(), std::memory_order_relaxed);
    }
    switch (watch_.look(w, now)) {
    case window_watch::news::stalled: tell_stalled(w, stats, now); break;
    case window_watch::news::resumed:
        context_.bus->emit<events::window_resumed>(
            [&] { return events::window_resumed{.origin = context_.stamp()}; });
        break;
    case window_watch::news::none: break;
    }
    if (!draining_ && rule_.due(w, now)) resume(w);
    timer_.at(now + pause_);
}

void window_keeper::tell_stalled(const window_state& w, const mqtt::session_stats& s, time_point now) {
    const auto blocker = unfinished_.oldest();
    const auto* const record = blocker.record();
    const auto age = record == nullptr ? duration{} : now - record->at;
    const auto held = s.acks_held - std::min(s.acks_held, w.passed_over_done);
    context_.bus->emit<events::window_stalled>([&] {
        return events::window_stalled{
            .origin = context_.stamp(),
            .message = record == nullptr ? events::message_info{} : info_of(*record),
            .age = age,
            .attempt = record == nullptr ? 0 : record->attempt.load(),
            .acks_held = held,
            .stalled_for = now - watch_.since()};
    });
    const auto which = record == nullptr
                           ? std::string("the application has not acknowledged them")
                           : "the oldest is of topic " + std::string(blocker.topic()) + ", packet id " +
                                 std::to_string(blocker.packet_id()) + ", received " + seconds_of(age) +
                                 " ago, attempt " + std::to_string(record->attempt);
    log(log_level::warning, context_.log_prefix() + "no more messages: all " + std::to_string(w.size) +
                                " of the window have waited for " + seconds_of(now - watch_.since()) + "; " +
                                which + "; " + std::to_string(held) + " acknowledgements wait behind it");
}

void window_keeper::resume(const window_state& w) {
    log(log_level::info, context_.log_prefix() + "resuming the session to acknowledge " +
                             std::to_string(w.passed_over_done) + " messages that were passed over");
    leaving_ = true;
    client_.reconnect();
}

} // namespace weir::connector
