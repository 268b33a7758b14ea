#include "received_messages.hpp"

namespace weir::tool {

std::uint64_t received_messages::add(const mqtt::ack_token& token, bool open) {
    const std::lock_guard lock(mutex_);
    if (known_.size() == most) {
        open_count_ -= known_.front().open ? 1 : 0;
        known_.pop_front();
        ++first_;
    }
    known_.push_back({token, open});
    open_count_ += open ? 1 : 0;
    return first_ + known_.size() - 1;
}

const received_messages::message* received_messages::at(std::uint64_t number) const {
    const bool known = number >= first_ && number - first_ < known_.size();
    return known ? &known_[number - first_] : nullptr;
}

std::optional<mqtt::ack_token> received_messages::find(std::uint64_t number) const {
    const std::lock_guard lock(mutex_);
    const auto* const m = at(number);
    return m == nullptr ? std::nullopt : std::optional(m->token);
}

void received_messages::decided(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    if (at(number) == nullptr) return;
    auto& m = known_[number - first_];
    open_count_ -= m.open ? 1 : 0;
    m.open = false;
}

void received_messages::decide_all() {
    const std::lock_guard lock(mutex_);
    for (auto& m : known_)
        m.open = false;
    open_count_ = 0;
}

std::vector<std::uint64_t> received_messages::open() const {
    const std::lock_guard lock(mutex_);
    std::vector<std::uint64_t> out;
    for (std::size_t i = 0; i < known_.size(); ++i) {
        if (known_[i].open) out.push_back(first_ + i);
    }
    return out;
}

std::size_t received_messages::open_count() const {
    const std::lock_guard lock(mutex_);
    return open_count_;
}

} // namespace weir::tool
