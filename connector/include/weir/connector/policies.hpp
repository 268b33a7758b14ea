#pragma once

#include <cstdint>
#include <string_view>

namespace weir::connector {

/// Filters that select the same topic make a broker send a message once or several times, as it likes
/// [MQTT 5.0, 3.3.4].
enum class overlap : std::uint8_t {
    allow,  ///< messages may come several times; a warning at the start tells
    reject, ///< such filters are an error
    /// Copies are recognised by Subscription Identifiers and not processed; v5, not for shared subscriptions,
    /// whose copies go to different members. One is acknowledged when the message that came first is. A
    /// broker without identifiers is refused where filters overlap.
    dedup,
};

/// What becomes of a message that no configured filter selects: of a subscription that an older configuration
/// left in the session.
enum class unmatched : std::uint8_t {
    deliver, ///< with an empty `inbound::matched_filter`
    ack,     ///< acknowledged and not delivered
};

/// What it takes to be subscribed.
enum class subscription_policy : std::uint8_t {
    all, ///< a filter the broker refuses ends the pipeline
    any, ///< one filter that is granted is enough
};

/// When `start` returns.
enum class startup : std::uint8_t {
    background, ///< at once; connecting goes on for as long as it takes
    wait,       ///< when every connection is up and subscribed, or with an exception
};

/// What follows a reason that another attempt will hardly mend: bad credentials, a refused filter.
enum class on_fatal : std::uint8_t {
    stop,  ///< the pipeline drains and ends with that error
    retry, ///< the next attempt comes after `config.backoff_max`
};

/// What a stop does to the sessions at the broker.
enum class on_stop : std::uint8_t {
    keep,        ///< they wait for the next start
    end_session, ///< they end: what is not acknowledged goes to others of the group, or is lost
};

[[nodiscard]] std::string_view to_string(overlap v) noexcept;
[[nodiscard]] std::string_view to_string(unmatched v) noexcept;
[[nodiscard]] std::string_view to_string(subscription_policy v) noexcept;
[[nodiscard]] std::string_view to_string(startup v) noexcept;
[[nodiscard]] std::string_view to_string(on_fatal v) noexcept;
[[nodiscard]] std::string_view to_string(on_stop v) noexcept;

} // namespace weir::connector
