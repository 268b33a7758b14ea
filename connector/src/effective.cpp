#include "pipeline_part.hpp"

#include <weir/connector/options.hpp>
#include <weir/mqtt/random_client_id.hpp>
#include <weir/mqtt/types/topic.hpp>

#include <algorithm>
#include <array>

namespace weir::connector {

namespace {

using namespace std::chrono_literals;

constexpr std::uint32_t a_day = 86'400;

bool is_v5(const mqtt::client_options& c) {
    return c.proto_ver == mqtt::protocol_version::v5;
}

/// MQTT 3.x has no such option, so it stays unset there.
void choose_retain_handling(topic& t, const mqtt::client_options& c) {
    using mqtt::retain_handling;
    if (!is_v5(c) || t.retain_handling) return;
    t.retain_handling = *c.clean_start ? retain_handling::send : retain_handling::send_if_new;
}

void complete(mqtt::client_options& c, std::uint16_t max_inflight) {
    c.clean_start = c.clean_start.value_or(false);
    if (is_v5(c) && !*c.clean_start) c.session_expiry = c.session_expiry.value_or(a_day);
    if (c.clientid.empty()) c.clientid = mqtt::random_client_id("weir_", 12); // for all reconnects
    c.auto_ack = false;
    c.receive_maximum = max_inflight;
    c.receive_window = is_v5(c) ? std::uint16_t{0} : max_inflight;
}

/// Copies are told by identifiers, which older versions do not have; and those for a shared subscription go
/// to different members.
bool can_tell_copies(const producer_options& p) {
    return is_v5(p.config) && p.config.proto_fallback.empty() && !p.shared_group &&
           std::ranges::none_of(p.topics, mqtt::is_shared, &topic::filter);
}

/// Half of what there is beside draining: three seconds, or less in a short `shutdown`. The rest is for dead
/// letters and stores, before, and for a session that has to be ended by another connection, after it.
std::chrono::milliseconds time_to_close(const options& o) {
    return std::clamp((o.shutdown - *o.producer.drain_timeout) / 2, 100ms, 1'500ms);
}

} // namespace

overlap overlap_in_force(const producer_options& o) {
    return o.overlap.value_or(can_tell_copies(o) ? overlap::dedup : overlap::reject);
}

options effective(options o) {
    auto& p = o.producer;
    complete(p.config, p.max_inflight);
    if (p.qos2 == qos2_mode::durable) p.config.qos2_receive = mqtt::qos2_receive::store_first;
    for (auto& t : p.topics)
        choose_retain_handling(t, p.config);
    p.overlap = overlap_in_force(p);
    p.drain_timeout = p.drain_timeout.value_or(std::max(o.shutdown - 3'000ms, o.shutdown / 2));
    p.config.close_timeout = std::min(p.config.close_timeout, time_to_close(o));
    set_pipeline_part(o, pipeline::effective(pipeline_part(o)));
    return o;
}

std::string client_id(const producer_options& o, std::size_t index) {
    return o.append_index ? o.config.clientid + '_' + std::to_string(index) : o.config.clientid;
}

std::vector<mqtt::subscription> subscriptions(const producer_options& o) {
    std::vector<mqtt::subscription> list;
    for (const auto& t : o.topics)
        list.push_back(
            {.filter = o.shared_group ? "$share/" + *o.shared_group + '/' + t.filter : t.filter,
             .qos = t.qos,
             .no_local = t.no_local,
             .retain_as_published = t.retain_as_published,
             .retain_handling = t.retain_handling.value_or(mqtt::retain_handling::send)});
    return list;
}

mqtt::client_options client_options(const producer_options& o, std::size_t index) {
    auto c = o.config;
    c.clientid = client_id(o, index);
    c.confirm_release = o.qos2 == qos2_mode::sink;
    c.retry_fatal = c.retry_fatal || o.on_fatal == on_fatal::retry;
    if (!c.store.path.empty()) c.store.path += '/' + std::to_string(index); // a session for each connection
    return c;
}

mqtt::client_options dead_letter_client_options(const producer_options& o, std::size_t index) {
    auto c = client_options(o, index);
    c.clientid += "_dl";
    c.clean_start = true;
    c.store = {};
    c.store_from = nullptr;
    c.qos2_receive = mqtt::qos2_receive::after_ack;
    c.session_expiry.reset();
    c.will.reset();
    c.will_from = nullptr;
    c.auto_ack = true;
    c.confirm_release = false;
    c.receive_window = 0;
    c.max_inflight = o.max_inflight;
    c.reconnect.reset();
    c.retry_fatal = true; // a dead letter that cannot leave now may leave later
    return c;
}

} // namespace weir::connector
