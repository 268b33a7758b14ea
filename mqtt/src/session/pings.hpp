#pragma once

#include "session/drop_report.hpp"
#include "session/fifo.hpp"
#include "session/outbox.hpp"

#include <weir/base/time.hpp>
#include <weir/mqtt/session/event.hpp>

#include <chrono>
#include <cstddef>
#include <optional>

namespace weir::mqtt {

/// PINGREQs sent and not yet answered, those of the keep alive and those the application asked for. Answers
/// carry no id: they belong to the questions in their order.
class pings {
  public:
    static constexpr std::size_t most = 1'000;

    pings(std::chrono::milliseconds answer_timeout, drop_report& drops) noexcept
        : answer_timeout_(answer_timeout)
        , drops_(drops) {}

    /// `operation` 0 for the keep alive. False when too many wait.
    [[nodiscard]] bool send(operation_id operation, time_point now, outbox& out);

    void answered(time_point now, events& ev);
    /// Nobody waits for that answer any more.
    void cancel(operation_id operation, events& ev);
    void expire(time_point now, events& ev);
    [[nodiscard]] std::optional<time_point> deadline() const noexcept;

    /// The connection or the object ends, for `reason`.
    void end(const error& reason, events& ev);

    /// Between the last question answered and its answer; zero when there was none.
    [[nodiscard]] duration last_round_trip() const noexcept { return last_; }

  private:
    struct question {
        operation_id operation{0}; ///< 0 = nobody waits, or not any more
        time_point sent{};
    };

    std::chrono::milliseconds answer_timeout_;
    drop_report& drops_;
    fifo<question> waiting_;
    std::size_t calls_{0}; ///< questions somebody waits for
    duration last_{};
};

} // namespace weir::mqtt
