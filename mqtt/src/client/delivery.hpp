#pragma once

#include <weir/mqtt/client.hpp>

#include <string>
#include <vector>

namespace weir::mqtt {

/// Hands received messages to the observer, many at once, and turns what comes of it into acks where the
/// client acknowledges by itself. Lane only.
class delivery {
  public:
    /// A call of the observer takes no more than this, so that timers and writes get their turn in between.
    static constexpr std::size_t most_at_once = 256;

    explicit delivery(bool auto_ack)
        : auto_ack_(auto_ack) {}

    void add(message_received&& message) { waiting_.push_back(std::move(message)); }

    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

    [[nodiscard]] bool full() const noexcept { return waiting_.size() >= most_at_once; }

    /// Calls `on_messages` with all that was added. The acks that follow from it, valid until the next call:
    /// acknowledged when the observer returned, let go when it threw, so that later acks still flow.
    [[nodiscard]] std::span<const ack_outcome> hand_over(client_observer& observer);

  private:
    void note_tokens();
    void let_all_go() noexcept;

    const bool auto_ack_;
    std::vector<message_received> waiting_; ///< at most `most_at_once`
    std::vector<ack_outcome> acks_;
};

} // namespace weir::mqtt
