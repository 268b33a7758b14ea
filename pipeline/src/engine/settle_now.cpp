// What callbacks ask of the engine for single messages.

#include "engine/worker.hpp"

#include <weir/pipeline/message.hpp>

#include <stdexcept>

namespace weir::pipeline::engine {
namespace {

worker& caller(const char* what) {
    auto* const me = worker::current();
    if (me == nullptr) throw std::logic_error{std::string{what} + " must be called inside a callback"};
    return *me;
}

} // namespace

void settle_now(message_head* first, std::size_t stride, std::size_t count) {
    caller("settle_now").settle_now({first, stride, count});
}

void configure_ack(message_head& head, const std::any& options) {
    auto& me = caller("configure_ack");
    if (head.ack.owner == nullptr) throw std::logic_error{"configure_ack: the message has been settled"};
    const auto token = head.ack.owner->configure(head.ack.token, options);
    me.rename(head.ack, token);
    head.ack.token = token;
}

} // namespace weir::pipeline::engine
