// What is asked of the application before and during a connection, away from the lane.
#include "client/client_impl.hpp"
#include "client/connect_preparation.hpp"
#include "client/guarded.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <exception>
#include <utility>

namespace weir::mqtt {
namespace {

template <class Answer, class Call>
Answer asked(Call&& call) noexcept {
    try {
        return call();
    } catch (const std::exception& e) {
        return error{make_error_code(errc::auth_failed), e.what()};
    } catch (...) {
        return error{make_error_code(errc::auth_failed), "an exception that is no std::exception"};
    }
}

/// Whatever the application calls it, to the client it is this.
error as_auth_failure(const error& e) {
    return e.code == errc::auth_failed ? e : error{errc::auth_failed, e.message()};
}

} // namespace

void client::impl::open_session() {
    if (!needs_preparation(options_)) return send_connect({});
    errand_.run(
        [settings = settings_, version = version_] { return prepare_connect(*settings, version); },
        [weak = weak_from_this()](preparation p) {
            const auto self = weak.lock();
            if (!self) return;
            self->begin_turn();
            if (p.extras) {
                if (!p.warning.empty()) self->warnings_.push_back(std::move(p.warning));
                self->exchange_ = std::move(p.exchange);
                self->send_connect(*std::move(p.extras));
            } else {
                self->link_.drop();
                self->connection_over({p.extras.error()});
            }
            self->finish_turn();
        });
}

void client::impl::send_connect(connect_extras extras) {
    if (const auto refused = session_.opened(now_, std::move(extras))) {
        link_.drop();
        connection_over({refused});
    }
}

void client::impl::handle(const auth_challenge& e) {
    if (!exchange_) return;
    if (e.stage == auth_challenge::kind::step) return answer_challenge(e.received);
    errand_.run(
        [exchange = exchange_, last = e.received] {
            return asked<error>([&] { return exchange->finish(last); });
        },
        [weak = weak_from_this()](const error& failed) {
            const auto self = weak.lock();
            if (!self) return;
            self->begin_turn();
            self->exchange_.reset();
            self->session_.judge(failed ? as_auth_failure(failed) : failed, self->now_, self->events_);
            self->finish_turn();
        });
}

void client::impl::answer_challenge(const auth_message& challenge) {
    errand_.run(
        [exchange = exchange_, challenge] {
            return asked<result<auth_message>>([&] { return exchange->step(challenge); });
        },
        [weak = weak_from_this()](const result<auth_message>& answer) {
            const auto self = weak.lock();
            if (!self) return;
            self->begin_turn();
            const auto failed = answer ? self->session_.authenticate(*answer, self->now_) : answer.error();
            if (failed) {
                self->exchange_.reset();
                self->session_.judge(as_auth_failure(failed), self->now_, self->events_);
            }
            self->finish_turn();
        });
}

void client::impl::run(calls::reauthenticate c) {
    auto failed = refusal();
    if (!failed && !options_.auth && options_.auth_method.empty()) failed = error{errc::auth_not_configured};
    if (!failed && phase_ != phase::up) failed = error{errc::not_connected};
    if (!failed && (exchange_ || errand_.under_way()))
        failed = {errc::busy, "an authentication is under way"};
    if (failed) return complete(c.done, reauthenticate_done{.failed = std::move(failed)});
    reauthentication_ = std::move(c.done);
    errand_.run(
        [settings = settings_] { return begin_exchange(*settings); },
        [weak = weak_from_this()](beginning b) {
            const auto self = weak.lock();
            if (!self) return;
            self->begin_turn();
            self->reauthenticate(std::move(b));
            self->finish_turn();
        });
}

void client::impl::reauthenticate(beginning b) {
    const auto done = std::exchange(reauthentication_, nullptr);
    if (!b.first) return complete(done, reauthenticate_done{.failed = as_auth_failure(b.first.error())});
    const auto accepted = session_.reauthenticate(*std::move(b.first), now_);
    if (!accepted) return complete(done, reauthenticate_done{.failed = accepted.error()});
    exchange_ = std::move(b.exchange);
    completions_.keep(*accepted, done);
}

/// The connection is gone: whoever is still being asked is not waited for.
void client::impl::forget_authentication() {
    errand_.forget();
    exchange_.reset();
    if (const auto done = std::exchange(reauthentication_, nullptr))
        complete(done, reauthenticate_done{.failed = {errc::disconnected, "the connection ended"}});
}

} // namespace weir::mqtt
