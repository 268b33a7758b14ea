#pragma once

#include <weir/mqtt/options.hpp>

#include <iosfwd>
#include <string>

namespace weir::testing {

/// What of MQTT a client finds at a broker.
struct broker_features {
    bool retained{false};            ///< a new subscriber gets the retained message
    bool cleared{false};             ///< and no longer after an empty one
    bool will{false};                ///< of a client that goes without DISCONNECT
    bool no_will{false};             ///< and none of one that says DISCONNECT
    bool session_present{false};     ///< of a session that was to be kept
    bool kept{false};                ///< what was published meanwhile comes
    bool shared{false};              ///< each message to one member of the group
    bool user_properties{false};     ///< these and the following: MQTT 5
    bool request_response{false};    ///< Response Topic and Correlation Data pass
    bool expiry{false};              ///< what has expired meanwhile does not come
    bool subscription_ids{false};    ///< come with messages
    bool no_local{false};            ///< what a client publishes does not come back
    bool retain_as_published{false}; ///< the RETAIN flag stays
    bool retain_handling{false};     ///< retained messages can be done without
    bool topic_aliases{false};       ///< the broker takes them
    bool assigned_id{false};         ///< a client without an id gets one

    friend bool operator==(const broker_features&, const broker_features&) = default;
};

std::ostream& operator<<(std::ostream& out, const broker_features& f);

/// Asks the broker that `towards` leads to. Topics and client ids begin with `name`.
[[nodiscard]] broker_features probe(const mqtt::client_options& towards, const std::string& name);

} // namespace weir::testing
