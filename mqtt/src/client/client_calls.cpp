// What the owner's calls do once they are on the lane.
#include "client/client_impl.hpp"
#include "client/guarded.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <limits>
#include <utility>
#include <variant>

namespace weir::mqtt {
namespace {

/// Calls of one turn; the rest waits until timers and the socket have had theirs.
constexpr std::size_t calls_per_turn = 256;

} // namespace

void client::impl::call_turn() {
    begin_turn();
    ++cost_.wakes;
    if (next_call_ == inbox_.commands.size()) take_mail();
    run_calls(calls_per_turn);
    if (next_call_ < inbox_.commands.size())
        wake();
    else
        take_demand();
    finish_turn();
}

/// After the calls that came with it: who pauses and then demands means to wait for the resumption.
void client::impl::take_demand() {
    const auto messages = std::exchange(inbox_.demand, 0);
    if (messages != 0 && phase_ != phase::stopped) session_.demand(messages, now_, events_);
}

void client::impl::take_mail() {
    next_call_ = 0;
    mailbox_.take(inbox_);
    refused_ += inbox_.refused;
    calls_refused_ += inbox_.refused_calls;
    if (phase_ == phase::stopped) return;
    if (!inbox_.acks.empty()) session_.acknowledge(inbox_.acks, now_, events_);
}

void client::impl::run_calls(std::size_t at_most) {
    for (std::size_t n = 0; n < at_most && next_call_ < inbox_.commands.size(); ++n) {
        // Moved out first: a completion may destroy the client, which runs the calls that are left.
        auto c = std::move(inbox_.commands[next_call_++]);
        std::visit([this](auto& call) { run(std::move(call)); }, c);
    }
}

void client::impl::drain_mail() {
    do {
        run_calls(std::numeric_limits<std::size_t>::max());
        take_mail();
    } while (!inbox_.commands.empty());
}

error client::impl::refusal() const {
    if (phase_ == phase::stopped) return {errc::aborted, "the client has stopped"};
    if (gave_up_) return {errc::not_connected, "the client has given up connecting"};
    return {};
}

void client::impl::run(calls::publish c) {
    auto failed = refusal();
    if (!failed && c.too_large)
        failed = {errc::queue_full, "the message alone is larger than send_queue_bytes"};
    if (!failed && c.refused) failed = {errc::queue_full, "more publishes than the lane could take"};
    if (failed) return complete(c.done, publish_done{.failed = std::move(failed)});
    if (waits_for_room(c)) return wait_for_room(std::move(c));
    accept(std::move(c));
}

void client::impl::accept(calls::publish c) {
    const auto accepted = session_.publish(std::move(c.message), now_, events_);
    if (!accepted) return complete(c.done, publish_done{.failed = accepted.error()});
    completions_.keep(*accepted, std::move(c.done));
    if (c.stored) stored_.emplace(*accepted, std::move(c.stored));
    watch(*accepted, std::move(c.cancel));
}

void client::impl::run(calls::subscribe c) {
    auto failed = refusal_of(c);
    if (!failed) {
        const auto accepted = session_.subscribe(c.list, std::move(c.props), now_);
        if (accepted) {
            completions_.keep(*accepted, std::move(c.done));
            return watch(*accepted, std::move(c.cancel));
        }
        failed = accepted.error();
    }
    complete(c.done, subscribe_done{.failed = std::move(failed), .asked = std::move(c.list)});
}

void client::impl::run(calls::unsubscribe c) {
    auto failed = refusal_of(c);
    if (!failed) {
        const auto accepted = session_.unsubscribe(c.filters, now_, std::move(c.props));
        if (accepted) {
            completions_.keep(*accepted, std::move(c.done));
            return watch(*accepted, std::move(c.cancel));
        }
        failed = accepted.error();
    }
    complete(c.done, unsubscribe_done{.failed = std::move(failed), .filters = std::move(c.filters)});
}

/// A stop may be asked for on any thread, and also has been before the call: it comes back as a call.
void client::impl::watch(operation_id operation, std::stop_token cancel) {
    cancellations_.watch(operation, std::move(cancel), [weak = weak_from_this(), operation] {
        if (const auto self = weak.lock()) self->call(calls::cancel{.operation = operation});
    });
}

void client::impl::run(calls::cancel c) {
    if (phase_ != phase::stopped) session_.cancel(c.operation, now_, events_);
}

void client::impl::run(calls::acknowledge c) {
    error failed{errc::aborted, "the client has stopped"};
    if (phase_ != phase::stopped)
        failed = session_.acknowledge(c.token, c.code, std::move(c.props), now_, events_);
    complete(c.done, failed);
}

void client::impl::run(calls::release c) {
    if (phase_ != phase::stopped) session_.release(c.request, now_, events_);
}

void client::impl::run(calls::send_ack c) {
    auto failed = refusal_of(c);
    if (!failed) failed = session_.send_ack(c.packet, now_);
    complete(c.done, failed);
}

void client::impl::run(calls::ping c) {
    auto failed = refusal_of(c);
    if (!failed) {
        const auto accepted = session_.ping(now_);
        if (accepted) return completions_.keep(*accepted, std::move(c.done));
        failed = accepted.error();
    }
    complete(c.done, ping_done{.failed = std::move(failed)});
}

void client::impl::run(calls::start) {
    if (phase_ != phase::idle) return;
    gave_up_ = false;
    policy_.reset();
    begin();
}

void client::impl::run(calls::pause) {
    if (phase_ != phase::stopped) session_.pause(now_);
}

void client::impl::run(calls::resume) {
    if (phase_ != phase::stopped) session_.resume(now_, events_);
}

void client::impl::run(calls::drain c) {
    draining_ = true;
    if (phase_ != phase::stopped) session_.drain(c.everything, now_, events_);
    drained_.push_back(std::move(c.done));
}

void client::impl::run(calls::reconnect) {
    dispatch_rest();
    if (phase_ != phase::up) return;
    returning_ = true;
    session_.disconnect(reason_code::normal_disconnection, {}, now_, events_);
}

/// Only where a DISCONNECT would be sent or could have been: an end under way is not to be refused.
void client::impl::run(calls::leave c) {
    dispatch_rest();
    const bool ends = stopping_ || phase_ == phase::stopped;
    if (const auto refused = ends ? error{} : session_.check_disconnect(c.code, c.props))
        return complete(c.done, refused);
    run(calls::stop{c.code, std::move(c.props), [done = std::move(c.done)] {
                        if (done) done({});
                    }});
}

void client::impl::run(calls::stop c) {
    if (c.done) when_stopped_.push_back(std::move(c.done));
    if (stopping_) return;
    dispatch_rest();
    if (std::exchange(stopping_, true)) return;
    switch (phase_) {
    case phase::idle:
    case phase::loading:
    case phase::waiting: return end_for_good();
    case phase::attempting:
        // Before CONNACK there is nobody to take leave of.
        link_.drop();
        return connection_over({{errc::local_close, "stopped while connecting"}});
    case phase::up:
        close_ = close_requested{.reason = {errc::local_close, "stopped"}};
        return session_.disconnect(c.code, std::move(c.props), now_, events_);
    case phase::closing:
    case phase::stopped: return;
    }
}

void client::impl::run(calls::drop_connection) {
    dispatch_rest();
    if (phase_ != phase::attempting && phase_ != phase::up && phase_ != phase::closing) return;
    link_.drop();
    connection_over({{errc::local_close, "dropped"}});
}

void client::impl::run(calls::abort) {
    dispatch_rest();
    end_now();
}

void client::impl::end_now() {
    if (phase_ == phase::stopped) return;
    stopping_ = true;
    if (phase_ == phase::idle || phase_ == phase::loading || phase_ == phase::waiting) return end_for_good();
    link_.drop();
    close_.reset();
    connection_over({{errc::local_close, "aborted"}});
}

} // namespace weir::mqtt
