#pragma once

#include "session/fifo.hpp"
#include "session/inbound_ledger.hpp"
#include "session/journal.hpp"
#include "session/stored_form.hpp"

#include <weir/mqtt/session/event.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

namespace weir::mqtt {

/// Received messages that the store has taken over (`qos2_receive::store_first`): the server is done with
/// them, or will be when they are durable, and the application gets them from here, in order, until it is
/// done with each. They have nothing to do with connections and the server's sessions.
class backlog {
  public:
    /// `kept` outlives it.
    explicit backlog(journal& kept)
        : journal_(kept) {}

    /// What an earlier process left; `today` is the time of day at `now`.
    void restore(const stored_state& before, time_point now, wall_time today);

    /// Takes a message over. The mark is that of its record.
    [[nodiscard]] journal::mark add(const publish& p, time_point at, std::uint32_t connection);

    /// The next one to hand out is durable and there.
    [[nodiscard]] bool has_next() const noexcept;

    [[nodiscard]] std::size_t next_size() const noexcept;

    [[nodiscard]] message_received hand_out_next();

    [[nodiscard]] static bool names(const ack_token& token) noexcept { return (token.delivery & mine) != 0; }

    /// One that is let go waits again at once; the second time on the same connection until the next one
    /// begins, so that a message nobody can take does not go round and round. One that is deferred stays with
    /// the application, and holds up nothing.
    [[nodiscard]] inbound_ledger::settled settle(const ack_token& token, ack_outcome::decision verdict);
    void connection_opened();

    /// The lowest number that is still here, or will be.
    [[nodiscard]] std::uint64_t first() const noexcept {
        return all_.empty() ? next_key_ : all_.begin()->first;
    }

    /// Messages that were acknowledged and are out of the store, since the last call.
    [[nodiscard]] std::vector<std::uint64_t> take_done();

    /// Handed out and not yet done with.
    [[nodiscard]] std::size_t held() const noexcept { return held_; }

    /// Acknowledged ones.
    [[nodiscard]] std::uint64_t done() const noexcept { return done_; }

    /// Of all that is here.
    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

    [[nodiscard]] std::size_t size() const noexcept { return all_.size(); }

  private:
    static constexpr std::uint64_t mine = std::uint64_t{1} << 63;

    struct entry {
        publish message{};
        time_point at{};
        std::uint32_t connection{0};
        journal::mark stored{0};
        bool held{false};
        bool let_go{false}; ///< since the connection began
    };

    /// One of the acknowledged, until its record is gone.
    struct leaving {
        std::uint64_t key{0};
        journal::mark erased{0};
    };

    /// What an entry takes besides its content, about.
    static constexpr std::size_t overhead = 512;

    [[nodiscard]] static std::size_t size_of(const publish& p) noexcept {
        return p.topic.size() + p.payload.size() + overhead;
    }

    journal& journal_;
    std::map<std::uint64_t, entry> all_;
    std::set<std::uint64_t> waiting_;
    fifo<leaving> leaving_; ///< as many at most as are acknowledged while a batch is being written
    std::uint64_t next_key_{1};
    stored_numbers numbers_{}; ///< as the store has it, so that none is given out twice
    std::size_t held_{0};
    std::uint64_t done_{0};
    std::size_t bytes_{0};
    time_point start_{};
    wall_time start_of_day_{};
};

} // namespace weir::mqtt
