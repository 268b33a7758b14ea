#pragma once

#include "session/inbound_ledger.hpp"
#include "session/journal.hpp"
#include "session/stored_form.hpp"

#include <weir/mqtt/session/event.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>

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

    /// Deferred ones wait again when a connection begins.
    [[nodiscard]] inbound_ledger::settled settle(const ack_token& token, ack_outcome::decision verdict);
    void connection_opened();

    /// Handed out and not yet done with.
    [[nodiscard]] std::size_t held() const noexcept { return held_; }

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
        bool deferred{false};
    };

    [[nodiscard]] static std::size_t size_of(const publish& p) noexcept {
        return p.topic.size() + p.payload.size();
    }

    journal& journal_;
    std::map<std::uint64_t, entry> all_;
    std::set<std::uint64_t> waiting_;
    std::uint64_t next_key_{1};
    stored_numbers numbers_{}; ///< as the store has it, so that none is given out twice
    std::size_t held_{0};
    std::size_t bytes_{0};
    time_point start_{};
    wall_time start_of_day_{};
};

} // namespace weir::mqtt
