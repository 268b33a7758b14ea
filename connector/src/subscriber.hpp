#pragma once

#include "producer_context.hpp"

#include <weir/mqtt/session/event.hpp>

#include <cstddef>
#include <optional>
#include <vector>

namespace weir::connector {

/// What the broker said about the filters of one producer. Reports each filter's fate on the bus. Lane only.
class subscriber {
  public:
    explicit subscriber(const producer_context& context);

    /// What to ask for.
    [[nodiscard]] const std::vector<mqtt::subscription>& wanted() const noexcept { return wanted_; }

    enum class state {
        granted,
        refused,
        open, ///< nobody answered: to be asked again
        over, ///< the client has ended
    };

    /// Takes the answer to a SUBSCRIBE, the first one or one the client made again by itself.
    state answered(const mqtt::subscribe_done& answer);

    /// Why `answered` said `refused`.
    [[nodiscard]] const error& reason() const noexcept { return reason_; }

  private:
    void report_all_failed(const error& reason);
    void report(const mqtt::subscription& asked, mqtt::reason_code code);
    void report_granted(const mqtt::subscription& asked, mqtt::qos granted);
    void report_refused(const mqtt::subscription& asked, error reason);

    const producer_context& context_;
    std::vector<mqtt::subscription> wanted_;
    error reason_{};
    std::size_t granted_{0}; ///< in the last answer
};

} // namespace weir::connector
