#include "duplicates.hpp"

#include "subscription_groups.hpp"

#include <weir/base/log.hpp>

#include <exception>
#include <utility>

namespace weir::connector {

duplicates::duplicates(const producer_context& context, copies& of_messages)
    : context_(context)
    , copies_(of_messages)
    , keyed_(has_key(context.options.idempotency_key))
    , keys_(context.options.idempotency_key.entries, context.options.idempotency_key.ttl) {
    if (auto filters = identified_filters(context.options); !filters.empty())
        overlaps_.emplace(std::move(filters));
}

void duplicates::remember(std::span<const kept_key> keys, time_point now) {
    const auto done = std::make_shared<shared_outcome>();
    done->now = shared_outcome::state::acknowledged;
    for (const auto& k : keys)
        keys_.enter(k.key, done, now - k.age);
}

duplicates::verdict duplicates::judge(const mqtt::message_received& m, time_point now) {
    key_ = key_of(m.received);
    outcome_.reset();
    if (!key_.empty() && context_.options.idempotency_key.entries != 0) return by_key(m, now);
    return overlaps_ ? by_overlap(m, now) : verdict::fresh;
}

void duplicates::mark(inbound_record& r) {
    r.key.swap(key_);
    r.outcome = std::move(outcome_);
}

std::string duplicates::key_of(const mqtt::publish& p) {
    const auto& how = context_.options.idempotency_key;
    if (!how.user_property.empty()) return std::string(p.props.user_property(how.user_property).value_or(""));
    if (how.correlation_data)
        return std::string(p.props.text(mqtt::property_id::correlation_data).value_or(""));
    if (!how.function) return {};
    try {
        return how.function(p);
    } catch (const std::exception& e) {
        complain(e.what());
    } catch (...) {
        complain("an exception that is no std::exception");
    }
    return {};
}

void duplicates::complain(const std::string& what) {
    if (!std::exchange(complained_, true))
        log(log_level::warning, context_.log_prefix() + "idempotency_key.function: " + what);
}

duplicates::verdict duplicates::by_key(const mqtt::message_received& m, time_point now) {
    if (const auto known = keys_.find(key_, now)) {
        const auto found = join(*known, m);
        if (found != verdict::fresh) return found;
    }
    outcome_ = std::make_shared<shared_outcome>();
    keys_.enter(key_, outcome_, now);
    return verdict::fresh;
}

duplicates::verdict duplicates::by_overlap(const mqtt::message_received& m, time_point now) {
    auto* const place = overlaps_->find(m.received, now);
    if (place == nullptr) return verdict::fresh;
    const auto known = overlap_filter::copy_of(*place, m.received);
    if (known) {
        const auto found = join(*place->outcomes[*known], m);
        if (found != verdict::fresh) return found;
    }
    outcome_ = std::make_shared<shared_outcome>();
    if (known)
        place->outcomes[*known] = outcome_; // it takes the place of the one that was given up
    else
        overlaps_->add(*place, outcome_);
    return verdict::fresh;
}

duplicates::verdict duplicates::join(shared_outcome& of, const mqtt::message_received& m) {
    const auto state = copies_.join(of, m);
    if (state == shared_outcome::state::left) return verdict::fresh;
    count_.fetch_add(1, std::memory_order_relaxed);
    context_.bus->emit<events::message_duplicate>(
        [&] { return events::message_duplicate{.origin = context_.stamp(), .count = 1}; });
    return state == shared_outcome::state::open ? verdict::waits : verdict::acknowledge;
}

} // namespace weir::connector
