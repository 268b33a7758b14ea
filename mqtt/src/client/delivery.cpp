#include "client/delivery.hpp"

#include "client/guarded.hpp"

namespace weir::mqtt {

std::span<const ack_outcome> delivery::hand_over(client_observer& observer) {
    acks_.clear();
    if (auto_ack_) note_tokens(); // before the observer moves from the messages
    if (!guarded(observer, [&] { observer.on_messages(waiting_); })) let_all_go();
    waiting_.clear();
    return acks_;
}

void delivery::note_tokens() {
    for (const auto& message : waiting_)
        if (message.token.level != qos::at_most_once) acks_.push_back({.token = message.token});
}

void delivery::let_all_go() noexcept {
    for (auto& outcome : acks_)
        outcome.verdict = ack_outcome::decision::let_go;
}

} // namespace weir::mqtt
