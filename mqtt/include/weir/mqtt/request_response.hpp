#pragma once

#include <weir/base/bytes.hpp>
#include <weir/base/result.hpp>
#include <weir/mqtt/session/event.hpp>
#include <weir/mqtt/session/session.hpp>

#include <functional>

namespace weir::mqtt {

/// Outcome of a request [MQTT 5.0, 4.10].
struct request_done {
    error failed{};              ///< `ack_timeout` when no response came in time
    message_received response{}; ///< when it succeeded; acknowledged already
};

using request_completion = std::function<void(const request_done&)>;

/// The response to `request`, to be published: its Response Topic as topic, with its Correlation Data. Fails
/// with `no_response_topic`.
[[nodiscard]] result<outgoing> reply_to(const publish& request, bytes payload);

} // namespace weir::mqtt
