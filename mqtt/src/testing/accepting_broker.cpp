#include "testing/broker_session.hpp"
#include "testing/broker_socket.hpp"

#include <weir/mqtt/testing/accepting_broker.hpp>

#include <algorithm>
#include <condition_variable>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace weir::mqtt::testing {
namespace {

constexpr std::chrono::hours no_limit{1};

} // namespace

struct accepting_broker::impl {
    explicit impl(options o)
        : settings(std::move(o)) {}

    struct peer {
        descriptor fd;
        stop_signal stop;
        std::thread thread;
        bool over{false};
    };

    void accept_loop();
    void serve(peer& p);
    void converse(broker_connection& connection, stop_signal& end);
    std::shared_ptr<broker_session> welcome(
        const connect& hello, broker_connection& connection, stop_signal& end);
    [[nodiscard]] counters count() const;
    void route(const publish& p);
    void reap();

    const options settings;
    loopback_listener listener;
    stop_signal stop;
    std::function<void(const publish&)> listener_of_publishes;

    mutable std::mutex mutex;
    std::condition_variable changed;
    counters stats;
    std::map<std::string, std::shared_ptr<broker_session>> sessions;
    std::list<peer> peers;
    std::size_t anonymous{0};
    std::thread thread;
};

void accepting_broker::impl::accept_loop() {
    while (!stop.is_set()) {
        auto fd = accept_one(listener.fd.get(), clock::now() + no_limit, stop);
        if (!fd) continue;
        reap();
        const std::lock_guard lock{mutex};
        auto& p = peers.emplace_back();
        p.fd = std::move(*fd);
        p.thread = std::thread{[this, &p] { serve(p); }};
    }
}

void accepting_broker::impl::reap() {
    std::list<peer> gone;
    {
        const std::lock_guard lock{mutex};
        for (auto i = peers.begin(); i != peers.end();) {
            const auto here = i++;
            if (here->over) gone.splice(gone.end(), peers, here);
        }
    }
    for (auto& p : gone)
        p.thread.join();
}

void accepting_broker::impl::serve(peer& p) {
    broker_connection connection{std::make_unique<broker_connection::socket>(std::move(p.fd), p.stop)};
    try {
        converse(connection, p.stop);
    } catch (const script_failure&) {
        // A connection that breaks is a client's right.
    }
    if (p.stop.is_set()) connection.reset();
    const std::lock_guard lock{mutex};
    p.over = true;
    changed.notify_all();
}

void accepting_broker::impl::converse(broker_connection& connection, stop_signal& end) {
    const auto first = connection.next(clock::now() + no_limit);
    const auto* hello = first ? std::get_if<connect>(&first->packet) : nullptr;
    if (hello == nullptr) return;
    std::unique_lock lock{mutex};
    const auto session = welcome(*hello, connection, end);
    changed.notify_all();
    try {
        for (;;) {
            lock.unlock();
            const auto got = connection.next(clock::now() + no_limit);
            lock.lock();
            if (!got || std::holds_alternative<disconnect>(got->packet)) {
                if (got) ++stats.disconnects;
                break;
            }
            publish message;
            if (session->received(got->packet, message)) route(message);
            changed.notify_all();
        }
    } catch (...) {
        if (!lock.owns_lock()) lock.lock();
        session->detach(&connection);
        throw;
    }
    session->detach(&connection);
}

std::shared_ptr<broker_session> accepting_broker::impl::welcome(
    const connect& hello, broker_connection& connection, stop_signal& end) {
    ++stats.connects;
    const auto id = hello.client_id.empty() ? "anonymous-" + std::to_string(++anonymous) : hello.client_id;
    auto& kept = sessions[id];
    const bool present = kept != nullptr && !hello.clean_start;
    if (!present) kept = std::make_shared<broker_session>(stats);
    auto answer = settings.answer;
    answer.session_present = present;
    if (hello.client_id.empty() && hello.version == protocol_version::v5)
        answer.props.set(property_id::assigned_client_identifier, id);
    connection.send(answer);
    const auto limit = hello.props.number(property_id::receive_maximum).value_or(65'535);
    const auto window = std::min<std::uint32_t>(limit, settings.send_window);
    kept->attach(
        {.send = [&connection](const packet& p) { connection.send(p); },
         .end = [&end] { end.set(); },
         .id = &connection},
        static_cast<std::uint16_t>(window));
    return kept;
}

accepting_broker::counters accepting_broker::impl::count() const {
    auto all = stats;
    for (const auto& [id, session] : sessions)
        all.waiting += session->unfinished();
    return all;
}

void accepting_broker::impl::route(const publish& p) {
    for (auto& [id, session] : sessions)
        session->offer(p);
    if (listener_of_publishes) listener_of_publishes(p);
}

accepting_broker::accepting_broker()
    : accepting_broker(options{}) {}

accepting_broker::accepting_broker(options o)
    : impl_(std::make_unique<impl>(std::move(o))) {
    impl_->thread = std::thread{[i = impl_.get()] { i->accept_loop(); }};
}

accepting_broker::~accepting_broker() {
    impl_->stop.set();
    impl_->thread.join();
    drop_connections();
    for (auto& p : impl_->peers)
        p.thread.join();
}

std::uint16_t accepting_broker::port() const noexcept {
    return impl_->listener.port;
}

bool accepting_broker::push(const publish& p) {
    const std::lock_guard lock{impl_->mutex};
    bool taken = false;
    for (auto& [id, session] : impl_->sessions)
        taken = session->offer(p) || taken;
    return taken;
}

void accepting_broker::on_publish(std::function<void(const publish&)> listener) {
    const std::lock_guard lock{impl_->mutex};
    impl_->listener_of_publishes = std::move(listener);
}

accepting_broker::counters accepting_broker::stats() const {
    const std::lock_guard lock{impl_->mutex};
    return impl_->count();
}

bool accepting_broker::wait_for(
    const std::function<bool(const counters&)>& holds, std::chrono::milliseconds limit) {
    std::unique_lock lock{impl_->mutex};
    return impl_->changed.wait_for(lock, limit, [&] { return holds(impl_->count()); });
}

void accepting_broker::drop_connections() {
    const std::lock_guard lock{impl_->mutex};
    for (auto& p : impl_->peers)
        p.stop.set();
}

void accepting_broker::forget_sessions() {
    const std::lock_guard lock{impl_->mutex};
    impl_->sessions.clear();
}

} // namespace weir::mqtt::testing
