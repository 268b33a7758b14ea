#include "session/alias_out.hpp"

#include <weir/mqtt/codec/encoder.hpp>

namespace weir::mqtt {

void alias_out::opened(std::uint16_t maximum) {
    maximum_ = maximum;
    by_message_.clear();
    chosen_.clear();
    recent_.clear();
}

void alias_out::send_with_alias(
    const publish& p, std::uint16_t wish, const server_limits& limits, outbox& out) {
    const auto c = find(p.topic.text(), wish);
    publish shortened = p;
    shortened.props.set(property_id::topic_alias, c.alias);
    if (c.known) {
        shortened.topic = {};
    } else if (limits.refuse_size(encoded_size(shortened, protocol_version::v5))) {
        return out.send(p); // too large with the alias beside the topic
    } else {
        set(p.topic.text(), c.alias);
    }
    out.send(shortened);
}

alias_out::choice alias_out::find(std::string_view topic, std::uint16_t wish) {
    if (wish != 0) return {wish, wish <= by_message_.size() && by_message_[wish - 1u] == topic};
    const auto found = chosen_.find(std::string(topic));
    if (found != chosen_.end()) {
        recent_.splice(recent_.begin(), recent_, found->second.place);
        return {found->second.alias, true};
    }
    if (chosen_.size() < maximum_) return {static_cast<std::uint16_t>(chosen_.size() + 1), false};
    return {chosen_.at(recent_.back()).alias, false};
}

void alias_out::set(std::string_view topic, std::uint16_t alias) {
    if (mode_ == topic_alias_out::off) {
        if (alias > by_message_.size()) by_message_.resize(alias);
        by_message_[alias - 1u] = topic;
        return;
    }
    if (chosen_.size() == maximum_) {
        chosen_.erase(recent_.back());
        recent_.pop_back();
    }
    recent_.emplace_front(topic);
    chosen_[recent_.front()] = {alias, recent_.begin()};
}

} // namespace weir::mqtt
