#include "lossy_world.hpp"

#include <weir/mqtt/codec/encoder.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <algorithm>
#include <array>

namespace weir::mqtt::model {
namespace {

client_options options_of(const lossy_world::settings& s) {
    client_options o;
    o.proto_ver = s.version;
    o.clientid = "modelled";
    o.clean_start = false;
    o.keepalive = std::chrono::seconds{0};
    if (s.version == protocol_version::v5) {
        o.session_expiry = 3600;
        o.receive_maximum = s.window;
        o.strict_receive_maximum = true;
    } else {
        o.receive_window = s.window;
    }
    o.max_inflight = s.window;
    return o;
}

bytes encoded(const packet& p, protocol_version version) {
    output_buffer out;
    encode(p, version, out);
    std::string text;
    for (const auto& part : out.segments())
        text.append(reinterpret_cast<const char*>(part.data()), part.size());
    return bytes::copy(text);
}

qos level_of_turn(int number) {
    return number % 2 != 0 ? qos::at_least_once : qos::exactly_once;
}

} // namespace

lossy_world::lossy_world(const settings& s)
    : settings_(s)
    , options_(options_of(s))
    , client_(options_)
    , broker_(s.window)
    , from_client_({peer::client, s.version})
    , offers_left_(s.offered)
    , publishes_left_(s.published)
    , losses_left_(s.losses)
    , expiries_left_(s.expiries) {
    client_.demand(1'000'000, now_, events_);
    for (int number = 1; number <= s.offered; ++number) {
        level_of_[number] = level_of_turn(number);
        broker_.offer(number, level_of_[number]);
    }
    connect();
    deliver_to_client(); // CONNACK
}

// ---- moves

std::vector<lossy_world::move> lossy_world::moves() const {
    std::vector<move> list;
    if (!to_client_.empty()) list.push_back({step::to_client});
    if (!to_server_.empty()) list.push_back({step::to_server});
    if (broker_.can_send()) list.push_back({step::offer});
    if (publishes_left_ > 0) list.push_back({step::publish});
    for (std::size_t i = 0; i < held_.size(); ++i) {
        list.push_back({step::process, i});
        if (settings_.defers && !held_[i].deferred) list.push_back({step::defer, i});
    }
    list.push_back({step::break_link});
    if (losses_left_ > 0) list.push_back({step::lose_session});
    if (expiries_left_ > 0 && broker_.can_expire()) list.push_back({step::expire});
    return list;
}

void lossy_world::make(const move& m) {
    switch (m.what) {
    case step::to_client: deliver_to_client(); break;
    case step::to_server: deliver_to_server(); break;
    case step::offer: {
        std::vector<packet> out;
        broker_.send_next(out);
        to_client_.insert(to_client_.end(), out.begin(), out.end());
        break;
    }
    case step::publish: publish_next(); break;
    case step::process: process(m.which); break;
    case step::defer: defer(m.which); break;
    case step::lose_session:
        --losses_left_;
        broker_.forget_session();
        ids_in_flight_.clear();
        ++epoch_;
        reconnect();
        break;
    case step::break_link: reconnect(); break;
    case step::expire:
        --expiries_left_;
        broker_.expire_oldest();
        reconnect();
        break;
    }
    check_window();
}

void lossy_world::connect() {
    client_.opened(now_);
    output_buffer ignored; // CONNECT
    client_.take_output(ignored);
    from_client_.reset({peer::client, settings_.version});
    arrival_order_.clear();
    last_puback_ = last_pubrec_ = 0;
    std::vector<packet> out;
    broker_.connect(out);
    to_client_.assign(out.begin(), out.end());
}

void lossy_world::reconnect() {
    to_client_.clear();
    to_server_.clear();
    client_.closed(error{errc::peer_closed}, now_, events_);
    take_events();
    connect();
    deliver_to_client(); // CONNACK
}

void lossy_world::deliver_to_client() {
    const packet p = to_client_.front();
    to_client_.pop_front();
    if (const auto* m = std::get_if<publish>(&p)) arrival_order_[m->packet_id] = ++arrivals_;
    note_final_answer(p);
    client_.received(encoded(p, settings_.version), now_, events_);
    take_events();
    take_output();
}

void lossy_world::deliver_to_server() {
    const packet p = to_server_.front();
    to_server_.pop_front();
    std::vector<packet> out;
    broker_.received(p, out);
    if (!broker_.complaint().empty()) blame("the server got " + broker_.complaint());
    to_client_.insert(to_client_.end(), out.begin(), out.end());
}

void lossy_world::publish_next() {
    --publishes_left_;
    const int number = next_publish_++;
    outgoing o;
    o.topic = bytes::over_static("t");
    o.payload = bytes::copy(std::to_string(number));
    o.qos = level_of_turn(number);
    const auto operation = client_.publish(std::move(o), now_, events_);
    if (!operation) return blame("a publish was refused");
    publishing_[*operation] = number;
    take_events();
    take_output();
}

void lossy_world::process(std::size_t which) {
    const held h = held_[which];
    held_.erase(held_.begin() + static_cast<std::ptrdiff_t>(which));
    processed_.insert(h.number);
    const ack_outcome done{h.token, ack_outcome::decision::acknowledge, reason_code::success};
    const std::array twice{done, done}; // an application may say it again at any time
    client_.acknowledge(twice, now_, events_);
    take_events();
    take_output();
}

void lossy_world::defer(std::size_t which) {
    held_[which].deferred = true;
    const ack_outcome later{held_[which].token, ack_outcome::decision::defer, reason_code::success};
    client_.acknowledge(std::span{&later, 1}, now_, events_);
    take_events();
    take_output();
}

// ---- what the client says

void lossy_world::take_output() {
    output_buffer out;
    client_.take_output(out);
    for (const auto& part : out.segments())
        from_client_.feed(bytes::copy(part));
    client_.written(now_, events_);
    packet p;
    while (from_client_.next(p) == decoder::outcome::ready) {
        check_sent(p);
        to_server_.push_back(p);
    }
    take_events();
}

void lossy_world::take_events() {
    for (const event& e : events_) {
        if (const auto* m = std::get_if<message_received>(&e)) {
            const int number = std::stoi(std::string(m->received.payload.text()));
            const int times = ++handed_out_[{epoch_, number}];
            if (m->token.level == qos::exactly_once && times > 1)
                blame("QoS 2 message " + std::to_string(number) + " was handed out twice");
            held_.push_back({m->token, number, epoch_, false});
        } else if (const auto* done = std::get_if<publish_done>(&e)) {
            const int number = publishing_[done->operation];
            if (confirmed_.count(number) + failed_.count(number) != 0)
                blame("a second outcome of one publish");
            (done->failed ? failed_ : confirmed_).insert(number);
            if (!done->failed && broker_.arrived().count(number) == 0)
                blame("a publish succeeded that never arrived");
        } else if (const auto* close = std::get_if<close_requested>(&e)) {
            blame("the client closed: " + close->reason.message());
        }
    }
    events_.clear();
}

void lossy_world::check_sent(const packet& p) {
    if (const auto* a = std::get_if<ack>(&p)) check_ack(*a);
    const auto* m = std::get_if<publish>(&p);
    if (m == nullptr) return;
    const bool fresh = ids_in_flight_.insert(m->packet_id).second;
    if (fresh == m->dup)
        blame(
            "PUBLISH " + std::to_string(m->packet_id) +
            (fresh ? " has DUP set at its first sending" : " uses an id that is in flight"));
    if (ids_in_flight_.size() > settings_.window) blame("the outbound window was exceeded");
}

void lossy_world::check_ack(const ack& a) {
    if (a.type != ack_type::puback && a.type != ack_type::pubrec) return;
    const auto arrived = arrival_order_.find(a.packet_id);
    if (arrived == arrival_order_.end()) return blame("an ack without its PUBLISH on this connection");
    auto& last = a.type == ack_type::puback ? last_puback_ : last_pubrec_;
    if (arrived->second < last) blame("an ack out of order");
    last = arrived->second;
    const int number = broker_.message_of(a.packet_id);
    if (processed_.count(number) == 0)
        blame("message " + std::to_string(number) + " was acknowledged and not processed");
}

void lossy_world::note_final_answer(const packet& p) {
    const auto* a = std::get_if<ack>(&p);
    if (a != nullptr && (a->type == ack_type::puback || a->type == ack_type::pubcomp))
        ids_in_flight_.erase(a->packet_id);
}

void lossy_world::check_window() {
    const auto s = client_.stats();
    if (s.window_used > settings_.window) blame("more handed out than the window holds");
    if (s.outbound_inflight > settings_.window) blame("more in flight than the window holds");
}

// ---- the end

void lossy_world::settle() {
    settings_.defers = false;
    losses_left_ = expiries_left_ = 0;
    for (int round = 0; round < 1'000 && fault_.empty(); ++round) {
        auto list = moves();
        list.erase(
            std::remove_if(
                list.begin(), list.end(), [](const move& m) { return m.what == step::break_link; }),
            list.end());
        if (!list.empty()) {
            make(list.front());
        } else if (!broker_.is_idle()) {
            make({step::break_link}); // deferred acks leave when the messages come again
        } else {
            return check_end();
        }
    }
    if (fault_.empty()) blame("it never came to rest");
}

void lossy_world::check_end() {
    const auto s = client_.stats();
    if (s.window_used != 0) blame("a place in the window leaked");
    // An expired message never comes again to take its ack.
    const auto expired = static_cast<std::size_t>(settings_.expiries);
    if (s.acks_held > expired || s.deferred > expired) blame("an ack was never sent");
    if (s.read_ahead != 0) blame("a message was never handed out");
    if (s.outbound_inflight != 0 || s.send_queue != 0) blame("a publish was never finished");
    for (const auto& [number, level] : level_of_)
        if (processed_.count(number) == 0 && broker_.gone().count(number) == 0)
            blame("message " + std::to_string(number) + " was lost");
    for (int number = 1; number < next_publish_; ++number) {
        const bool arrived = broker_.arrived().count(number) != 0;
        if (confirmed_.count(number) + failed_.count(number) == 0) blame("a publish without an outcome");
        if (!arrived && failed_.count(number) == 0) blame("a publish was lost");
        if (level_of_turn(number) == qos::exactly_once && arrived && broker_.arrived().at(number) > 1)
            blame("a QoS 2 publish arrived twice");
    }
}

void lossy_world::blame(const std::string& text) {
    if (fault_.empty()) fault_ = text;
}

} // namespace weir::mqtt::model
