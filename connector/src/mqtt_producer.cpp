#include "mqtt_producer.hpp"

#include <weir/base/log.hpp>
#include <weir/connector/end_session.hpp>
#include <weir/connector/error.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <algorithm>
#include <chrono>
#include <random>
#include <utility>
#include <variant>

namespace weir::connector {

namespace {

using namespace std::chrono_literals;

/// A stop lets a store forget what the broker has ended; what is left then comes up at the next start.
constexpr auto time_for_releases = 500ms;

/// For each of the steps of closing that are taken although the deadline has passed. With `close_timeout` all
/// of them fit into what is kept for closing.
duration a_moment(const mqtt::client_options& c) {
    return std::min<duration>(c.close_timeout / 3, 500ms);
}

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
    origin->version = context.options.config.proto_ver;
    for (const auto& t : context.options.topics)
        origin->filters.push_back(t.filter);
    return origin;
}

} // namespace

mqtt_producer::mqtt_producer(
    producer_context context, mqtt::io_lane& lane, readiness& ready, histogram& latency)
    : context_(std::move(context))
    , claim_(context_)
    , qos0_drops_(context_.options)
    , window_(window_of(context_.options))
    , lane_(lane)
    , ready_(ready)
    , origin_(make_origin(context_))
    , pool_(record_pool::create(origin_))
    , client_(lane, client_options(context_.options, context_.index), *this, context_.time)
    , keys_(make_key_keeper(
          context_, [this](std::span<const mqtt::ack_outcome> acks) { client_.acknowledge(acks); }))
    , copies_(client_)
    , acks_(context_, lane, client_, copies_, latency, services())
    , keeper_(context_, lane, client_, window_)
    , delivery_(context_, *pool_, keeper_, copies_)
    , reports_(context_, lane, qos0_drops_)
    , subscriber_(context_)
    , farewell_(context_, lane, client_)
    , restarts_(restart_policy())
    , keys_found_(lane, [this] { take_keys(); })
    , subscribe_timer_(lane, [this] { subscribe(); }) {
    if (origin_->wants_receipts)
        receipts_.emplace(context_, lane, client_, [this](std::span<mqtt::message_received> messages) {
            take_in(messages);
        });
    if (context_.options.tokens) tokens_.emplace(context_, context_.options.tokens);
    origin_->acks.open([this](const inbound_record& message) { acks_.acknowledged_late(message); });
    if (!context_.options.dead_letter.topic.empty()) dead_letters_.emplace(context_, lane);
}

mqtt_acknowledger::services mqtt_producer::services() {
    return {
        .again =
            [this](std::span<inbound_record* const> records) { guarded([&] { delivery_.again(records); }); },
        .bury =
            [this](const auto& record, auto reason, auto done) {
                dead_letters_->put(record, reason, std::move(done));
            },
        .lost =
            [this](const inbound_record& record) {
                qos0_drops_.add(qos0_drops_.place_of(record.received.topic.text()));
            },
        .end = [this](const error& reason) { lane_.post([this, reason] { fail(reason); }); },
        .keys = keys_.get()};
}

mqtt_producer::~mqtt_producer() {
    origin_->acks.close();
    keeper_.stop();
    farewell_.stop();
    subscribe_timer_.cancel();
    acks_.stop();
    if (dead_letters_) dead_letters_->stop();
    stop_stores(clock::now());
    keys_found_.cancel();
    client_.abort();
    pool_->retire();
}

void mqtt_producer::start(pipeline::intake<inbound>& into) {
    into_ = &into;
    end_ = {};
    delivery_.begin_anew();
    delivery_.open(into);
    tell_begin();
    begin();
    if (dead_letters_) dead_letters_->start();
    keeper_.start();
}

/// Keys come before the first message.
void mqtt_producer::begin() {
    if (!keys_ || std::exchange(keys_asked_for_, true)) return lane_.post([this] { connect(); });
    keys_->open([this](result<std::vector<kept_key>> found) {
        found_keys_ = std::move(found);
        keys_found_.at(time_point{});
    });
}

void mqtt_producer::take_keys() {
    if (!found_keys_) return fail(found_keys_.error());
    delivery_.remember(*std::exchange(found_keys_, std::vector<kept_key>{}));
    connect();
}

/// On the lane, so that the client finds all of it in one turn: asked for after the first CONNACK,
/// subscriptions would be sent beside those that a client with a store makes by itself.
void mqtt_producer::connect() {
    client_.start();
    if (!subscribed_once_) subscribe();
    if (!context_.options.unsubscribe.empty()) client_.unsubscribe(context_.options.unsubscribe);
}

void mqtt_producer::demand(std::size_t count) {
    if (const auto rest = delivery_.forward(count); rest != 0) client_.demand(rest);
}

void mqtt_producer::drain() {
    draining_.store(true);
    lane_.post([this] {
        acks_.drain();
        keeper_.drain();
        if (leaves_group()) return farewell_.begin([this] { drain_client(); });
        drain_client();
    });
}

/// One that has failed for a message's sake does so, too: its queue is no worse than before.
bool mqtt_producer::leaves_group() const {
    const auto& o = context_.options;
    return o.shared_group && o.on_stop == on_stop::end_session && window_ != 0 && is_connected_.load();
}

/// What has not been delivered the broker keeps with the session; without one, this is its only chance.
void mqtt_producer::drain_client() {
    const auto& o = context_.options;
    const bool is_kept =
        session_lasts_ && o.on_stop == on_stop::keep && !o.config.clean_start.value_or(false);
    client_.drain(!is_kept, [this] {
        if (receipts_) return receipts_->when_open([this] { into_->drained(); });
        into_->drained();
    });
}

void mqtt_producer::leave() {
    mqtt::properties props;
    const bool v5 = origin_->version.load() == mqtt::protocol_version::v5;
    if (v5 && context_.options.on_stop == on_stop::end_session && is_connected_.load()) {
        props.set(mqtt::property_id::session_expiry_interval, 0);
        session_ended_.store(true);
    }
    client_.stop(mqtt::reason_code::normal_disconnection, std::move(props));
}

/// For a broker that could not be told with DISCONNECT.
void mqtt_producer::end_session_elsewhere(time_point deadline) const {
    const auto left = std::max(deadline - clock::now(), a_moment(context_.options.config));
    const auto limit = std::min<duration>(left, 2s);
    const auto ended = end_session(
        client_options(context_.options, context_.index),
        std::chrono::duration_cast<std::chrono::milliseconds>(limit));
    if (!ended)
        log(log_level::warning,
            context_.log_prefix() + "the session could not be ended: " + ended.error().message());
}

void mqtt_producer::stop(time_point deadline) {
    if (restarting_.exchange(false) && !draining_.load()) return tell_end();
    if (stop_all_) return stop_all_(deadline);
    close(deadline);
}

/// Dead letters that are under way are waited for, since their messages are acknowledged after that: longer
/// than `deadline`, which may have passed, when it takes only a moment.
void mqtt_producer::close(time_point deadline) {
    if (into_ == nullptr || stopped_.exchange(true)) return;
    const auto moment = a_moment(context_.options.config);
    if (dead_letters_) dead_letters_->leave(std::max(deadline, clock::now() + moment));
    const auto end_of_releases = std::min(deadline, context_.time.now() + time_for_releases);
    if (keys_) keys_->settle(end_of_releases);
    if (receipts_) receipts_->settle(end_of_releases);
    if (tokens_) tokens_->settle(end_of_releases);
    farewell_.stop();
    keeper_.stop();
    acks_.stop();
    stop_stores(clock::now() + moment);
    leave();
    if (dead_letters_) dead_letters_->stop();
    if (context_.options.on_stop == on_stop::end_session && !session_ended_.load())
        end_session_elsewhere(deadline);
    subscribe_timer_.cancel();
    keys_found_.cancel();
    reports_.stop();
    origin_->acks.close();
    claim_.reset();
    tell_totals();
    tell_end();
}

void mqtt_producer::stop_stores(time_point deadline) {
    if (receipts_) receipts_->stop(deadline);
    if (tokens_) tokens_->stop(deadline);
    if (keys_) keys_->stop(deadline);
}

void mqtt_producer::tell_totals() const {
    const auto own = share().stats;
    log(log_level::info, context_.log_prefix() + "stopped: " + std::to_string(own.received) + " received, " +
                             std::to_string(own.succeeded) + " processed, " + std::to_string(own.acked) +
                             " acknowledged, " + std::to_string(own.unacknowledged) + " left unacknowledged");
}

void mqtt_producer::tell_begin() {
    began_.store(true);
    context_.bus->emit<events::producer_init>(
        [&] { return events::producer_init{.origin = context_.stamp()}; });
}

void mqtt_producer::tell_end() {
    if (!began_.exchange(false)) return;
    context_.bus->emit<events::producer_terminate>(
        [&] { return events::producer_terminate{.origin = context_.stamp(), .reason = end_}; });
}

/// Messages that wait for their next attempt, for their dead letter, or for the outcome of another, hold
/// slots outside the pipeline.
std::size_t mqtt_producer::window() const noexcept {
    if (window_ == 0) return 0;
    return window_ - std::min(window_ - 1, acks_.parked() + copies_.waiting());
}

void mqtt_producer::on_connected(const mqtt::connected& info, const std::string& endpoint, duration took) {
    is_connected_.store(true, std::memory_order_relaxed);
    session_lasts_ = origin_->version.load() != mqtt::protocol_version::v5 || info.session_expiry != 0;
    connects_.fetch_add(1, std::memory_order_relaxed);
    if (!info.session_present) origin_->session.fetch_add(1, std::memory_order_relaxed);
    if (receipts_) receipts_->connected(info.session_present);
    reports_.up(info, endpoint, took);
    if (!info.subscription_identifiers_available && !identified_filters(context_.options).empty())
        fail(
            {errc::subscription_refused,
             "filters overlap, overlap = dedup, and the broker has no subscription identifiers"});
}

/// A session store tells what an older configuration has subscribed to; the broker would go on sending it.
void mqtt_producer::leave_old_filters() {
    const auto& o = context_.options;
    if (!mqtt::has_store(o.config)) return;
    const auto wanted = subscriptions(o);
    std::vector<std::string> old;
    for (auto& s : client_.subscriptions())
        if (std::ranges::find(wanted, s.asked.filter, &mqtt::subscription::filter) == wanted.end() &&
            std::ranges::find(o.unsubscribe, s.asked.filter) == o.unsubscribe.end())
            old.push_back(std::move(s.asked.filter));
    if (old.empty()) return;
    for (const auto& filter : old)
        log(log_level::info, context_.log_prefix() + filter + ": left, since it is configured no more");
    client_.unsubscribe(std::move(old));
}

/// Asked for once, this is sent on the first connection, whether or not the broker kept the session, since
/// what is configured may have changed. Later connections are the client's matter: it subscribes again when
/// the session is gone.
void mqtt_producer::subscribe() {
    for (const auto& group : subscriber_.groups())
        subscribe(group);
}

void mqtt_producer::subscribe(const subscription_group& group) {
    mqtt::properties props;
    if (group.identifier) props.set(mqtt::property_id::subscription_identifier, *group.identifier);
    client_.subscribe(
        group.filters, [this, &group](const mqtt::subscribe_done& answer) { subscribed(answer, &group); },
        std::move(props));
}

/// `group`: what was asked for here; none when the client has subscribed again by itself.
void mqtt_producer::subscribed(const mqtt::subscribe_done& answer, const subscription_group* group) {
    switch (subscriber_.answered(answer)) {
    case subscriber::state::incomplete: return;
    case subscriber::state::granted: return become_ready();
    case subscriber::state::refused:
        if (context_.options.on_fatal == on_fatal::retry) return ask_again_later();
        return fail(subscriber_.reason());
    case subscriber::state::open: return group == nullptr ? subscribe() : subscribe(*group);
    case subscriber::state::over: return;
    }
}

void mqtt_producer::ask_again_later() {
    subscribe_timer_.at(context_.time.now() + context_.options.config.backoff_max);
}

void mqtt_producer::become_ready() {
    if (std::exchange(subscribed_once_, true)) return;
    leave_old_filters();
    ready_.ready();
}

void mqtt_producer::on_down(const mqtt::connection_down& info) {
    is_connected_.store(false, std::memory_order_relaxed);
    last_end_ = info;
    auto own = info;
    if (keeper_.took_leave() && info.will_retry) own.reason = error{errc::redelivery};
    if (!fault_.empty()) own.reason = error{errc::producer_failed, std::exchange(fault_, {})};
    reports_.down(own, client_.stats().unacknowledged);
}

void mqtt_producer::on_attempt_failed(const mqtt::connection_down& info) {
    last_end_ = info;
    reports_.attempt_failed(info);
}

void mqtt_producer::on_gave_up(const error& reason) {
    if (context_.options.config.reconnect == 0u && reason.code == mqtt::errc::gave_up) return start_anew();
    fail(reason);
}

/// With `config.reconnect` = 0 the pipeline restarts the producer instead of the client its connection, which
/// is no failure of either. What the pipeline has of this producer stays valid: the session does.
void mqtt_producer::start_anew() {
    const auto delay = restarts_.failed(last_end_.uptime, false).delay;
    end_ = last_end_.reason;
    restarting_.store(true);
    into_->stopped(last_end_.reason, delay);
}

mqtt::reconnect_policy mqtt_producer::restart_policy() const {
    const auto& c = context_.options.config;
    return {
        {.backoff_min = c.backoff_min,
         .backoff_max = c.backoff_max,
         .stable_after = c.stable_after,
         .fixed = c.reconnect_timeout},
        std::random_device{}()};
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
    if (!receipts_ || !receipts_->holds(messages)) take_in(messages);
}

void mqtt_producer::take_in(std::span<mqtt::message_received> messages) {
    guarded([&] {
        const auto away = delivery_.first_time(messages);
        acknowledge(away.acks);
        if (away.demand != 0) client_.demand(away.demand);
    });
}

/// A copy's ack follows the one of the message that it is a copy of.
void mqtt_producer::acknowledge(std::span<const mqtt::ack_outcome> outcomes) {
    if (keys_)
        keys_->keep({}, outcomes);
    else if (!outcomes.empty())
        client_.acknowledge(outcomes);
}

void mqtt_producer::on_callback_error(const std::string& what) noexcept {
    guarded([&] { failed_inside(what); });
}

void mqtt_producer::guarded(const std::function<void()>& work) noexcept {
    try {
        try {
            work();
        } catch (const std::exception& e) {
            failed_inside(e.what());
        } catch (...) {
            failed_inside("an exception that is no std::exception");
        }
    } catch (...) {
        client_.drop_connection();
    }
}

/// The world outside should know: without DISCONNECT the broker publishes the will. Other producers are not
/// touched, and this one comes back as after any loss; what the pipeline did not take is brought again.
void mqtt_producer::failed_inside(const std::string& what) {
    log(log_level::error, context_.log_prefix() + "failed inside, its connection is dropped: " + what);
    fault_ = what;
    client_.drop_connection();
    const auto back = delivery_.take_back();
    if (!back.acks.empty()) client_.acknowledge(back.acks);
    if (back.demand != 0) client_.demand(back.demand);
    for (const auto& topic : back.lost)
        qos0_drops_.add(qos0_drops_.place_of(topic.text()));
    acks_.lost_unseen(back.lost.size());
    acks_.settle(back.settlements);
}

void mqtt_producer::on_event(const mqtt::event& e) {
    if (const auto* again = std::get_if<mqtt::subscribe_done>(&e)) subscribed(*again, nullptr);
    if (const auto* lost = std::get_if<mqtt::session_lost>(&e)) {
        acks_.session_lost();
        copies_.session_lost();
        reports_.session_lost(lost->unacknowledged);
    }
    if (const auto* store = std::get_if<mqtt::store_opened>(&e)) {
        origin_->store = store->uuid;
        if (tokens_) tokens_->opened(store->uuid, store->first);
    }
    if (const auto* over = std::get_if<mqtt::stored_done>(&e); over && tokens_) tokens_->done(over->numbers);
    if (const auto* trouble = std::get_if<mqtt::store_trouble>(&e)) reports_.store_trouble(*trouble);
    if (const auto* large = std::get_if<mqtt::discarded>(&e)) reports_.discarded(*large);
    if (const auto* older = std::get_if<mqtt::version_fallback>(&e)) {
        origin_->version.store(older->to);
        // Only v5 keeps a session that was begun with a clean start [MQTT 3.1.1, 3.1.2.4].
        if (context_.options.config.clean_start.value_or(false)) keeper_.session_ends_with_connection();
        reports_.fell_back(*older);
    }
    if (const auto* limited = std::get_if<mqtt::session_expiry_lowered>(&e)) {
        if (limited->granted == 0) keeper_.session_ends_with_connection();
        reports_.session_limited(*limited);
    }
    if (const auto* what = std::get_if<mqtt::dropped>(&e)) {
        if (what->kind == mqtt::dropped::what::duplicate) acks_.repeated();
        reports_.happened(*what);
    }
    if (const auto* end = std::get_if<mqtt::release_requested>(&e); end && receipts_)
        receipts_->release(*end);
}

} // namespace weir::connector
