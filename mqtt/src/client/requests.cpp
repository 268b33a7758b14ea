#include "client/requests.hpp"

#include <weir/mqtt/codec/check_outgoing.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <charconv>
#include <random>

namespace weir::mqtt {
namespace {

std::string random_text() {
    std::random_device source;
    std::string text;
    for (int i = 0; i < 2; ++i)
        text += std::to_string(source());
    return text + "-";
}

} // namespace

error requests::add(outgoing&& message, time_point until, request_completion& done) {
    if (message.props.text(property_id::response_topic) || message.props.text(property_id::correlation_data))
        return {errc::property_invalid, "a request has its own response_topic and correlation_data"};
    publish probe;
    probe.topic = message.topic;
    probe.qos = message.qos;
    probe.props = message.props;
    if (auto fault = check_outgoing(probe, protocol_version::v5)) return *std::move(fault);
    if (waiting_.size() >= most_)
        return {errc::queue_full, std::to_string(most_) + " requests wait for their responses"};
    const auto name = ++last_;
    waiting_[name] = {std::move(done), until};
    deadlines_.emplace(until, name);
    unsent_.push_back({name, std::move(message), until});
    return {};
}

void requests::connected(const mqtt::connected& info) {
    const auto named = info.props.text(property_id::response_information);
    const std::string base{named ? *named : std::string_view{prefix_}};
    std::string topic;
    if (!base.empty()) topic = base + (base.ends_with('/') ? "" : "/") + info.client_id;
    if (topic == topic_) return;
    topic_ = std::move(topic);
    subscribed_ = false;
    subscribing_ = 0;
}

requests::need requests::needs() const noexcept {
    if (unsent_.empty() || subscribing_ != 0) return need::nothing;
    if (topic_.empty()) return need::topic;
    return subscribed_ ? need::nothing : need::subscription;
}

bool requests::subscribed(operation_id operation, bool granted) noexcept {
    if (operation == 0 || operation != subscribing_) return false;
    subscribing_ = 0;
    subscribed_ = granted;
    return true;
}

std::optional<requests::ready> requests::next() {
    while (subscribed_ && !unsent_.empty()) {
        auto one = std::move(unsent_.front());
        unsent_.pop_front();
        if (!waiting_.contains(one.name)) continue; // timed out before
        one.message.props.set(property_id::response_topic, topic_);
        one.message.props.set(property_id::correlation_data, correlation(one.name));
        return one;
    }
    return std::nullopt;
}

std::string requests::correlation(number name) {
    if (secret_.empty()) secret_ = random_text();
    return secret_ + std::to_string(name);
}

std::optional<request_completion> requests::answered(const publish& p) {
    auto data = p.props.text(property_id::correlation_data).value_or("");
    if (secret_.empty() || !data.starts_with(secret_)) return std::nullopt;
    data.remove_prefix(secret_.size());
    number name = 0;
    const auto [end, fault] = std::from_chars(data.data(), data.data() + data.size(), name);
    if (fault != std::errc{} || end != data.data() + data.size()) return std::nullopt;
    return remove(name);
}

std::optional<request_completion> requests::remove(number name) {
    const auto found = waiting_.find(name);
    if (found == waiting_.end()) return std::nullopt;
    auto done = std::move(found->second.done);
    deadlines_.erase({found->second.until, name});
    waiting_.erase(found);
    return done;
}

std::vector<request_completion> requests::remove_unsent() {
    std::vector<request_completion> all;
    for (const auto& one : unsent_)
        if (auto done = remove(one.name)) all.push_back(*std::move(done));
    unsent_.clear();
    return all;
}

std::vector<request_completion> requests::remove_all() {
    std::vector<request_completion> all;
    unsent_.clear();
    while (!deadlines_.empty())
        all.push_back(*remove(deadlines_.begin()->second));
    return all;
}

std::vector<request_completion> requests::remove_due(time_point now) {
    std::vector<request_completion> all;
    while (!deadlines_.empty() && deadlines_.begin()->first <= now)
        all.push_back(*remove(deadlines_.begin()->second));
    while (!unsent_.empty() && !waiting_.contains(unsent_.front().name))
        unsent_.pop_front();
    return all;
}

std::optional<time_point> requests::deadline() const noexcept {
    if (deadlines_.empty()) return std::nullopt;
    return deadlines_.begin()->first;
}

result<outgoing> reply_to(const publish& request, bytes payload) {
    const auto topic = request.props.text(property_id::response_topic);
    if (!topic) return error{errc::no_response_topic};
    outgoing reply;
    reply.topic = bytes::copy(*topic);
    reply.payload = std::move(payload);
    if (const auto data = request.props.text(property_id::correlation_data))
        reply.props.set(property_id::correlation_data, *data);
    return reply;
}

} // namespace weir::mqtt
