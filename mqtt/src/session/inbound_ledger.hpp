#pragma once

#include "session/fifo.hpp"
#include "session/id_table.hpp"
#include "session/journal.hpp"
#include "session/outbox.hpp"

#include <weir/mqtt/session/fingerprint.hpp>
#include <weir/mqtt/session/session.hpp>

#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace weir::mqtt {

/// The received QoS 1 and 2 messages of a session: who holds each, and which acknowledgement may leave when.
///
/// PUBACKs leave in the order of their PUBLISHes on this connection, PUBRECs likewise, the two sequences
/// independent of each other [MQTT-4.6.0-2, 4.6.0-3], whatever order the application decides in. A record
/// lives from the PUBLISH to its PUBACK, PUBREC of failure, or PUBREL; across connections as long as the
/// session does. There is at most one record for each packet id, so all look-ups go by the id.
class inbound_ledger {
  public:
    struct rules {
        protocol_version version{protocol_version::v5};
        bool strict_resend{false};
        ack_order order{ack_order::protocol};
        std::size_t carry_limit{65'535}; ///< unanswered messages remembered from earlier connections
        std::size_t open_limit{65'535};  ///< PUBRECs out whose PUBREL is awaited on this connection
    };

    enum class arrival : std::uint8_t {
        fresh,           ///< a new message, to be delivered
        known,           ///< a repetition of one that is in the ledger
        id_of_other_qos, ///< the id belongs to a message of the other QoS on this connection
        sent_twice,      ///< the id is in use on this connection and this is no proper resending
    };

    struct arrived_as {
        arrival kind{arrival::fresh};
        ack_token token{};
    };

    enum class settled : std::uint8_t {
        taken,
        repeated, ///< decided before, or the message has been replaced by another
        stale,    ///< of a session that is gone
    };

    struct lost {
        std::size_t held{0};         ///< messages the application still holds
        std::size_t acks_dropped{0}; ///< decisions that had not left
    };

    enum class pubrel_answer : std::uint8_t { completed, unknown, id_of_other_qos, pubrec_missing };

    /// `kept` outlives it.
    inbound_ledger(rules r, journal& kept)
        : rules_(r)
        , journal_(&kept)
        , open_limit_(r.open_limit) {}

    /// Enters a PUBLISH of QoS 1 or 2 whose topic is resolved.
    [[nodiscard]] arrived_as arrived(const publish& p);

    /// The message goes to the application and takes a place in the window.
    void handed_out(const ack_token& token);

    /// The message is not delivered; its ack with `code` takes its turn.
    void refused(const ack_token& token, reason_code code);

    /// What was entered, for delivery later. The message must not have been handed out.
    [[nodiscard]] publish message(const ack_token& token) const;

    [[nodiscard]] settled settle(const ack_outcome& outcome);

    /// What the ack of a message that was just settled is to say besides its code.
    void annotate(std::uint64_t delivery, properties props) { notes_[delivery] = std::move(props); }

    /// Acks that exceed it leave without what was annotated [MQTT-3.4.2-2, 3.4.2-3].
    void limit_ack_size(std::size_t bytes) noexcept { largest_ack_ = bytes; }

    /// The delivery whose PUBREL this would be, or 0.
    [[nodiscard]] std::uint64_t releasing(std::uint16_t packet_id) const noexcept {
        const auto slot = ids_.find(packet_id);
        return slot != id_table::none && records_[slot].pubrec_was_sent ? records_[slot].delivery : 0;
    }

    // -- with a store

    /// A QoS 2 message of an earlier process that had PUBREC and not PUBREL.
    void restore(std::uint16_t packet_id, const fingerprint& print);

    /// The message is not handed out from here: it goes to the store, and its ack follows when `stored` is
    /// durable. Its id is stored too when it needs that.
    void taken_over(const ack_token& token, journal::mark stored);

    /// More is durable than before: sends the acks that waited for it.
    void journal_moved(outbox& out);

    /// When the last id that a PUBREL has freed is out of the store.
    [[nodiscard]] journal::mark released() const noexcept { return released_; }

    /// Sends the PUBACKs and PUBRECs whose turn it is. PUBRECs beyond `open_limit` are kept back until
    /// PUBRELs have come; their messages have left the window all the same, so that they hold up nothing.
    void release(outbox& out);

    /// From now on, on this connection, no PUBREC is kept back.
    void lift_open_limit() noexcept { open_limit_ = 65'536; } // more than there are ids

    /// A PUBREL ends the message; the caller answers.
    [[nodiscard]] pubrel_answer pubrel(std::uint16_t packet_id);

    /// The connection is gone. Messages never handed out are forgotten (the server sends them again); of the
    /// others a fingerprint stays and the memory of the message goes.
    void connection_lost();

    /// The server has forgotten the session: drops everything.
    [[nodiscard]] lost session_lost();

    /// How much of the Receive Maximum the server has used, by the server's own reckoning: from PUBLISH to
    /// PUBACK, PUBCOMP or a PUBREC of failure, whichever connection the message came on [MQTT 5.0, 4.9].
    [[nodiscard]] std::size_t quota_used() const noexcept { return quota_used_; }

    /// Messages handed out and not yet released to the server.
    [[nodiscard]] std::size_t outstanding() const noexcept { return outstanding_; }

    [[nodiscard]] std::size_t outstanding_bytes() const noexcept { return outstanding_bytes_; }

    /// Decisions of the application that have not left.
    [[nodiscard]] std::size_t acks_held() const noexcept { return acks_held_; }

    /// Messages without PUBACK or PUBREC so far: the server still has them.
    [[nodiscard]] std::size_t unacknowledged() const noexcept { return unacknowledged_; }

    [[nodiscard]] std::size_t deferred() const noexcept { return deferred_; }

    /// Deferred messages that were decided since, on this connection, and those that were let go on it: when
    /// the session is resumed, they are over or begin anew.
    [[nodiscard]] std::size_t deferred_done() const noexcept { return deferred_done_; }

    /// Messages of earlier connections that there were too many of.
    [[nodiscard]] std::uint64_t forgotten() const noexcept { return forgotten_; }

    [[nodiscard]] std::uint64_t acks_sent() const noexcept { return acks_sent_; }

    /// Records of any kind, from this connection or before.
    [[nodiscard]] std::size_t records() const noexcept { return ids_.size(); }

  private:
    enum class stage : std::uint8_t {
        unused,
        waiting, ///< not handed out
        held,    ///< with the application
        decided, ///< the ack waits for its turn, or for the message to come again; or it was let go
        recorded ///< PUBREC sent; QoS 2 ids are remembered until PUBREL [MQTT-4.3.3-10]
    };

    struct record {
        std::uint64_t delivery{0};
        stage state{stage::unused};
        qos level{qos::at_most_once};
        reason_code verdict{reason_code::success};
        bool live : 1 {false};            ///< arrived on this connection
        bool deferred : 1 {false};        ///< its ack is left out on this connection
        bool let_go : 1 {false};          ///< nobody will acknowledge it
        bool counted : 1 {false};         ///< has a place in the window
        bool pubrec_was_sent : 1 {false}; ///< a PUBREL may come
        bool open : 1 {false};            ///< the same, on this connection
        bool in_store : 1 {false};        ///< its id
        bool restored : 1 {false};        ///< not seen again since an earlier process
        bool has_message : 1 {false};     ///< else the fingerprint is valid
        bool retain : 1 {false};
        bool dup : 1 {false};
        journal::mark stored{0}; ///< what its ack waits for
        std::uint32_t size{0};   ///< of topic and payload, also when they are gone
        bytes topic{};
        bytes payload{};
        properties props{};
        fingerprint print{};
    };

    /// A place in the order of acks. The record may have moved on: then `delivery` no longer fits.
    struct turn {
        std::uint64_t delivery{0};
        std::uint32_t slot{0};
    };

    [[nodiscard]] static bool is_unacknowledged(stage s) noexcept {
        return s == stage::waiting || s == stage::held || s == stage::decided;
    }

    [[nodiscard]] record* find(std::uint64_t delivery) noexcept;
    [[nodiscard]] arrived_as enter(const publish& p);
    [[nodiscard]] arrived_as repeated_on_connection(std::uint32_t slot, const publish& p);
    [[nodiscard]] arrived_as repeated_after_resume(std::uint32_t slot, const publish& p);
    [[nodiscard]] bool is_resent(const record& r, const publish& p) const;
    void attach(std::uint32_t slot);
    void decide(record& r, reason_code code);
    void defer(record& r);
    void release(fifo<turn>& order, outbox& out);
    void release_kept_back(outbox& out);
    void take_turn(const turn& t, outbox& out);
    void pass(const turn& t, outbox& out);
    void remember(record& r, reason_code code);
    void store_id(record& r);

    [[nodiscard]] fifo<turn>& storing(qos level) noexcept {
        return level == qos::at_least_once ? storing_pubacks_ : storing_pubrecs_;
    }

    void move_on(fifo<turn>& order, outbox& out);
    [[nodiscard]] std::uint32_t take_slot(std::uint16_t packet_id);
    void set_open(record& r, bool on) noexcept;
    void send_ack(std::uint32_t slot, outbox& out);
    void add_note(std::uint64_t delivery, ack& a);
    void carry(record& r);
    void limit_carried();
    void forget(std::uint32_t slot);
    void queue_turn(std::uint32_t slot);

    /// Acks that leave as they are decided take their turn only then.
    void queue_turn_of_arrival(std::uint32_t slot) {
        if (rules_.order == ack_order::protocol || records_[slot].state == stage::decided) queue_turn(slot);
    }

    void return_quota() noexcept;
    void count_in_window(record& r, bool on) noexcept;
    void set_stage(record& r, stage s) noexcept;
    void keep_fingerprint_only(record& r);
    static void drop_message(record& r);
    [[nodiscard]] ack_token token_of(const record& r) const noexcept;

    rules rules_;
    journal* journal_;
    journal::mark released_{0};
    std::vector<record> records_;
    std::vector<std::uint32_t> free_;
    id_table ids_;
    fifo<turn> puback_order_;
    fifo<turn> pubrec_order_;
    fifo<turn> storing_pubacks_; ///< whose turn has come, but not from the store
    fifo<turn> storing_pubrecs_;
    fifo<turn> kept_back_;                                ///< PUBRECs whose turn has come
    std::unordered_map<std::uint64_t, properties> notes_; ///< by delivery; for few of the records
    std::size_t largest_ack_{0};
    std::uint64_t next_serial_{1};
    std::uint64_t epoch_begin_{1}; ///< serials below are of sessions that are gone
    std::size_t quota_used_{0};
    std::size_t open_{0};
    std::size_t open_limit_{0};
    std::size_t outstanding_{0};
    std::size_t outstanding_bytes_{0};
    std::size_t acks_held_{0};
    std::size_t unacknowledged_{0};
    std::size_t deferred_{0};
    std::size_t deferred_done_{0};
    std::uint64_t acks_sent_{0};
    std::uint64_t forgotten_{0};
};

} // namespace weir::mqtt
