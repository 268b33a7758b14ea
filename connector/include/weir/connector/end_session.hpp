#pragma once

#include <weir/base/result.hpp>
#include <weir/mqtt/options.hpp>

#include <chrono>

namespace weir::connector {

/// Makes the broker forget the session of the client `who.clientid`: subscriptions and unacknowledged
/// messages. Connects with a clean start and a session that ends with the connection, and leaves. Blocks for
/// `limit` at most.
///
/// Meant for client ids that nobody uses any more: when `concurrency` is lowered, sessions stay behind that
/// are members of the shared group, and a broker may go on handing them messages. What was unacknowledged at
/// QoS 1 goes to other members; at QoS 2 what was sent to the session already is lost with it [MQTT-4.8.2-5].
/// A client that is connected with that id loses its connection.
///
/// Throws `std::invalid_argument` for options with faults, or without `clientid`.
[[nodiscard]] result<void> end_session(
    mqtt::client_options who, std::chrono::milliseconds limit = std::chrono::seconds{10});

} // namespace weir::connector
