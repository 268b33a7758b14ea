#pragma once

#include "session/outbox.hpp"
#include "session/server_limits.hpp"

#include <weir/mqtt/options.hpp>
#include <weir/mqtt/packet/packets.hpp>

#include <cstdint>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weir::mqtt {

/// The topic aliases this client has set up on this connection [MQTT 5.0, 3.3.2.3.4]: chosen by message, or
/// by itself for the topics used last.
class alias_out {
  public:
    explicit alias_out(topic_alias_out mode) noexcept
        : mode_(mode) {}

    /// A new connection, on which the server takes aliases up to `maximum`.
    void opened(std::uint16_t maximum);

    [[nodiscard]] std::uint16_t maximum() const noexcept { return maximum_; }

    /// Sends `p`, which has its full topic, with `wish` or an alias of its own choice where there is one. An
    /// alias that stands for the topic already takes its place.
    void send(const publish& p, std::uint16_t wish, const server_limits& limits, outbox& out) {
        if (maximum_ == 0 || (wish == 0 && mode_ == topic_alias_out::off)) return out.send(p);
        send_with_alias(p, wish, limits, out);
    }

  private:
    struct choice {
        std::uint16_t alias{0};
        bool known{false}; ///< to the server, for this topic
    };

    void send_with_alias(const publish& p, std::uint16_t wish, const server_limits& limits, outbox& out);
    [[nodiscard]] choice find(std::string_view topic, std::uint16_t wish);
    void set(std::string_view topic, std::uint16_t alias);

    using order = std::list<std::string>; ///< the topic used last is at the front

    struct mapping {
        std::uint16_t alias{0};
        order::iterator place{};
    };

    topic_alias_out mode_;
    std::uint16_t maximum_{0};
    std::vector<std::string> by_message_; ///< topics of aliases chosen by message; index = alias - 1
    order recent_;
    std::unordered_map<std::string, mapping> chosen_;
};

} // namespace weir::mqtt
