#pragma once

#include <weir/mqtt/session/session.hpp>

namespace weir::mqtt::detail {

/// Where acknowledgement handles bring what was decided. Thread-safe; stays when the client goes.
class ack_desk {
  public:
    virtual ~ack_desk() = default;

    /// Fails with nothing decided.
    [[nodiscard]] virtual error acknowledge(const ack_token& token, reason_code code, properties props) = 0;

    /// Anything else: deferred, let go, or acknowledged once more, to be counted.
    [[nodiscard]] virtual error decide(const ack_outcome& outcome) = 0;

    /// What becomes of a message that was dropped undecided.
    [[nodiscard]] virtual bool acknowledges_what_is_dropped() const noexcept = 0;

  protected:
    ack_desk() = default;
    ack_desk(const ack_desk&) = delete;
    ack_desk& operator=(const ack_desk&) = delete;
};

} // namespace weir::mqtt::detail
