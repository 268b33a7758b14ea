#include "client/client_impl.hpp"

#include "client/guarded.hpp"
#include "options_in_force.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <boost/asio/post.hpp>

#include <algorithm>
#include <random>
#include <utility>

namespace weir::mqtt {
namespace {

reconnect_options reconnecting(const client_options& o) {
    return {
        .limit = o.reconnect,
        .backoff_min = o.backoff_min,
        .backoff_max = o.backoff_max,
        .stable_after = o.stable_after,
        .retry_fatal = o.retry_fatal,
        .fixed = o.reconnect_timeout};
}

std::uint64_t draw_seed() {
    std::random_device source;
    return (std::uint64_t{source()} << 32) | source();
}

std::optional<time_point> earlier(std::optional<time_point> a, std::optional<time_point> b) noexcept {
    if (!a || !b) return a ? a : b;
    return std::min(*a, *b);
}

} // namespace

client::impl::impl(io_lane& lane, client_options options, client_observer& observer, const time_source& time)
    : lane_(lane)
    , settings_(std::make_shared<const client_options>(options_in_force(std::move(options))))
    , observer_(&observer)
    , time_(time)
    , mailbox_(
          options_.send_queue_messages, options_.send_queue_bytes,
          options_.send_queue_policy == send_queue_policy::block, options_.max_requests)
    , session_(options_)
    , policy_(reconnecting(options_), draw_seed())
    , route_(options_, draw_seed())
    , requests_(options_.response_prefix, options_.max_requests)
    , for_room_(options_.send_queue_messages, options_.send_queue_bytes)
    , version_(options_.proto_ver)
    , delivery_(options_.auto_ack && !options_.raw_acks)
    , link_({.write_timeout = options_.write_timeout, .close_timeout = options_.close_timeout}, time, *this)
    , timer_(lane.native().context, time)
    , errand_(lane) {}

void client::impl::call(calls::command c) {
    if (mailbox_.add(std::move(c))) wake();
}

void client::impl::call(calls::publish c) {
    if (mailbox_.add_publish(std::move(c))) wake();
}

void client::impl::acknowledge(std::span<const ack_outcome> outcomes) {
    if (mailbox_.add_acks(outcomes)) wake();
}

void client::impl::demand(std::size_t messages) {
    if (mailbox_.add_demand(messages)) wake();
}

void client::impl::wake() {
    boost::asio::post(lane_.native().context, [self = shared_from_this()] { self->call_turn(); });
}

void client::impl::wait_until_stopped() {
    // The lane cannot wait for itself.
    if (lane_.is_current()) return;
    std::unique_lock lock{shared_};
    stopped_.wait(lock, [this] { return is_stopped_; });
}

connect_timings client::impl::timings() const {
    const std::lock_guard lock{shared_};
    return visible_timings_;
}

session_stats client::impl::stats() const {
    const std::lock_guard lock{shared_};
    return visible_stats_;
}

std::vector<granted_subscription> client::impl::subscriptions() const {
    const std::lock_guard lock{shared_};
    return visible_subscriptions_;
}

client::cost client::impl::io_stats() const {
    const std::lock_guard lock{shared_};
    return visible_cost_;
}

void client::impl::begin_turn() noexcept {
    now_ = time_.now();
    ++cost_.turns;
}

void client::impl::finish_turn() {
    do {
        admit_waiting();
        if (!resting_ || phase_ != phase::up) dispatch();
        close_as_asked();
        if (told_all() && session_.has_more()) session_.received({}, now_, events_);
    } while (!told_all() && phase_ != phase::up);
    if (told_all()) announce_drained();
    pump();
    if (!told_all()) let_others_have_a_turn(); // what was written comes first
    carry_changes(now_);
    arm_timer();
    show_status();
    publish_stats();
    if (phase_ != phase::stopped) return;
    if (store_)
        leave_store();
    else
        announce_stop();
}

void client::impl::pump() {
    if (phase_ != phase::up && phase_ != phase::attempting) return;
    link_.send(session_);
    if (told_all() && session_.wants_read()) link_.want_more();
}

void client::impl::timer_turn() {
    begin_turn();
    if (phase_ == phase::waiting && now_ >= *retry_at_) begin_attempt();
    if (connect_deadline_ && now_ >= *connect_deadline_) attempt_timed_out();
    link_.ticked(now_);
    fail_requests(requests_.remove_due(now_), {errc::ack_timeout, "no response in time"});
    fail_waiting(for_room_.remove_due(now_), {errc::expired, "its deadline passed while it waited for room"});
    if (const auto due = session_.deadline(); due && now_ >= *due && phase_ != phase::closing)
        session_.ticked(now_, events_);
    finish_turn();
}

void client::impl::arm_timer() {
    timer_.arm(next_deadline(), [self = shared_from_this()] { self->timer_turn(); });
}

std::optional<time_point> client::impl::next_deadline() const noexcept {
    if (phase_ == phase::stopped) return {};
    auto next = earlier(link_.deadline(), connect_deadline_);
    next = earlier(next, requests_.deadline());
    next = earlier(next, for_room_.deadline());
    if (phase_ == phase::waiting) next = earlier(next, retry_at_);
    if (phase_ != phase::closing) next = earlier(next, session_.deadline());
    return next;
}

void client::impl::publish_stats() {
    const auto io = link_.stats();
    cost_.reads = io.reads;
    cost_.writes = io.writes;
    cost_.bytes_read = io.bytes_read;
    cost_.bytes_written = io.bytes_written;
    const std::lock_guard lock{shared_};
    visible_stats_ = session_.stats();
    visible_stats_.waiting_for_room = for_room_.size();
    visible_stats_.calls_refused += calls_refused_;
    visible_stats_.dropped_by_reason[static_cast<std::size_t>(dropped::what::send_queue_full)] += refused_;
    visible_stats_.dropped_by_reason[static_cast<std::size_t>(dropped::what::late_response)] +=
        late_responses_;
    visible_timings_ = timings_;
    visible_cost_ = cost_;
}

} // namespace weir::mqtt
