#include "receipt_gate.hpp"

#include <iterator>
#include <utility>

namespace weir::connector {

receipt_gate::receipt_gate(
    const producer_context& context, mqtt::io_lane& lane, mqtt::client& client, hand_on to)
    : to_(std::move(to))
    , opening_(lane, [this] { open(); })
    , keeper_(
          context, context.options.receipts, [&client](std::uint64_t request) { client.release(request); }) {}

void receipt_gate::connected(bool session_present) {
    if (session_present) return;
    keeper_.reset([this, number = ++resets_] {
        done_.store(number);
        opening_.at(time_point{});
    });
}

bool receipt_gate::holds(std::span<mqtt::message_received> messages) {
    if (done_.load() == resets_) {
        open(); // those that came before go first
        return false;
    }
    held_.insert(
        held_.end(), std::make_move_iterator(messages.begin()), std::make_move_iterator(messages.end()));
    return true;
}

void receipt_gate::when_open(std::function<void()> done) {
    when_open_ = std::move(done);
    open();
}

void receipt_gate::open() {
    if (done_.load() != resets_) return;
    if (auto held = std::exchange(held_, {}); !held.empty()) to_(held);
    if (const auto done = std::exchange(when_open_, nullptr)) done();
}

void receipt_gate::stop(time_point deadline) {
    keeper_.stop(deadline);
    opening_.cancel();
}

} // namespace weir::connector
