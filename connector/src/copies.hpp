#pragma once

#include <weir/mqtt/client.hpp>
#include <weir/mqtt/session/event.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace weir::connector {

/// The outcome of a message that may have copies, which is theirs too. See `copies`.
struct shared_outcome {
    enum class state : std::uint8_t {
        open,
        acknowledged,
        left, ///< nobody will acknowledge it
    };
    state now{state::open};

    struct copy {
        mqtt::ack_token token{};
        std::uint64_t session{0}; ///< which it came in; of no meaning for one from the session store
        bool stored{false};
    };

    std::vector<copy> copies{}; ///< that wait for it, those of QoS 1 and 2
    bool deferred{false};       ///< it holds up the acks behind it no longer
};

/// Copies of a message that is in the pipeline already. They are not processed, and are acknowledged when
/// that message is: not before, for it may yet fail. Each keeps its slot of the window until then.
/// Thread-safe.
class copies {
  public:
    explicit copies(mqtt::client& client)
        : client_(client) {}

    /// A copy has come. With `open` it waits; with `acknowledged` the caller acknowledges it; with `left` it
    /// is a message like any other.
    [[nodiscard]] shared_outcome::state join(shared_outcome& of, const mqtt::message_received& copy);

    /// The message has ended. Its copies are acknowledged, or let go: sent again, they are looked at anew.
    void ended(shared_outcome& of, bool acknowledged);

    /// The message holds up the acks behind it no longer, and so its copies must not.
    void defer(shared_outcome& of, std::vector<mqtt::ack_outcome>& out);

    /// The broker has forgotten the session, and what waits was never received for all it knows. What is in
    /// the session store stays.
    void session_lost();

    /// Copies that wait.
    [[nodiscard]] std::size_t waiting() const noexcept {
        return waiting_.load(std::memory_order_relaxed) + stored_.load(std::memory_order_relaxed);
    }

  private:
    [[nodiscard]] bool is_current(const shared_outcome::copy& c) const noexcept {
        return c.stored || c.session == session_;
    }

    mqtt::client& client_;
    std::mutex mutex_;                    ///< of all outcomes
    std::uint64_t session_{0};            ///< counts those that were lost
    std::atomic<std::size_t> waiting_{0}; ///< that came in this session
    std::atomic<std::size_t> stored_{0};  ///< that are in the session store
};

} // namespace weir::connector
