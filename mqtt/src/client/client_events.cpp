// What the session reports, and whom it is told.
#include "client/client_impl.hpp"
#include "client/guarded.hpp"

#include <boost/asio/post.hpp>

#include <utility>
#include <variant>

namespace weir::mqtt {

template <class Notice>
void client::impl::handle(const Notice& e) {
    guarded(*observer_, [&] { observer_->on_event(e); });
}

void client::impl::dispatch() {
    // By index: acknowledging adds events while this runs. A callback may also destroy the client, which then
    // dispatches what is left; so nothing of `events_` is referred to across one.
    subscriptions_shown_ = false;
    while (next_event_ < events_.size()) {
        auto& next = events_[next_event_++];
        if (auto* message = std::get_if<message_received>(&next)) {
            if (requests_.takes(message->received)) {
                auto response = std::move(*message);
                take_response(std::move(response));
                continue;
            }
            if (phase_ == phase::stopped) continue; // inside the callback that destroyed the client
            delivery_.add(std::move(*message));
            if (!delivery_.full()) continue;
            deliver();
            if (phase_ != phase::up || telling_all_ || told_all()) continue;
            now_ = time_.now();
            if (const auto due = session_.deadline(); due && now_ >= *due) session_.ticked(now_, events_);
            return;
        } else {
            const event e = std::move(next);
            deliver();
            std::visit([this](const auto& what) { handle(what); }, e);
        }
    }
    deliver();
    if (!told_all()) return;
    events_.clear();
    next_event_ = 0;
}

/// Before something is done that must not overtake what has happened.
void client::impl::dispatch_rest() {
    const bool before = std::exchange(telling_all_, true);
    while (!told_all())
        dispatch();
    telling_all_ = before;
}

void client::impl::deliver() {
    if (delivery_.empty() || phase_ == phase::stopped) return;
    const auto acks = delivery_.hand_over(*observer_);
    if (!acks.empty() && phase_ != phase::stopped) session_.acknowledge(acks, now_, events_);
}

void client::impl::announce_drained() {
    for (const auto& done : std::exchange(drained_, {}))
        if (done) guarded(*observer_, done);
}

/// A handler may take its time on each of thousands of messages: pings that are due, and what is written by
/// now, are not to wait for all of them. Nothing more is read meanwhile.
void client::impl::let_others_have_a_turn() {
    if (std::exchange(resting_, true)) return;
    boost::asio::post(lane_.native().context, [self = shared_from_this()] {
        self->resting_ = false;
        if (self->phase_ == phase::stopped) return;
        self->begin_turn();
        self->finish_turn();
    });
}

/// Who is told of a change may ask for the subscriptions at once. The first event shows what all of them have
/// changed.
void client::impl::show_subscriptions() {
    if (std::exchange(subscriptions_shown_, true)) return;
    const std::lock_guard lock{shared_};
    visible_subscriptions_ = session_.subscriptions();
}

void client::impl::handle(const connected& e) {
    if (phase_ != phase::attempting) return; // destroyed by the callback before
    phase_ = phase::up;
    up_since_ = now_;
    show_status();
    requests_.connected(e);
    connect_deadline_.reset();
    timings_.connack = now_ - attempt_start_;
    {
        const std::lock_guard lock{shared_}; // who is told of the connection may ask how it came about
        visible_timings_ = timings_;
    }
    tell_warnings();
    guarded(*observer_, [&] { observer_->on_connected(e, endpoint_, now_ - attempt_start_); });
}

void client::impl::tell_warnings() {
    for (const auto& text : std::exchange(warnings_, {}))
        guarded(*observer_, [&] { observer_->on_warning(text); });
}

void client::impl::handle(const session_ready&) {
    advance_requests();
    guarded(*observer_, [&] { observer_->on_ready(); });
}

void client::impl::handle(const close_requested& e) {
    if (phase_ == phase::up || phase_ == phase::attempting) close_ = e;
}

void client::impl::handle(const session_lost& e) {
    show_subscriptions();
    requests_.session_lost();
    guarded(*observer_, [&] { observer_->on_event(e); });
}

void client::impl::handle(const version_fallback& e) {
    version_ = e.to;
    guarded(*observer_, [&] { observer_->on_event(e); });
}

void client::impl::handle(const publish_done& e) {
    cancellations_.forget(e.operation);
    if (!stored_.empty()) stored_.erase(e.operation);
    guarded(*observer_, [&] { completions_.finish(e); });
}

void client::impl::handle(const subscribe_done& e) {
    if (requests_.subscribed(e.operation, !e.failed)) {
        if (e.failed) fail_requests(requests_.remove_unsent(), e.failed);
        advance_requests();
    }
    cancellations_.forget(e.operation);
    show_subscriptions();
    if (!e.failed && !timings_.suback) timings_.suback = now_ - attempt_start_;
    if (e.operation != 0) return void(guarded(*observer_, [&] { completions_.finish(e); }));
    guarded(*observer_, [&] { observer_->on_event(e); });
}

void client::impl::handle(const ping_done& e) {
    guarded(*observer_, [&] { completions_.finish(e); });
}

void client::impl::handle(const reauthenticate_done& e) {
    guarded(*observer_, [&] { completions_.finish(e); });
}

void client::impl::handle(const unsubscribe_done& e) {
    cancellations_.forget(e.operation);
    show_subscriptions();
    guarded(*observer_, [&] { completions_.finish(e); });
}

} // namespace weir::mqtt
