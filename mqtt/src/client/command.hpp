#pragma once

#include <weir/mqtt/client.hpp>

#include <functional>
#include <string>
#include <variant>
#include <vector>

/// The calls a client's owner can make, on their way to the lane.
namespace weir::mqtt::calls {

struct start {};

struct publish {
    outgoing message{};
    client::publish_completion done{};
    bool refused{false}; ///< there was no room to keep the message
};

struct subscribe {
    std::vector<subscription> list{};
    client::subscribe_completion done{};
    properties props{};
};

struct unsubscribe {
    std::vector<std::string> filters{};
    client::unsubscribe_completion done{};
};

struct ping {
    client::ping_completion done{};
};

struct reauthenticate {
    client::reauthenticate_completion done{};
};

struct pause {};

struct resume {};

struct drain {
    bool everything{false};
    std::function<void()> done{};
};

struct stop {
    reason_code code{reason_code::normal_disconnection};
    properties props{};
};

struct abort {};

using command = std::variant<
    publish, start, subscribe, unsubscribe, ping, reauthenticate, pause, resume, drain, stop, abort>;

} // namespace weir::mqtt::calls
