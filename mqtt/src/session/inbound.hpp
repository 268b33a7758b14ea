#pragma once

#include "session/backlog.hpp"
#include "session/close_cause.hpp"
#include "session/drop_report.hpp"
#include "session/fifo.hpp"
#include "session/held_releases.hpp"
#include "session/inbound_ledger.hpp"
#include "session/outbox.hpp"
#include "session/qos0_queue.hpp"
#include "session/topic_aliases.hpp"

#include <weir/mqtt/options.hpp>
#include <weir/mqtt/session/session.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace weir::mqtt {

/// The way of received messages to the application: aliases resolved, QoS 1 and 2 entered in the ledger,
/// handed out as far as demand and window go, waiting here when they do not.
///
/// Messages are handed out in the order of arrival; a full window holds up QoS 1 and 2 only. While more QoS 0
/// has come than can wait, those of QoS 0 and the others take turns, each in their order of arrival, so that
/// neither are held up by the number of the other.
class inbound {
  public:
    /// Reports what it lets go to `drops`. The references outlive it.
    inbound(const client_options& options, drop_report& drops, journal& kept);

    /// What an earlier process received and neither the server nor the application was done with. `store`:
    /// the name of where it comes from.
    void restore(
        const stored_state& before, const std::string& store, time_point now, wall_time today, events& ev);

    /// More is durable than before.
    void journal_moved(outbox& out, events& ev);

    /// Tells which stored messages are done with for good. Needs no connection.
    void tell_done(events& ev);

    /// Options of another version; nothing was received so far.
    void change_version(const client_options& options);

    void opened(std::uint32_t connection, bool session_resumed, std::size_t largest_packet);

    /// Takes a PUBLISH. Nothing when it was sound, else why the connection must end.
    [[nodiscard]] std::optional<close_cause> received(publish& p, time_point now, outbox& out, events& ev);

    /// Takes what is left of a PUBLISH that was too large: it is acknowledged in its turn and not delivered.
    [[nodiscard]] std::optional<close_cause> received_oversize(
        const publish& p, std::uint32_t size, outbox& out, events& ev);

    [[nodiscard]] std::optional<close_cause> received_pubrel(const ack& a, outbox& out, events& ev);

    void acknowledge(std::span<const ack_outcome> outcomes);

    /// One, with what its ack is to say; an error when nothing comes of it.
    [[nodiscard]] error acknowledge(const ack_token& token, reason_code code, properties props);

    /// Lets the PUBCOMP go that `release_requested` told of.
    void release(std::uint64_t request, outbox& out) {
        if (const auto answer = releases_.release(request)) complete(*answer, out);
    }

    /// Sends the acks whose turn has come and delivers what that makes room for.
    void release(outbox& out, events& ev);

    /// Before the connection is left for good: the acks that were kept back for the server's sake.
    void release_for_leaving(outbox& out);

    void demand(std::size_t messages, events& ev);

    void pause() noexcept { paused_ = true; }

    void resume(events& ev);
    void drain(bool everything, events& ev);

    void connection_lost();
    void session_lost(events& ev);

    /// False while what waits here has reached its bound.
    [[nodiscard]] bool wants_read() const noexcept {
        return waiting_bytes_ < options_.read_ahead_bytes && !qos0_.blocks_reading();
    }

    void fill(session_stats& s) const noexcept;

  private:
    /// A QoS 1 or 2 message that waits; its content is in the ledger.
    struct waiting {
        ack_token token{};
        std::uint64_t order{0};
        time_point at{};
        std::size_t size{0};
    };

    /// Counted for each of them besides topic and payload, so that empty ones are bounded too.
    static constexpr std::size_t waiting_overhead = 64;

    [[nodiscard]] std::optional<close_cause> resolve_topic(publish& p);
    [[nodiscard]] std::optional<close_cause> take_acknowledged(
        publish& p, time_point now, outbox& out, events& ev);
    [[nodiscard]] std::optional<close_cause> refuse(
        const ack_token& token, reason_code code, outbox& out, events& ev);
    [[nodiscard]] std::optional<close_cause> check_window();
    [[nodiscard]] bool goes_to_store(qos level) const noexcept;
    void take_over(const waiting& w);
    void take_over_waiting();
    [[nodiscard]] bool store_has_room(std::size_t size) const noexcept;
    void deliver_next_stored(events& ev);
    void complete(const held_releases::pubcomp& answer, outbox& out);
    void send_completions(outbox& out);
    void take_unacknowledged(publish& p, time_point now, events& ev);
    [[nodiscard]] bool is_misdeclared(const publish& p) const;
    void deliver_waiting(events& ev);
    [[nodiscard]] bool acknowledged_is_next();
    void deliver_next_waiting(events& ev);
    void deliver_next_qos0(events& ev);
    void drop_qos0(std::vector<bytes> topics, dropped::what why);
    void hand_out(publish&& p, const ack_token& token, time_point at, events& ev);

    void spend_demand() noexcept;

    [[nodiscard]] bool takes_more() const noexcept { return demand_ != 0 && !paused_; }

    [[nodiscard]] bool window_has_room(std::size_t size) const noexcept;

    struct settings {
        protocol_version version{};
        std::size_t window{0};
        std::size_t receive_maximum{0}; ///< 0 = the version has none
        std::size_t receive_bytes{0};
        std::size_t read_ahead_bytes{0};
        std::uint16_t topic_alias_maximum{0};
        bool validate_payload_format{false};
        bool strict_utf8{false};
        bool strict_receive_maximum{false};
        bool raw_acks{false};
        bool confirm_release{false};
        bool store_first{false};
        bool store_qos1{false};
    };

    [[nodiscard]] static settings settings_of(const client_options& options);
    [[nodiscard]] static inbound_ledger::rules rules_of(const client_options& options, std::size_t window);

    settings options_;
    journal& journal_;
    topic_aliases aliases_{};
    inbound_ledger ledger_;
    held_releases releases_{};
    fifo<held_releases::pubcomp> completions_{}; ///< that wait for the store; one for each packet id
    qos0_queue qos0_;
    fifo<waiting> waiting_{}; ///< at most one entry for each packet id
    backlog backlog_;
    fifo<waiting> unstored_{}; ///< for room in the store; as above
    std::size_t waiting_bytes_{0};
    std::uint64_t arrivals_{0};
    std::size_t demand_{0};
    bool paused_{false};
    bool qos0_turn_{false}; ///< where QoS 0 and the others take turns
    bool drained_{false};   ///< QoS 0 is not taken any more
    bool overrun_reported_{false};
    bool may_have_lost_count_{false}; ///< the server, of its Receive Maximum
    std::uint32_t connection_{0};
    drop_report& drops_;

    std::uint64_t delivered_{0};
    std::uint64_t duplicates_{0};
    std::uint64_t stale_acks_{0};
    std::uint64_t repeated_acks_{0};
    std::uint64_t qos0_dropped_{0};
    std::uint64_t window_filled_{0};
    std::uint64_t store_refused_{0};
};

} // namespace weir::mqtt
