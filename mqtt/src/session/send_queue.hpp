#pragma once

#include "session/fifo.hpp"
#include "session/journal.hpp"

#include <weir/mqtt/options.hpp>
#include <weir/mqtt/packet/packets.hpp>
#include <weir/mqtt/session/event.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace weir::mqtt {

/// A publish that has been accepted and not been sent.
struct queued_publish {
    operation_id operation{0};
    publish packet{};
    time_point since{};
    std::int64_t order{0};
    std::optional<time_point> deadline{};
    std::uint16_t alias{0}; ///< Topic Alias asked for
    bool gone{false};       ///< taken out of the middle of the queue
    bool downgraded{false}; ///< its QoS was lowered to what the server takes
    bool kept{false};       ///< nobody waits for its outcome, but it is in the store
    std::uint64_t key{0};   ///< in the store; 0 when it is not there
    journal::mark stored{journal::durable};
    journal::mark launched{journal::durable}; ///< that its packet id is in the store

    [[nodiscard]] std::size_t size() const noexcept { return packet.topic.size() + packet.payload.size(); }
};

/// Publishes waiting for a connection, for room in the window or in the write buffer; bounded in number and
/// bytes. Messages of one QoS leave in the order of their calls, and QoS 2 does not overtake QoS 1 nor the
/// other way round; QoS 0 may overtake both while the window is full, unless the order is strict.
class send_queue {
  public:
    struct bounds {
        std::size_t messages{10'000};
        std::size_t bytes{64u << 20};
        bool strict_order{false};
    };

    explicit send_queue(bounds b)
        : bounds_(b) {}

    [[nodiscard]] bool fits(std::size_t bytes) const noexcept {
        return size() < bounds_.messages && bytes_ + bytes <= bounds_.bytes;
    }

    void push(queued_publish m);

    /// Before all others, and beyond the bounds: these had been sent already and were bounded by the window.
    void push_front(queued_publish m);

    /// Puts back what was just popped, perhaps with another QoS; it is the next to send.
    [[nodiscard]] queued_publish* push_first(queued_publish m);

    /// The next to send, or null. With `window_open` false only QoS 0 may go.
    [[nodiscard]] queued_publish* next(bool window_open) noexcept;

    /// Takes what `next` returned.
    [[nodiscard]] queued_publish pop(const queued_publish& next);

    /// The QoS 1 or 2 message that would be next, or null.
    [[nodiscard]] queued_publish* first_acknowledged() noexcept {
        return acknowledged_.empty() ? nullptr : &acknowledged_.front();
    }

    /// Calls `visit` with QoS 1 and 2 messages, from the first on, in at most that many places.
    template <class Visit>
    void each_acknowledged(std::size_t most, Visit visit) {
        for (std::size_t i = 0; i < acknowledged_.size() && i < most; ++i)
            if (!acknowledged_[i].gone) visit(acknowledged_[i]);
    }

    /// Takes out the QoS 1 and 2 messages for which `wanted` holds, in order.
    template <class Wanted>
    [[nodiscard]] std::vector<queued_publish> extract(Wanted wanted) {
        std::vector<queued_publish> taken;
        places left;
        compact(acknowledged_);
        while (!acknowledged_.empty()) {
            auto m = acknowledged_.pop_front();
            if (wanted(m)) {
                bytes_ -= m.size();
                taken.push_back(std::move(m));
            } else {
                left.push_back(std::move(m));
            }
        }
        acknowledged_ = std::move(left);
        return taken;
    }

    /// The QoS 0 message that waits longest, removed.
    [[nodiscard]] std::optional<queued_publish> drop_oldest_qos0();

    /// Takes out the message of that operation, wherever it stands.
    [[nodiscard]] std::optional<queued_publish> remove(operation_id operation);

    [[nodiscard]] std::size_t size() const noexcept { return qos0_.size() + acknowledged_.size() - gone_; }

    [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }

    [[nodiscard]] bool empty() const noexcept { return size() == 0; }

  private:
    using places = fifo<queued_publish>; ///< operations rise from front to back

    [[nodiscard]] std::optional<queued_publish> remove(places& from, operation_id operation);
    void tidy(places& q);
    void compact(places& q);

    bounds bounds_;
    fifo<queued_publish> qos0_;
    fifo<queued_publish> acknowledged_; ///< QoS 1 and 2
    std::size_t bytes_{0};
    std::size_t gone_{0}; ///< places that are empty; none at a front
    std::int64_t last_order_{0};
    std::int64_t first_order_{0};
};

} // namespace weir::mqtt
