#include "subscriber.hpp"

#include <weir/base/log.hpp>
#include <weir/connector/error.hpp>
#include <weir/mqtt/types/errc.hpp>
#include <weir/mqtt/types/topic.hpp>

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

namespace weir::connector {

namespace {

bool is_any_of(const error& e, std::initializer_list<mqtt::errc> codes) {
    return std::ranges::any_of(codes, [&](mqtt::errc code) { return e.code == make_error_code(code); });
}

/// Takes off what older versions have no bits for; false when there is nothing.
bool strip_v5(std::vector<subscription_group>& groups) {
    bool stripped = false;
    for (auto& g : groups)
        for (auto& s : g.filters) {
            const mqtt::subscription plain{.filter = s.filter, .qos = s.qos};
            stripped = stripped || s != plain;
            s = plain;
        }
    return stripped;
}

} // namespace

subscriber::subscriber(const producer_context& context)
    : context_(context)
    , groups_(subscription_groups(context.options)) {}

subscriber::state subscriber::answered(const mqtt::subscribe_done& answer) {
    using mqtt::errc;
    if (is_any_of(answer.failed, {errc::aborted, errc::not_connected})) return state::over;
    if (is_any_of(answer.failed, {errc::ack_timeout, errc::disconnected, errc::session_lost}))
        return state::open;
    // The version has fallen back: MQTT 3.x has the filter and its QoS only.
    if (is_any_of(answer.failed, {errc::unsupported_by_version}) && strip_v5(groups_)) {
        log(log_level::warning, context_.log_prefix() +
                                    "topics: retained messages come with every subscribing, and no_local and "
                                    "retain_as_published have no effect on this version");
        return state::open;
    }
    if (answer.codes.empty()) report_all_failed(answer);
    for (std::size_t i = 0; i < answer.codes.size(); ++i)
        report(answer.asked[i], answer.codes[i]);
    const auto so_far = judge();
    if (so_far == state::refused)
        reason_ = std::ranges::find_if(answers_, [](const auto& a) { return bool(a.second); })->second;
    return so_far;
}

subscriber::state subscriber::judge() const {
    std::size_t filters = 0;
    for (const auto& g : groups_)
        filters += g.filters.size();
    if (answers_.size() < filters) return state::incomplete;
    const auto refused = static_cast<std::size_t>(
        std::ranges::count_if(answers_, [](const auto& a) { return bool(a.second); }));
    const bool any_will_do = context_.options.subscription_policy == subscription_policy::any;
    return refused != 0 && (!any_will_do || refused == filters) ? state::refused : state::granted;
}

void subscriber::report_all_failed(const mqtt::subscribe_done& answer) {
    for (const auto& asked : answer.asked)
        report_refused(asked, answer.failed);
}

void subscriber::report(const mqtt::subscription& asked, mqtt::reason_code code) {
    const auto granted = static_cast<mqtt::qos>(code);
    if (!is_failure(code) && (granted >= asked.qos || !context_.options.strict_qos))
        return report_granted(asked, granted);
    if (!is_failure(code))
        return report_refused(
            asked, {errc::subscription_refused,
                    asked.filter + ": asked for " + std::string(to_string(asked.qos)) + ", granted only " +
                        std::string(to_string(granted)) + ", and strict_qos is set"});
    report_refused(asked, {errc::subscription_refused, asked.filter + ": " + std::string(to_string(code))});
}

void subscriber::report_granted(const mqtt::subscription& asked, mqtt::qos granted) {
    answers_[asked.filter] = {};
    context_.bus->emit<events::subscription_success>([&] {
        return events::subscription_success{
            .origin = context_.stamp(),
            .topic = mqtt::inner_filter(asked.filter),
            .filter = asked.filter,
            .requested_qos = asked.qos,
            .granted_qos = granted};
    });
    if (granted < asked.qos)
        log(log_level::warning, context_.log_prefix() + asked.filter + ": asked for " +
                                    std::string(to_string(asked.qos)) + ", granted only " +
                                    std::string(to_string(granted)));
}

void subscriber::report_refused(const mqtt::subscription& asked, error reason) {
    context_.bus->emit<events::subscription_error>([&] {
        return events::subscription_error{
            .origin = context_.stamp(),
            .topic = mqtt::inner_filter(asked.filter),
            .filter = asked.filter,
            .reason = reason};
    });
    log(log_level::error, context_.log_prefix() + reason.message());
    answers_[asked.filter] = std::move(reason);
}

} // namespace weir::connector
