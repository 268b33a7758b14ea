#include "session_subject.hpp"

#include <weir/mqtt/testing/hex.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <utility>

namespace weir::conformance {
namespace {

/// How far time is moved, at most, for something that is expected.
constexpr std::chrono::seconds patience{5};

std::size_t packet_size(std::string_view bytes) {
    std::size_t length = 0;
    for (std::size_t i = 1; i < bytes.size(); ++i) {
        length |= std::size_t{static_cast<unsigned char>(bytes[i]) & 0x7Fu} << (7 * (i - 1));
        if ((static_cast<unsigned char>(bytes[i]) & 0x80u) == 0) return 1 + i + length;
    }
    return 0;
}

} // namespace

session_subject::session_subject(const setup& s, bool bytewise)
    : options_(s.options)
    , bytewise_(bytewise)
    , session_(s.options) {
    session_.demand(s.demand, now_, events_);
}

std::string session_subject::address(int server) {
    return "127.0.0.1:1000" + std::to_string(server);
}

std::string session_subject::open(int) {
    asked_to_close_.reset();
    output_.clear();
    mqtt::connect_extras extras;
    if (options_.credentials_callback) extras.credentials = options_.credentials_callback();
    if (options_.will_from) extras.will = options_.will_from();
    if (options_.auth) {
        exchange_ = options_.auth();
        extras.auth_method = exchange_->method();
        extras.auth = exchange_->start().value();
    }
    session_.opened(now_, std::move(extras));
    settle();
    return next_packet();
}

void session_subject::settle() {
    while (!events_.empty()) {
        for (const auto& e : std::exchange(events_, {}))
            note(e);
    }
    mqtt::output_buffer out;
    session_.take_output(out);
    for (const auto& segment : out.segments())
        output_.append(reinterpret_cast<const char*>(segment.data()), segment.size());
    session_.written(now_, events_);
    if (!events_.empty()) settle();
}

void session_subject::note(const mqtt::event& e) {
    if (const auto* m = std::get_if<mqtt::message_received>(&e)) {
        seen_.messages.push_back(*m);
        const mqtt::ack_outcome done{.token = m->token};
        if (options_.auto_ack && !options_.raw_acks) session_.acknowledge({&done, 1}, now_, events_);
    } else if (const auto* c = std::get_if<mqtt::close_requested>(&e)) {
        if (!asked_to_close_) asked_to_close_ = c->reason;
    } else if (const auto* p = std::get_if<mqtt::publish_done>(&e)) {
        seen_.outcomes[operations_[p->operation]] = {p->failed, {p->code}, {}};
    } else if (const auto* s = std::get_if<mqtt::subscribe_done>(&e)) {
        if (s->operation != 0) seen_.outcomes[operations_[s->operation]] = {s->failed, s->codes, {}};
    } else if (const auto* u = std::get_if<mqtt::unsubscribe_done>(&e)) {
        seen_.outcomes[operations_[u->operation]] = {u->failed, u->codes, {}};
    } else if (const auto* i = std::get_if<mqtt::ping_done>(&e)) {
        seen_.outcomes[operations_[i->operation]] = {i->failed, {}, {}};
    } else if (const auto* r = std::get_if<mqtt::reauthenticate_done>(&e)) {
        seen_.outcomes[operations_[r->operation]] = {r->failed, {}, {}};
    } else if (const auto* a = std::get_if<mqtt::auth_challenge>(&e)) {
        answer(*a);
    } else if (const auto* up = std::get_if<mqtt::connected>(&e)) {
        seen_.connections.push_back(*up);
        seen_.life.emplace_back("up");
        up_ = true;
    } else if (const auto* asked = std::get_if<mqtt::release_requested>(&e)) {
        seen_.releases.push_back(asked->request);
    } else if (const auto name = name_of(e); !name.empty()) {
        seen_.events.push_back(name);
    }
}

/// As the client does it, which asks the application away from its lane.
void session_subject::answer(const mqtt::auth_challenge& challenge) {
    const auto not_content = [](const error& e) {
        return e ? error{mqtt::errc::auth_failed, e.message()} : e;
    };
    if (challenge.stage == mqtt::auth_challenge::kind::finish)
        return session_.judge(not_content(exchange_->finish(challenge.received)), now_, events_);
    const auto next = exchange_->step(challenge.received);
    const auto failed = next ? session_.authenticate(*next, now_) : next.error();
    if (failed) session_.judge(not_content(failed), now_, events_);
}

void session_subject::send(const std::string& bytes_sent) {
    const std::size_t piece = bytewise_ ? 1 : bytes_sent.size();
    for (std::size_t at = 0; at < bytes_sent.size() && !asked_to_close_; at += piece) {
        session_.received(bytes::copy(std::string_view{bytes_sent}.substr(at, piece)), now_, events_);
        settle();
    }
}

void session_subject::pass_time_until(const std::function<bool()>& enough) {
    const auto until = now_ + patience;
    while (!enough() && !asked_to_close_) {
        const auto due = session_.deadline();
        if (!due || *due > until) return;
        now_ = std::max(now_, *due);
        session_.ticked(now_, events_);
        settle();
    }
}

std::string session_subject::next_packet() {
    pass_time_until([this] { return !output_.empty(); });
    const auto size = packet_size(output_);
    if (size == 0 || size > output_.size())
        throw failure{asked_to_close_ ? "the client closed instead" : "the client sent nothing"};
    auto packet = output_.substr(0, size);
    output_.erase(0, size);
    return packet;
}

void session_subject::silence(milliseconds how_long) {
    const auto until = now_ + how_long;
    while (output_.empty() && !asked_to_close_) {
        const auto due = session_.deadline();
        if (!due || *due > until) break;
        now_ = std::max(now_, *due);
        session_.ticked(now_, events_);
        settle();
    }
    if (!output_.empty()) throw failure{"expected silence, got " + mqtt::testing::to_hex(output_)};
    if (asked_to_close_) throw failure{"expected silence, but the client closed"};
    now_ = until;
}

void session_subject::expect_end() {
    pass_time_until([this] { return !output_.empty(); });
    if (!output_.empty()) throw failure{"expected the end, got " + mqtt::testing::to_hex(output_)};
    if (!asked_to_close_) throw failure{"the client did not close"};
    end(*asked_to_close_);
}

void session_subject::close() {
    end({mqtt::errc::peer_closed, "closed by the case"});
}

void session_subject::end(const error& reason) {
    session_.closed(reason, now_, events_);
    settle();
    output_.clear();
    seen_.ends.push_back(reason);
    seen_.life.emplace_back(std::exchange(up_, false) ? "down" : "failed");
}

template <class Result>
void session_subject::file(int operation, const Result& accepted) {
    if (accepted) {
        operations_[*accepted] = operation;
    } else {
        seen_.outcomes[operation] = {accepted.error(), {}, {}};
    }
    settle();
}

void session_subject::publish(mqtt::outgoing message, int operation) {
    file(operation, session_.publish(std::move(message), now_, events_));
}

void session_subject::subscribe(std::vector<mqtt::subscription> list, mqtt::properties props, int operation) {
    file(operation, session_.subscribe(std::move(list), std::move(props), now_));
}

void session_subject::unsubscribe(std::vector<std::string> filters, int operation) {
    file(operation, session_.unsubscribe(std::move(filters), now_));
}

void session_subject::ping(int operation) {
    file(operation, session_.ping(now_));
}

void session_subject::reauthenticate(int operation) {
    if (!options_.auth) {
        seen_.outcomes[operation] = {error{mqtt::errc::auth_not_configured}, {}, {}};
        return;
    }
    auto next = options_.auth();
    const auto accepted = session_.reauthenticate(next->start().value(), now_);
    if (accepted) exchange_ = std::move(next);
    file(operation, accepted);
}

void session_subject::request(mqtt::outgoing, milliseconds, int) {
    throw failure{"a session makes no requests; the case is for the client only"};
}

void session_subject::acknowledge(const mqtt::ack_outcome& outcome) {
    session_.acknowledge({&outcome, 1}, now_, events_);
    settle();
}

void session_subject::answer(
    const mqtt::ack_token& token, mqtt::reason_code code, mqtt::properties props, int operation) {
    seen_.outcomes[operation] = {session_.acknowledge(token, code, std::move(props), now_, events_), {}, {}};
    settle();
}

void session_subject::send_ack(const mqtt::ack& packet, int operation) {
    seen_.outcomes[operation] = {session_.send_ack(packet, now_), {}, {}};
    settle();
}

void session_subject::release(std::uint64_t request) {
    session_.release(request, now_, events_);
    settle();
}

void session_subject::demand(std::size_t messages) {
    session_.demand(messages, now_, events_);
    settle();
}

void session_subject::pause() {
    session_.pause(now_);
}

void session_subject::resume() {
    session_.resume(now_, events_);
    settle();
}

void session_subject::disconnect(mqtt::reason_code code, mqtt::properties props) {
    session_.disconnect(code, std::move(props), now_, events_);
    settle();
}

void session_subject::abort() {
    session_.abort(events_);
    settle();
    if (!output_.empty()) throw failure{"expected the end, got " + mqtt::testing::to_hex(output_)};
    end(error{mqtt::errc::aborted});
}

void session_subject::restart() {
    throw failure{"a session has no store here; the case is for the client only"};
}

void session_subject::let_handler_return() {
    throw failure{"a session calls no handler; the case is for the client only"};
}

std::vector<mqtt::granted_subscription> session_subject::subscriptions() {
    return session_.subscriptions();
}

bool session_subject::observe(const std::function<bool(const observations&)>& holds) {
    return holds(seen_);
}

} // namespace weir::conformance
