#include "require.hpp"
#include "tape.hpp"

#include <weir/mqtt/codec/decoder.hpp>
#include <weir/mqtt/codec/encoder.hpp>
#include <weir/mqtt/session/session.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// A session under any calls of its application, any packets and any bytes of its server, losses, time and a
/// store that may fail. What it sends must be packets; every operation has one outcome; nothing is
/// acknowledged that the application has not; and no queue grows beyond its bound.
namespace weir::fuzz {
namespace {

using namespace weir::mqtt;

constexpr std::size_t send_queue = 4;

client_options options_from(tape& t) {
    constexpr protocol_version versions[]{protocol_version::v3, protocol_version::v4, protocol_version::v5};
    client_options o;
    o.proto_ver = versions[t.below(3)];
    o.clientid = "fuzz";
    const auto first = t.byte();
    const auto second = t.byte();
    const bool v5 = o.proto_ver == protocol_version::v5;
    o.clean_start = (first & 1) != 0;
    o.raw_acks = (first & 2) != 0;
    o.confirm_release = (first & 4) != 0;
    o.strict_order = (first & 8) != 0;
    if ((first & 16) != 0) o.ack_order = ack_order::relaxed;
    if ((first & 32) != 0) o.oversize = oversize::discard;
    if ((first & 64) != 0) o.complete_on = complete_on::pubrec;
    if ((first & 128) != 0) o.store.path = "virtual";
    o.retry_calls_on_reconnect = (second & 1) != 0;
    if ((second & 2) != 0) o.retry_interval = std::chrono::milliseconds{100};
    if ((second & 4) != 0) o.qos0_buffer_policy = qos0_buffer_policy::pause_reading;
    if ((second & 8) != 0) o.on_session_lost_qos2 = on_session_lost::republish;
    if ((second & 16) != 0 && !o.store.path.empty()) o.qos2_receive = qos2_receive::store_first;
    o.session_strict = (second & 32) != 0;
    o.max_inflight = 2;
    o.send_queue_messages = send_queue;
    o.qos0_buffer_messages = 2;
    o.maximum_packet_size = 200;
    o.read_ahead_bytes = 500;
    if (!v5) {
        o.receive_window = 2;
        return o;
    }
    if ((first & 1) == 0) o.session_expiry = 3600;
    o.receive_maximum = 2;
    o.topic_alias_maximum = 2;
    if ((second & 64) != 0) o.topic_alias_out = topic_alias_out::automatic;
    o.strict_receive_maximum = (second & 128) != 0;
    return o;
}

properties some_properties(tape& t) {
    properties p;
    const auto which = t.byte();
    if ((which & 1) != 0) p.set(property_id::reason_string, "r");
    if ((which & 2) != 0) p.set(property_id::topic_alias, t.below(4));
    if ((which & 4) != 0) p.set(property_id::receive_maximum, t.below(4));
    if ((which & 8) != 0) p.set(property_id::maximum_packet_size, t.byte());
    if ((which & 16) != 0) p.set(property_id::authentication_method, t.flag() ? "m" : "n");
    if ((which & 32) != 0) p.add_user_property("k", "v");
    if ((which & 64) != 0) p.set(property_id::topic_alias_maximum, t.below(3));
    if ((which & 128) != 0) p.set(property_id::message_expiry_interval, t.below(3));
    return p;
}

/// What a server may say, and what it may not: ids and codes come from small sets, so that they meet.
packet server_packet(tape& t) {
    const auto id = [&t] { return static_cast<std::uint16_t>(t.below(5)); };
    const auto code = [&t] {
        constexpr std::uint8_t codes[]{0, 0, 0, 1, 2, 0x10, 0x18, 0x80, 0x87, 0x92, 0x97};
        return static_cast<reason_code>(codes[t.below(std::size(codes))]);
    };
    const auto several_codes = [&] {
        std::vector<reason_code> all(t.below(4));
        for (auto& c : all)
            c = code();
        return all;
    };
    switch (t.below(10)) {
    case 0: return connack{t.flag(), t.flag() ? std::uint8_t{0} : t.byte(), some_properties(t)};
    case 1:
    case 2:
    case 3: {
        publish p;
        p.qos = static_cast<qos>(t.below(3));
        p.packet_id = p.qos == qos::at_most_once ? std::uint16_t{0} : id();
        p.dup = t.flag();
        p.retain = t.flag();
        p.topic = bytes::copy(t.below(4) == 0 ? "" : "t");
        p.payload = bytes::copy(t.text());
        p.props = some_properties(t);
        return p;
    }
    case 4:
    case 5: return ack{static_cast<ack_type>(4 + t.below(4)), id(), code(), some_properties(t)};
    case 6: return suback{id(), several_codes(), some_properties(t)};
    case 7: return unsuback{id(), several_codes(), some_properties(t)};
    case 8: return pingresp{};
    default:
        return t.flag() ? packet{disconnect{code(), some_properties(t)}}
                        : packet{auth{code(), some_properties(t)}};
    }
}

class world {
  public:
    world(client_options o, tape& t)
        : options_(std::move(o))
        , tape_(t)
        , session_(options_) {}

    void run() {
        if (has_store(options_)) {
            const auto failed = session_.restore({}, now_, std::chrono::milliseconds{1'000'000}, events_);
            require(!failed, "an empty store is restored");
        }
        while (!tape_.at_end())
            step();
        session_.abort(events_);
        look();
        for (const auto& [operation, outcomes] : outcomes_)
            require(outcomes == 1, "every operation has one outcome when the session is aborted");
    }

  private:
    void step() {
        switch (tape_.below(26)) {
        case 0:
        case 1: open(); break;
        case 2: from_server(bytes::copy(tape_.text())); break;
        case 3:
        case 4:
        case 5:
        case 6: packet_from_server(); break;
        case 7: close(); break;
        case 8: wait(); break;
        case 9:
        case 10: publish_one(); break;
        case 11: subscribe_some(); break;
        case 12: note(session_.unsubscribe({"a"}, now_)); break;
        case 13: decide(ack_outcome::decision::acknowledge); break;
        case 14: decide(ack_outcome::decision::defer); break;
        case 15: decide(ack_outcome::decision::let_go); break;
        case 16: answer(); break;
        case 17: session_.pause(now_); break;
        case 18: session_.resume(now_, events_); break;
        case 19: session_.demand(tape_.below(4), now_, events_); break;
        case 20: leave(); break;
        case 21: note(session_.ping(now_)); break;
        case 22: session_.release(release_, now_, events_); break;
        case 23: cancel(); break;
        case 24: store(); break;
        case 25: by_hand(); break;
        default: break;
        }
        look();
        write();
        require(session_.stats().send_queue <= send_queue, "the send queue keeps to its bound");
        require(session_.stats().outbound_inflight <= 2, "the window keeps to its bound");
    }

    void open() {
        if (open_) return;
        open_ = true;
        closing_ = false;
        from_client_.reset({.sender = peer::client, .version = options_.proto_ver});
        connect_extras extras;
        if (options_.proto_ver == protocol_version::v5 && tape_.below(4) == 0) extras.auth_method = "m";
        session_.opened(now_, std::move(extras));
    }

    void from_server(bytes chunk) {
        if (open_ && !closing_) session_.received(std::move(chunk), now_, events_);
    }

    void packet_from_server() {
        output_buffer out;
        encode(server_packet(tape_), options_.proto_ver, out);
        std::string flat;
        for (const auto part : out.segments())
            flat.append(reinterpret_cast<const char*>(part.data()), part.size());
        from_server(bytes::copy(flat));
    }

    void close() {
        if (!std::exchange(open_, false)) return;
        session_.closed({errc::peer_closed, "fuzz"}, now_, events_);
    }

    void wait() {
        const auto until = now_ + std::chrono::milliseconds{100 * tape_.byte()};
        for (int turns = 0; turns < 1'000; ++turns) {
            const auto due = session_.deadline();
            if (!due || *due > until) break;
            now_ = std::max(now_, *due);
            session_.ticked(now_, events_);
            look();
        }
        now_ = until;
    }

    void publish_one() {
        outgoing m;
        m.topic = bytes::copy(tape_.below(8) == 0 ? "" : "t");
        m.qos = static_cast<qos>(tape_.below(3));
        m.payload = bytes::copy(tape_.text());
        m.props = some_properties(tape_);
        if (tape_.below(4) == 0) m.deadline = std::chrono::milliseconds{tape_.byte()};
        note(session_.publish(std::move(m), now_, events_));
    }

    void subscribe_some() {
        std::vector<subscription> list(tape_.below(4));
        for (auto& s : list)
            s = {.filter = tape_.flag() ? "a" : "b/#", .qos = static_cast<qos>(tape_.below(3))};
        note(session_.subscribe(std::move(list), some_properties(tape_), now_));
    }

    void note(const result<operation_id>& accepted) {
        if (accepted) outcomes_.try_emplace(*accepted, 0);
    }

    [[nodiscard]] std::optional<ack_token> some_token() {
        if (tokens_.empty()) return std::nullopt;
        return tokens_[tape_.byte() % tokens_.size()];
    }

    void decide(ack_outcome::decision verdict) {
        const auto token = some_token();
        if (!token) return;
        if (verdict == ack_outcome::decision::acknowledge) acknowledged_.insert(token->packet_id);
        // What is in the store comes again with the number that it has there.
        if (verdict == ack_outcome::decision::let_go && stored_.contains(token->delivery))
            delivered_.erase(token->delivery);
        const ack_outcome one{.token = *token, .verdict = verdict};
        session_.acknowledge({&one, 1}, now_, events_);
    }

    void answer() {
        const auto token = some_token();
        if (!token) return;
        acknowledged_.insert(token->packet_id);
        const auto code = tape_.flag() ? reason_code::success : reason_code::quota_exceeded;
        (void)session_.acknowledge(*token, code, some_properties(tape_), now_, events_);
    }

    void leave() {
        if (tape_.flag()) return session_.drain(tape_.flag(), now_, events_);
        if (open_) session_.disconnect(reason_code::normal_disconnection, {}, now_, events_);
    }

    void cancel() {
        if (outcomes_.empty()) return;
        auto one = outcomes_.begin();
        std::advance(one, tape_.byte() % outcomes_.size());
        session_.cancel(one->first, now_, events_);
    }

    void store() {
        if (!has_store(options_)) return;
        const auto changes = session_.take_changes(now_);
        if (!changes) return;
        if (tape_.flag())
            session_.stored({.bytes = 100}, now_, events_);
        else
            session_.store_failed({errc::store_full, "fuzz"}, now_, events_);
    }

    /// Authentication, and acks of the application's own.
    void by_hand() {
        switch (tape_.below(4)) {
        case 0: session_.authenticate({.data = "d", .props = {}}, now_); break;
        case 1: session_.judge(tape_.flag() ? error{errc::auth_failed} : error{}, now_, events_); break;
        case 2: note(session_.reauthenticate({.data = "d", .props = {}}, now_)); break;
        default:
            (void)session_.send_ack(
                {static_cast<ack_type>(4 + tape_.below(4)), static_cast<std::uint16_t>(tape_.below(5))},
                now_);
        }
    }

    // -- what comes of it

    void look() {
        for (const auto& e : std::exchange(events_, {}))
            std::visit([this](const auto& one) { see(one); }, e);
    }

    template <class Event>
    void see(const Event& e) {
        if constexpr (requires { e.operation, e.failed; }) {
            if (e.operation == 0) return; // a resubscription
            require(++outcomes_[e.operation] == 1, "no operation has two outcomes");
        } else if constexpr (std::is_same_v<Event, message_received>) {
            if (e.token.delivery == 0) return;
            require(delivered_.insert(e.token.delivery).second, "no delivery has the number of another");
            if (e.stored != 0) stored_.insert(e.token.delivery);
            tokens_.push_back(e.token);
        } else if constexpr (std::is_same_v<Event, close_requested>) {
            closing_ = true;
        } else if constexpr (std::is_same_v<Event, release_requested>) {
            release_ = e.request;
        }
    }

    void write() {
        output_buffer out;
        session_.take_output(out);
        if (out.empty()) return;
        require(open_, "nothing is sent without a connection");
        for (const auto part : out.segments())
            from_client_.feed(bytes::copy(part));
        session_.written(now_, events_);
        look();
        packet p;
        for (;;) {
            const auto got = from_client_.next(p);
            require(got != decoder::outcome::failed, "what is sent is well-formed");
            if (got != decoder::outcome::ready) break;
            if (const auto* a = std::get_if<ack>(&p)) check_ack(*a);
        }
        require(from_client_.buffered() == 0, "packets are sent whole");
    }

    /// Where the session acknowledges: what a store or a discarded message leads to is none of the
    /// application's.
    void check_ack(const ack& a) const {
        const bool received = a.type == ack_type::puback || a.type == ack_type::pubrec;
        if (!received || options_.raw_acks || options_.oversize == oversize::discard) return;
        if (options_.qos2_receive == qos2_receive::store_first) return;
        require(acknowledged_.contains(a.packet_id), "nothing is acknowledged before the application does");
    }

    const client_options options_;
    tape& tape_;
    session session_;
    decoder from_client_{{.sender = peer::client}};
    time_point now_{std::chrono::hours{1}};
    events events_;
    bool open_{false};
    bool closing_{false};
    std::map<operation_id, int> outcomes_;
    std::vector<ack_token> tokens_;
    std::set<std::uint64_t> delivered_;
    std::set<std::uint64_t> stored_; ///< of those, in the session store
    std::set<std::uint16_t> acknowledged_;
    std::uint64_t release_{0};
};

void run(std::string_view input) {
    tape t{input};
    auto o = options_from(t);
    if (!check(o).empty()) return;
    world{std::move(o), t}.run();
}

} // namespace
} // namespace weir::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    weir::fuzz::run({reinterpret_cast<const char*>(data), size});
    return 0;
}
