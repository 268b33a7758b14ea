#pragma once

#include "client/command.hpp"

#include <weir/base/time.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <utility>
#include <vector>

namespace weir::mqtt {

/// Publishes whose callers wait for room in the send queue, in order; bounded as that queue is. Lane only.
class room_queue {
  public:
    room_queue(std::size_t most_messages, std::size_t most_bytes) noexcept
        : most_messages_(most_messages)
        , most_bytes_(most_bytes) {}

    /// Whether a message of so many bytes may ever have room, and another may wait.
    [[nodiscard]] bool takes(std::size_t bytes) const noexcept {
        return waiting_.size() < most_messages_ && bytes_ + bytes <= most_bytes_;
    }

    /// `canceled` is called, on any thread, when its caller wants it no longer.
    void add(calls::publish c, time_point now, std::function<void()> canceled);

    [[nodiscard]] bool empty() const noexcept { return waiting_.empty(); }

    [[nodiscard]] std::size_t size() const noexcept { return waiting_.size(); }

    /// Of the first.
    [[nodiscard]] std::size_t next_size() const noexcept { return waiting_.front().call.size(); }

    /// Takes the first, its deadline lowered by the time it waited.
    [[nodiscard]] calls::publish pop(time_point now);

    [[nodiscard]] std::vector<calls::publish> remove_due(time_point now);
    [[nodiscard]] std::vector<calls::publish> remove_canceled();
    [[nodiscard]] std::vector<calls::publish> remove_all();

    /// No later than the first deadline.
    [[nodiscard]] std::optional<time_point> deadline() const noexcept { return earliest_; }

  private:
    struct entry {
        calls::publish call;
        std::optional<time_point> until;
        std::unique_ptr<std::stop_callback<std::function<void()>>> watched;
    };

    template <class Which>
    std::vector<calls::publish> remove_if(Which which);

    const std::size_t most_messages_;
    const std::size_t most_bytes_;
    std::deque<entry> waiting_;
    std::size_t bytes_{0};
    std::optional<time_point> earliest_;
};

} // namespace weir::mqtt
