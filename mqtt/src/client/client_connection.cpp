// The life of a client's connections: attempts, their ends, and what follows.
#include "client/client_impl.hpp"
#include "client/guarded.hpp"
#include "session/topic_aliases.hpp"
#include "transport/route.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>

namespace weir::mqtt {
namespace {

/// Where the time of a transport's step is kept.
std::optional<duration>* place_of(connect_timings& timings, std::string_view step) {
    if (step == "resolve") return &timings.resolved;
    if (step == "tcp" || step == "unix") return &timings.tcp;
    if (step == "proxy") return &timings.proxy;
    if (step == "tls") return &timings.tls;
    return step == "websocket" ? &timings.websocket : nullptr;
}

/// A stream of the application's own making may fail to be made.
result<std::unique_ptr<transport>> stream_to(
    io_lane& lane, const client_options& options, const endpoint& to, protocol_version version,
    std::shared_ptr<tls_session_cache> sessions) noexcept {
    try {
        return make_transport(lane, options, to, version, std::move(sessions));
    } catch (const std::exception& e) {
        return error{errc::io_error, std::string{"byte_stream: "} + e.what()};
    } catch (...) {
        return error{errc::io_error, "byte_stream threw what is no std::exception"};
    }
}

/// Nobody is left to be told.
class silent_observer final : public client_observer {};

} // namespace

void client::impl::begin_attempt() {
    if (!std::exchange(same_attempt_, false)) {
        route_.begin();
        attempt_deadline_ = now_ + options_.connect_timeout;
    }
    const auto to = route_.here();
    const auto hosts_left = static_cast<duration::rep>(route_.left());
    phase_ = phase::attempting;
    attempt_start_ = now_;
    connect_deadline_ = now_ + (attempt_deadline_ - now_) / hosts_left;
    endpoint_ = to.text();
    timings_ = {.start = now_};
    warnings_.clear();
    warn_of_long_client_id();
    warn_of_aliases_without_room();
    auto stream = stream_to(lane_, options_, to, version_, tls_sessions_);
    if (!stream) {
        link_.drop();
        return connection_over({stream.error()});
    }
    link_.open(*std::move(stream), to.host, to.port);
    note_step(link_.phase());
}

void client::impl::warn_of_aliases_without_room() {
    const auto offered = topic_aliases::offered(options_);
    if (offered == options_.topic_alias_maximum) return;
    warnings_.push_back(
        "topic_alias_maximum is " + std::to_string(options_.topic_alias_maximum) +
        ", of which alias_bytes has room for " + std::to_string(offered));
}

void client::impl::warn_of_long_client_id() {
    constexpr std::size_t longest = 23; // MQTT 3.1, 3.1
    if (version_ != protocol_version::v3 || options_.clientid.size() <= longest) return;
    warnings_.push_back(
        "the client id has " + std::to_string(options_.clientid.size()) +
        " bytes; a server of MQTT 3.1 may refuse more than " + std::to_string(longest));
}

void client::impl::link_passed(std::string_view step) {
    if (auto* const place = place_of(timings_, step)) *place = time_.now() - attempt_start_;
    connecting_ = step_after(step);
    show_status();
}

void client::impl::link_up(const std::string& endpoint) {
    const auto self = shared_from_this(); // a callback may let go of the client
    begin_turn();
    endpoint_ = endpoint;
    open_session();
    finish_turn();
}

void client::impl::link_received(bytes chunk) {
    const auto self = shared_from_this();
    begin_turn();
    session_.received(std::move(chunk), now_, events_);
    finish_turn();
}

void client::impl::link_written() {
    const auto self = shared_from_this();
    begin_turn();
    session_.written(now_, events_);
    finish_turn();
}

void client::impl::link_ended(const error& reason) {
    const auto self = shared_from_this();
    begin_turn();
    dispatch_rest();
    if (phase_ == phase::closing && close_) {
        const auto asked = *std::exchange(close_, std::nullopt);
        connection_over(asked);
    } else {
        connection_over({reason});
    }
    finish_turn();
}

std::string client::impl::phase_of_attempt() const {
    const bool asking = exchange_ || errand_.under_way();
    return asking && link_.is_up() ? "auth" : std::string{link_.phase()};
}

void client::impl::attempt_timed_out() {
    const auto step = phase_of_attempt();
    const auto waited =
        std::chrono::duration_cast<std::chrono::milliseconds>(*connect_deadline_ - attempt_start_);
    const auto limit = std::to_string(waited.count());
    link_.drop();
    connection_over(
        {{errc::connect_timeout, step + ": no answer from " + endpoint_ + " within " + limit + " ms"}});
}

void client::impl::close_as_asked() {
    if (!close_ || (phase_ != phase::up && phase_ != phase::attempting)) return;
    phase_ = phase::closing;
    connect_deadline_.reset();
    if (close_->reason.code != errc::keepalive_timeout) return link_.finish(session_);
    // A peer that does not answer is not waited for.
    link_.drop();
    const auto asked = *std::exchange(close_, std::nullopt);
    connection_over(asked);
}

void client::impl::connection_over(const close_requested& cause) {
    const bool was_up = up_since_.has_value();
    const duration uptime = was_up ? now_ - *up_since_ : duration{};
    up_since_.reset();
    connect_deadline_.reset();
    close_.reset();
    phase_ = phase::idle;
    const auto step = was_up ? std::string{} : phase_of_attempt();
    forget_authentication();
    session_.closed(cause.reason, now_, events_);
    const bool returning = std::exchange(returning_, false);
    if (stopping_) {
        if (was_up)
            report_end(
                {.reason = cause.reason, .uptime = uptime, .endpoint = endpoint_, .said = cause.said}, true);
        return end_for_good();
    }
    if (was_up && uptime >= options_.stable_after) route_.settle();
    // Certificates get renewed, but not within a second.
    const bool slowly = cause.reason.code == errc::tls_verify_failed;
    const auto verdict = returning || goes_on(cause, was_up)
                             ? reconnect_policy::verdict{.retry = true, .failures = policy_.failures()}
                             : policy_.failed(uptime, cause.fatal, slowly);
    if (verdict.retry) {
        phase_ = phase::waiting;
        retry_at_ = now_ + verdict.delay;
    }
    report_end(
        {.reason = cause.reason,
         .will_retry = verdict.retry,
         .retry_in = verdict.delay,
         .uptime = uptime,
         .attempt = verdict.failures,
         .endpoint = endpoint_,
         .said = cause.said,
         .took = was_up ? duration{} : now_ - attempt_start_,
         .phase = step},
        was_up);
    if (!verdict.retry) give_up(cause.reason, verdict);
}

bool client::impl::goes_on(const close_requested& cause, bool was_up) {
    if (options_.follow_server_reference && route_.refer(cause.server_reference)) return true;
    same_attempt_ = !was_up && !cause.fatal && route_.advance();
    return same_attempt_;
}

void client::impl::report_end(const connection_down& info, bool was_up) {
    show_status();
    guarded(*observer_, [&] { was_up ? observer_->on_down(info) : observer_->on_attempt_failed(info); });
}

void client::impl::give_up(const error& reason, const reconnect_policy::verdict& verdict) {
    gave_up_ = true;
    show_status();
    fail_requests(requests_.remove_all(), error{errc::aborted});
    fail_waiting(for_room_.remove_all(), error{errc::aborted});
    session_.abort(events_);
    const auto tries = std::to_string(verdict.failures);
    const error told =
        verdict.gave_up ? error{errc::gave_up, "after " + tries + " failures, the last: " + reason.message()}
                        : reason;
    guarded(*observer_, [&] { observer_->on_gave_up(told); });
}

void client::impl::end_for_good() {
    phase_ = phase::stopped;
    show_status();
    timer_.cancel();
    fail_requests(requests_.remove_all(), error{errc::aborted});
    fail_waiting(for_room_.remove_all(), error{errc::aborted});
    session_.abort(events_);
}

void client::impl::announce_stop() {
    // Calls that were made before `stop` returned have their outcome before it returns.
    drain_mail();
    announce_drained();
    for (const auto& done : std::exchange(when_stopped_, {}))
        guarded(*observer_, done);
    const std::lock_guard lock{shared_};
    is_stopped_ = true;
    stopped_.notify_all();
}

void client::impl::abandon() {
    static silent_observer nobody;
    observer_ = &nobody;
    begin_turn();
    end_now();
    finish_turn();
    store_.reset();
}

} // namespace weir::mqtt
