#include "mqtt_producer.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

namespace weir::connector {

namespace {

/// A stop lets a store forget what the broker has ended; what is left then comes up at the next start.
constexpr auto time_for_releases = std::chrono::milliseconds{500};

std::size_t window_of(const producer_options& o) {
    const auto acknowledged = [](const topic& t) { return t.qos != mqtt::qos::at_most_once; };
    return std::ranges::any_of(o.topics, acknowledged) ? o.max_inflight : 0;
}

std::shared_ptr<record_origin> make_origin(const producer_context& context) {
    auto origin = std::make_shared<record_origin>();
    origin->client_id = context.client_id;
    origin->producer_index = context.index;
    origin->shared_group = context.options.shared_group.value_or("");
    origin->wants_receipts = context.options.qos2 == qos2_mode::sink;
    for (const auto& t : context.options.topics)
        origin->filters.push_back(t.filter);
    return origin;
}

} // namespace

mqtt_producer::mqtt_producer(
    producer_context context, mqtt::io_lane& lane, readiness& ready, histogram& latency)
    : context_(std::move(context))
    , window_(window_of(context_.options))
    , lane_(lane)
    , ready_(ready)
    , origin_(make_origin(context_))
    , pool_(record_pool::create(origin_))
    , client_(lane, client_options(context_.options, context_.index), *this, context_.time)
    , acks_(
          context_, lane, client_, latency,
          [this](std::span<inbound_record* const> records) { delivery_.again(records); })
    , delivery_(context_, *pool_)
    , reports_(context_)
    , subscriber_(context_) {
    if (origin_->wants_receipts)
        receipts_.emplace(context_, lane, client_, [this](std::span<mqtt::message_received> messages) {
            delivery_.first_time(messages);
        });
    origin_->acks.open([this](const mqtt::ack_token& token) {
        const mqtt::ack_outcome outcome{.token = token};
        client_.acknowledge({&outcome, 1});
    });
}

mqtt_producer::~mqtt_producer() {
    origin_->acks.close();
    acks_.stop();
    if (receipts_) receipts_->stop();
    client_.abort();
    pool_->retire();
}

void mqtt_producer::start(pipeline::intake<inbound>& into) {
    into_ = &into;
    delivery_.open(into);
    context_.bus->emit<events::producer_init>(
        [&] { return events::producer_init{.origin = context_.stamp()}; });
    subscribe();
    client_.start();
}

void mqtt_producer::demand(std::size_t count) {
    if (const auto rest = delivery_.forward(count); rest != 0) client_.demand(rest);
}

/// With a lasting session the broker keeps what has not been delivered; without, this is its only chance.
void mqtt_producer::drain() {
    lane_.post([this] {
        acks_.drain();
        const bool lasting = !context_.options.config.clean_start.value_or(false);
        client_.drain(!lasting, [this] {
            if (receipts_) return receipts_->when_open([this] { into_->drained(); });
            into_->drained();
        });
    });
}

/// On the lane `client::stop` only requests.
void mqtt_producer::begin_stop() {
    lane_.post([this] { client_.stop(); });
}

void mqtt_producer::stop(time_point deadline) {
    if (std::exchange(stopped_, true)) return;
    if (receipts_) receipts_->settle(std::min(deadline, context_.time.now() + time_for_releases));
    if (before_stop_) before_stop_();
    acks_.stop();
    if (receipts_) receipts_->stop();
    client_.stop();
    origin_->acks.close();
    context_.bus->emit<events::producer_terminate>(
        [&] { return events::producer_terminate{.origin = context_.stamp(), .reason = end_}; });
}

/// Messages that wait for their next attempt hold slots of the window outside the pipeline.
std::size_t mqtt_producer::window() const noexcept {
    if (window_ == 0) return 0;
    return window_ - std::min(window_ - 1, acks_.waiting());
}

void mqtt_producer::on_connected(const mqtt::connected& info, const std::string& endpoint, duration took) {
    is_connected_.store(true, std::memory_order_relaxed);
    connects_.fetch_add(1, std::memory_order_relaxed);
    if (!info.session_present) origin_->session.fetch_add(1, std::memory_order_relaxed);
    if (receipts_) receipts_->connected(info.session_present);
    reports_.up(info, endpoint, took);
}

/// Asked for once, this is sent on the first connection, whether or not the broker kept the session, since
/// what is configured may have changed. Later connections are the client's matter: it subscribes again when
/// the session is gone.
void mqtt_producer::subscribe() {
    client_.subscribe(
        subscriber_.wanted(), [this](const mqtt::subscribe_done& answer) { subscribed(answer); });
}

void mqtt_producer::subscribed(const mqtt::subscribe_done& answer) {
    switch (subscriber_.answered(answer)) {
    case subscriber::state::granted: return become_ready();
    case subscriber::state::refused: return fail(subscriber_.reason());
    case subscriber::state::open: return subscribe();
    case subscriber::state::over: return;
    }
}

void mqtt_producer::become_ready() {
    if (!std::exchange(subscribed_once_, true)) ready_.ready();
}

void mqtt_producer::on_down(const mqtt::connection_down& info) {
    is_connected_.store(false, std::memory_order_relaxed);
    reports_.down(info, client_.stats().window_used);
}

void mqtt_producer::on_attempt_failed(const mqtt::connection_down& info) {
    reports_.attempt_failed(info);
}

void mqtt_producer::on_gave_up(const error& reason) {
    fail(reason);
}

/// Not to be mended by trying again: the pipeline drains and ends. Nothing more is taken in meanwhile.
void mqtt_producer::fail(const error& reason) {
    if (end_) return;
    end_ = reason;
    client_.pause();
    ready_.failed(reason);
    into_->failed(reason);
}

void mqtt_producer::on_messages(std::span<mqtt::message_received> messages) {
    if (!receipts_ || !receipts_->holds(messages)) delivery_.first_time(messages);
}

void mqtt_producer::on_event(const mqtt::event& e) {
    if (const auto* again = std::get_if<mqtt::subscribe_done>(&e)) subscribed(*again);
    if (const auto* lost = std::get_if<mqtt::session_lost>(&e)) reports_.session_lost(lost->unacknowledged);
    if (const auto* what = std::get_if<mqtt::dropped>(&e)) reports_.happened(*what);
    if (const auto* end = std::get_if<mqtt::release_requested>(&e); end && receipts_)
        receipts_->release(*end);
}

void mqtt_producer::add_to(stats& sum) const {
    const auto session = client_.stats();
    const auto settled = acks_.counts();
    sum.received += session.messages_delivered + session.qos0_dropped;
    sum.delivered += delivery_.delivered();
    sum.acked += session.acks_sent;
    sum.succeeded += settled.succeeded;
    sum.failed += settled.failed;
    sum.redelivered += delivery_.brought_again();
    sum.duplicates += session.duplicates;
    sum.qos0_dropped += session.qos0_dropped + settled.lost;
    sum.stale_acks += session.stale_acks;
    sum.connects += connects_.load(std::memory_order_relaxed);
    sum.connected += is_connected_.load(std::memory_order_relaxed) ? 1 : 0;
    sum.window_used += session.window_used;
    sum.qos0_waiting += session.qos0_waiting;
}

} // namespace weir::connector
