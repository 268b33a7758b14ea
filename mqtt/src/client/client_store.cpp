// The session store on its way between the session and the thread that writes it.
#include "client/client_impl.hpp"
#include "client/guarded.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <chrono>
#include <exception>
#include <utility>

namespace weir::mqtt {
namespace {

result<std::unique_ptr<session_store>> make_store(const client_options& o) {
    if (!o.store_from) return make_sqlite_store(o.store);
    try {
        if (auto own = o.store_from()) return own;
        return error{errc::io_error, "store_from made no store"};
    } catch (const std::exception& e) {
        return error{errc::io_error, std::string{"store_from: "} + e.what()};
    } catch (...) {
        return error{errc::io_error, "store_from threw what is no std::exception"};
    }
}

std::chrono::milliseconds today(const time_source& time) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(time.system_now().time_since_epoch());
}

} // namespace

void client::impl::begin() {
    if (!has_store(options_) || store_open_) return begin_attempt();
    if (!store_) {
        auto made = make_store(options_);
        if (!made) return store_refused(made.error());
        store_ = std::make_unique<store_worker>(lane_, *std::move(made));
    }
    phase_ = phase::loading;
    store_->open([weak = weak_from_this()](result<store_content> content) {
        const auto self = weak.lock();
        if (!self || self->phase_ != phase::loading) return;
        self->begin_turn();
        self->store_read(std::move(content));
        self->finish_turn();
    });
}

void client::impl::store_read(result<store_content> content) {
    phase_ = phase::idle;
    if (!content) return store_refused(content.error());
    if (auto fault = session_.restore(*content, now_, today(time_), events_); fault.code) {
        store_.reset(); // which closes it
        return store_refused(fault);
    }
    store_open_ = true;
    for (const auto& text : content->warnings)
        guarded(*observer_, [&] { observer_->on_warning(text); });
    begin_attempt();
}

void client::impl::store_refused(const error& why) {
    gave_up_ = true;
    fail_requests(requests_.remove_all(), error{errc::aborted});
    fail_waiting(for_room_.remove_all(), error{errc::aborted});
    session_.abort(events_);
    guarded(*observer_, [&] { observer_->on_gave_up(why); });
}

void client::impl::carry_changes(time_point now) {
    if (!store_open_ || store_busy_) return;
    auto changes = session_.take_changes(now);
    if (!changes) return;
    store_busy_ = true;
    store_->write(std::move(changes), [weak = weak_from_this()](const result<store_usage>& outcome) {
        const auto self = weak.lock();
        if (!self) return;
        self->begin_turn();
        self->changes_written(outcome);
        self->finish_turn();
    });
}

void client::impl::changes_written(const result<store_usage>& outcome) {
    store_busy_ = false;
    store_failing_ = !outcome;
    if (outcome)
        session_.stored(*outcome, now_, events_);
    else
        session_.store_failed(outcome.error(), now_, events_);
}

/// The last changes, then the lock: who waits for the stop may open the store himself.
void client::impl::leave_store() {
    if (!store_failing_) carry_changes(time_point::max());
    if (store_busy_ || std::exchange(store_closing_, true)) return;
    store_->close([self = shared_from_this()] {
        self->store_.reset();
        self->begin_turn();
        self->finish_turn();
    });
}

void client::impl::handle(const publish_stored& e) {
    const auto found = stored_.find(e.operation);
    if (found == stored_.end()) return;
    const auto told = std::move(found->second);
    stored_.erase(found);
    guarded(*observer_, told);
}

} // namespace weir::mqtt
