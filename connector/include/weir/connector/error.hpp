#pragma once

#include <system_error>

namespace weir::connector {

/// Why a connector ends a pipeline by itself; reasons that come from the client keep `mqtt::errc`.
enum class errc {
    subscription_refused = 1, ///< the broker refused a filter; `detail` names filter and code
    not_ready_in_time,        ///< `wait_until_ready`, or `startup_timeout`, ran into its limit
    message_failed,           ///< a message failed whose policy is to stop; `detail` names it
    redelivery,               ///< a connection was ended so that the broker sends messages again
    producer_failed, ///< an exception inside of a producer; its connection was dropped. `detail` is its text
};

[[nodiscard]] const std::error_category& error_category() noexcept;

[[nodiscard]] inline std::error_code make_error_code(errc e) noexcept {
    return {static_cast<int>(e), error_category()};
}

} // namespace weir::connector

template <>
struct std::is_error_code_enum<weir::connector::errc> : std::true_type {};
