#pragma once

#include "session/authentication.hpp"
#include "session/close_cause.hpp"
#include "session/drop_report.hpp"
#include "session/handshake.hpp"
#include "session/inbound.hpp"
#include "session/journal.hpp"
#include "session/keep_alive.hpp"
#include "session/outbound.hpp"
#include "session/outbox.hpp"
#include "session/oversize_loop.hpp"
#include "session/packet_ids.hpp"
#include "session/pending_calls.hpp"
#include "session/pings.hpp"
#include "session/server_limits.hpp"
#include "session/stored_form.hpp"
#include "session/subscription_table.hpp"

#include <weir/mqtt/codec/decoder.hpp>
#include <weir/mqtt/session/session.hpp>

#include <utility>

namespace weir::mqtt {

/// Wires the parts of a session together: each call and each packet goes to the part whose matter it is.
class session::impl {
  public:
    explicit impl(client_options options);
    impl(const impl&) = delete;
    impl& operator=(const impl&) = delete;

    [[nodiscard]] error opened(time_point now, connect_extras extras);
    void received(bytes chunk, time_point now, events& ev);
    void closed(const error& reason, time_point now, events& ev);
    void ticked(time_point now, events& ev);
    [[nodiscard]] std::optional<time_point> deadline() const noexcept;
    void take_output(output_buffer& out);

    [[nodiscard]] bool has_output() const noexcept { return !outbox_.empty(); }

    [[nodiscard]] bool has_room(std::size_t bytes) const noexcept { return outbound_.has_room(bytes); }

    void written(time_point now, events& ev);

    [[nodiscard]] bool has_more() const noexcept { return behind_; }

    /// Not from a server that does not read the answers either.
    [[nodiscard]] bool wants_read() const noexcept {
        return inbound_.wants_read() && !is_held() && !behind_ && !outbox_.has_too_many_answers();
    }

    void demand(std::size_t messages, time_point now, events& ev);

    void pause() noexcept { inbound_.pause(); }

    void resume(time_point now, events& ev);
    void drain(bool everything, time_point now, events& ev);
    void acknowledge(std::span<const ack_outcome> outcomes, time_point now, events& ev);
    [[nodiscard]] error acknowledge(
        const ack_token& token, reason_code code, properties props, time_point now, events& ev);
    void release(std::uint64_t request, time_point now, events& ev);
    [[nodiscard]] error send_ack(const ack& a, time_point now);
    [[nodiscard]] result<operation_id> publish(outgoing message, time_point now, events& ev);
    [[nodiscard]] result<operation_id> subscribe(
        std::vector<subscription> list, properties props, time_point now);
    [[nodiscard]] result<operation_id> unsubscribe(
        std::vector<std::string> filters, properties props, time_point now);
    void cancel(operation_id operation, time_point now, events& ev);
    [[nodiscard]] result<operation_id> ping(time_point now);
    [[nodiscard]] result<operation_id> reauthenticate(const auth_message& first, time_point now);
    [[nodiscard]] error authenticate(const auth_message& answer, time_point now);
    void judge(error failed, time_point now, events& ev);
    [[nodiscard]] error check_disconnect(reason_code code, const properties& props) const;
    void disconnect(reason_code code, properties props, time_point now, events& ev);
    void abort(events& ev);

    [[nodiscard]] bool is_connected() const noexcept { return phase_ == phase::connected; }

    [[nodiscard]] const std::string& client_id() const noexcept { return handshake_.client_id(); }

    [[nodiscard]] session_stats stats() const noexcept;

    [[nodiscard]] std::vector<granted_subscription> subscriptions() const { return table_.list(); }

    [[nodiscard]] error restore(const store_content& content, time_point now, wall_time today, events& ev);

    [[nodiscard]] std::shared_ptr<const journal::batch> take_changes(time_point now) {
        return journal_.take(now);
    }

    void stored(const store_usage& in_use, time_point now, events& ev);
    void store_failed(const error& why, time_point now, events& ev);

  private:
    enum class phase : std::uint8_t {
        offline,
        connecting, ///< CONNECT is out, CONNACK is awaited
        connected,
        closing ///< the shell was asked to close; nothing is sent or taken any more
    };

    [[nodiscard]] bool takes_packets() const noexcept {
        return phase_ == phase::connecting || phase_ == phase::connected;
    }

    /// Nothing that was received is looked at: CONNACK has to be judged, or a fresh session to be stored.
    [[nodiscard]] bool is_held() const noexcept {
        return held_connack_ || !journal_.is_durable(session_stored_);
    }

    /// So many of one call are told before more is taken from what was read.
    static constexpr std::size_t most_events = 10'000;

    void note_session(const connected& info, bool fresh);
    void expect_end_of_session(const error& reason, time_point now);
    void end_session(events& ev);
    void watch_reading(time_point now);
    void decode(time_point now, events& ev);
    void undecodable(events& ev);

    // -- packets, by kind
    void dispatch(time_point now, events& ev);
    void on(mqtt::publish& p, time_point now, events& ev);
    void on(ack& a, time_point now, events& ev);
    void on(connack& c, time_point now, events& ev);
    void on(suback& s, time_point now, events& ev);
    void on(unsuback& u, time_point now, events& ev);
    void on(mqtt::disconnect& d, time_point now, events& ev);
    void on(auth& a, time_point now, events& ev);

    void on(pingresp& p, time_point now, events& ev);

    template <class ClientPacket>
    void on(ClientPacket&, time_point now, events& ev);

    void accepted(const connack& c, time_point now, events& ev);
    void refused(const connack& c, close_cause&& cause, events& ev);
    [[nodiscard]] bool may_fall_back() const noexcept;
    void fall_back(events& ev);
    void connection_stands(handshake::outcome& o, time_point now, events& ev);
    void end_connection(const close_cause& cause, events& ev);
    void end_on(std::optional<close_cause> cause, events& ev);
    [[nodiscard]] result<operation_id> counted(std::optional<error> fault, time_point now);
    [[nodiscard]] result<operation_id> called(std::optional<error> fault, time_point now);

    template <class Packet>
    [[nodiscard]] std::optional<error> refuse(const Packet& p) const;

    [[nodiscard]] result<mqtt::disconnect> goodbye(reason_code code, properties props) const;
    void say_goodbye(reason_code code, properties props, std::string& remark);
    void note_sent(time_point now) noexcept;
    void end_turn(time_point now, events& ev);

    client_options options_;
    journal journal_;
    packet_ids ids_{};
    drop_report drops_{};
    outbox outbox_;
    decoder decoder_;
    packet packet_{}; ///< kept between packets, so that its memory is used again
    handshake handshake_;
    authentication auth_;
    std::optional<connack> held_connack_{}; ///< until the application has judged it
    keep_alive keep_alive_{};
    pings pings_;
    oversize_loop oversize_{};
    inbound inbound_;
    outbound outbound_;
    subscription_table table_;
    pending_calls calls_;
    server_limits server_{}; ///< of this connection

    phase phase_{phase::offline};
    stored_session kept_{};                          ///< as the store has it
    journal::mark session_stored_{journal::durable}; ///< before it nothing of a fresh session is handled
    std::optional<time_point> session_ends_{};       ///< at the server, without a connection before that
    bool behind_{false};                             ///< something that was read is not looked at yet
    bool reads_{true};                               ///< when last asked
    std::uint64_t events_held_{0};
    std::uint64_t reading_stopped_{0};
    std::uint64_t oversize_packets_{0};
    std::uint64_t calls_refused_{0};
    bool ready_reported_{false};
    bool version_refused_{false}; ///< by the server of the last connection
    std::uint32_t connection_{0};
    operation_id next_operation_{1};
    time_point connect_sent_{};
    std::chrono::seconds keep_alive_in_force_{0};
    std::uint64_t packets_seen_{0}; ///< of the outbox, when last looked
    std::uint64_t bytes_received_{0};
    std::uint64_t packets_received_{0};
    std::array<std::uint64_t, 16> received_by_type_{};
    std::array<std::uint64_t, 16> received_bytes_by_type_{};
};

} // namespace weir::mqtt
