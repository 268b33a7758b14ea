#pragma once

#include <weir/base/result.hpp>
#include <weir/base/time.hpp>
#include <weir/mqtt/packet/packets.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace weir::tool {

/// A line with places for the parts of a message: "{topic} {qos} {payload}".
class message_format {
  public:
    /// Places are topic, payload (escaped), raw, hex, size, qos, retain, dup, packet_id, client_id, time and
    /// properties; `{{` and `}}` are brackets. The error says what is wrong.
    [[nodiscard]] static result<message_format> parse(std::string_view text);

    /// Without a newline.
    [[nodiscard]] std::string line(
        const mqtt::publish& m, std::string_view client_id, system_time_point at) const;

  private:
    using writer = void (*)(std::string&, const mqtt::publish&, std::string_view, system_time_point);

    /// Text, and what comes behind it; nothing behind the last one.
    struct piece {
        std::string text{};
        writer write{nullptr};
    };

    [[nodiscard]] static writer find(std::string_view name);

    std::vector<piece> pieces_;
};

} // namespace weir::tool
