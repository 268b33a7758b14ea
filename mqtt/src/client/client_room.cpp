// Publishes that wait for room in the send queue, where the policy is to block.
#include "client/client_impl.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <utility>

namespace weir::mqtt {

bool client::impl::waits_for_room(const calls::publish& c) const noexcept {
    if (!c.waits || options_.send_queue_policy != send_queue_policy::block) return false;
    if (c.size() > options_.send_queue_bytes) return false; // there will never be room
    return !for_room_.empty() || !session_.has_room(c.size());
}

void client::impl::wait_for_room(calls::publish c) {
    if (!for_room_.takes(c.size())) {
        ++refused_;
        return complete(
            c.done, publish_done{.failed = {errc::queue_full, "as many wait for room as the queue holds"}});
    }
    for_room_.add(std::move(c), now_, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->call(calls::cancel_waiting{});
    });
}

void client::impl::admit_waiting() {
    while (!for_room_.empty() && session_.has_room(for_room_.next_size()))
        accept(for_room_.pop(now_));
}

void client::impl::run(calls::cancel_waiting) {
    fail_waiting(for_room_.remove_canceled(), {errc::aborted, "canceled"});
}

void client::impl::fail_waiting(std::vector<calls::publish> all, const error& why) {
    for (const auto& c : all)
        complete(c.done, publish_done{.failed = why});
}

} // namespace weir::mqtt
