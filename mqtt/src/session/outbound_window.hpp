#pragma once

#include "session/alias_out.hpp"
#include "session/close_cause.hpp"
#include "session/drop_report.hpp"
#include "session/fifo.hpp"
#include "session/id_table.hpp"
#include "session/journal.hpp"
#include "session/outbox.hpp"
#include "session/packet_ids.hpp"
#include "session/publish_deadlines.hpp"
#include "session/send_queue.hpp"
#include "session/server_limits.hpp"
#include "session/stored_form.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace weir::mqtt {

/// The QoS 1 and 2 publishes that were sent and are not answered in full, and the flow control over them
/// [MQTT 5.0, 4.9]. A place is taken from PUBLISH to PUBACK, PUBCOMP or a PUBREC of failure.
class outbound_window {
  public:
    struct rules {
        std::uint16_t limit{100};
        mqtt::complete_on complete_on{mqtt::complete_on::pubcomp};
        on_session_lost qos1_lost{on_session_lost::republish};
        on_session_lost qos2_lost{on_session_lost::fail};
        std::chrono::milliseconds retry_interval{0};
        bool raw_acks{false};
        bool resends{false}; ///< after that time, instead of only telling
    };

    /// The references outlive it.
    outbound_window(
        rules r, packet_ids& ids, publish_deadlines& deadlines, alias_out& aliases, drop_report& drops,
        journal& kept)
        : rules_(r)
        , ids_(ids)
        , deadlines_(deadlines)
        , aliases_(aliases)
        , drops_(drops)
        , journal_(kept) {}

    /// What an earlier process had sent, or was about to send.
    void restore(std::uint64_t key, publish message, const stored_flight& flight);

    /// More is durable than before: PUBRELs may leave.
    void journal_moved(outbox& out);

    /// What time it is for the calls that follow.
    void at(time_point now) noexcept { now_ = now; }

    /// Another version; nothing was sent so far.
    void change_version(protocol_version version) noexcept {
        rules_.resends = version != protocol_version::v5;
    }

    /// A new connection. Nothing of before has been sent on it yet.
    void opened(const server_limits& limits) noexcept;

    /// The session is there still: sends everything unanswered again, in the original order, as far as the
    /// window goes; the rest follows with `continue_resend` [MQTT-4.4.0-1, 4.6.0-1].
    void resume(outbox& out, events& ev);
    void continue_resend(outbox& out, events& ev);

    /// Whether a new message may be sent: there is room, and none has to be sent again before.
    [[nodiscard]] bool has_room() const noexcept { return used_ < limit_ && resend_.empty(); }

    /// Sends a new message under a fresh `packet_id`.
    void send(queued_publish m, std::uint16_t packet_id, outbox& out);

    /// Gives the message of that operation its outcome; the exchange with the server goes on. False when it
    /// is not here.
    bool give_up(operation_id operation, const error& why, events& ev);

    /// Looks after what is overdue.
    void ticked(outbox& out, events& ev);

    [[nodiscard]] std::optional<time_point> deadline() const noexcept { return retry_at_; }

    [[nodiscard]] std::optional<close_cause> received(const ack& a, outbox& out, events& ev);

    void connection_lost() noexcept;

    /// The server has forgotten the session. QoS 2 messages it had recorded have arrived; of the others those
    /// to be published anew are returned in order, the rest fails.
    [[nodiscard]] std::vector<queued_publish> session_lost(events& ev);

    void abort(events& ev);

    [[nodiscard]] std::size_t size() const noexcept { return table_.size(); }

    [[nodiscard]] std::uint64_t resent() const noexcept { return resent_; }

  private:
    enum class stage : std::uint8_t { unused, published, releasing };

    struct entry {
        operation_id operation{0}; ///< 0 = has had its outcome
        publish packet{};
        stage state{stage::unused};
        bool on_connection{false}; ///< sent on this connection, so it has a place in the window
        bool release_resent{false};
        bool downgraded{false};
        bool release_waits{false}; ///< for the store
        bool kept{false};          ///< nobody waits for its outcome, but it is in the store
        std::uint64_t key{0};      ///< in the store
        journal::mark mark{0};     ///< that PUBREC has come
        std::uint64_t order{0};    ///< of PUBLISH, later of PUBREL
        time_point sent_at{};
        std::optional<time_point> deadline{}; ///< of the outcome
    };

    struct abandoned_id {
        std::uint16_t packet_id{0};
        std::uint64_t key{0}; ///< in the store
    };

    [[nodiscard]] std::optional<close_cause> puback(const ack& a, events& ev);
    [[nodiscard]] std::optional<close_cause> pubrec(const ack& a, outbox& out, events& ev);
    [[nodiscard]] std::optional<close_cause> pubcomp(const ack& a, events& ev);
    [[nodiscard]] entry* find(std::uint16_t packet_id) noexcept;
    [[nodiscard]] std::vector<std::uint32_t> in_order() const;
    void send_again(entry& e, outbox& out);
    void note_sent(entry& e) noexcept;
    void overdue(entry& e, outbox& out, events& ev);
    [[nodiscard]] entry& add(std::uint16_t packet_id);
    void release(entry& e, outbox& out);
    void note_pubrec(entry& e);
    void note_abandoned(const entry& e);
    [[nodiscard]] queued_publish take_again(entry& e);
    void forget_record(const entry& e);
    void send_pubrel(std::uint16_t packet_id, reason_code code, outbox& out);

    void unexpected() { drops_.add(dropped::what::unexpected_ack); }

    void report(entry& e, const ack& a, error failed, events& ev);
    [[nodiscard]] bool is_republished(const entry& e) const noexcept;
    void finish(entry& e, const ack& a, error failed, events& ev);
    void abandon(entry& e, error why, events& ev);
    void forget(entry& e);

    rules rules_;
    packet_ids& ids_;
    publish_deadlines& deadlines_;
    alias_out& aliases_;
    drop_report& drops_;
    journal& journal_;
    server_limits server_{};
    time_point now_{};
    std::optional<time_point> retry_at_{}; ///< not before something is overdue
    std::size_t limit_{0};
    std::size_t used_{0};
    std::vector<entry> entries_; ///< at most `rules_.limit`
    std::vector<std::uint32_t> free_;
    id_table table_;
    fifo<std::uint16_t> resend_;          ///< ids that wait for room to be sent again
    fifo<std::uint16_t> releases_;        ///< ids whose PUBREL waits for the store
    std::vector<abandoned_id> abandoned_; ///< QoS 2 ids the server may still know
    std::uint64_t next_order_{1};
    std::uint64_t resent_{0};
};

} // namespace weir::mqtt
