#pragma once

#include "producer_context.hpp"
#include "subscription_groups.hpp"

#include <weir/mqtt/session/event.hpp>

#include <map>
#include <string>
#include <vector>

namespace weir::connector {

/// What the broker said about the filters of one producer. Reports each filter's fate on the bus. Lane only.
class subscriber {
  public:
    explicit subscriber(const producer_context& context);

    /// What to ask for, each with a SUBSCRIBE of its own.
    [[nodiscard]] const std::vector<subscription_group>& groups() const noexcept { return groups_; }

    enum class state {
        incomplete, ///< other filters have had no answer yet
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
    [[nodiscard]] state judge() const;
    void report_all_failed(const mqtt::subscribe_done& answer);
    void report(const mqtt::subscription& asked, mqtt::reason_code code);
    void report_granted(const mqtt::subscription& asked, mqtt::qos granted);
    void report_refused(const mqtt::subscription& asked, error reason);

    const producer_context& context_;
    std::vector<subscription_group> groups_;
    std::map<std::string, error> answers_; ///< the last one to each filter; false when it was granted
    error reason_{};
};

} // namespace weir::connector
