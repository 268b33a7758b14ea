#pragma once

#include <weir/base/bytes.hpp>
#include <weir/mqtt/options.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace weir::mqtt {

/// The topic aliases the server has set up on this connection [MQTT 5.0, 3.3.2.3.4]. At most `maximum`
/// topics of 65,535 bytes each; `memory` tells how much it is.
class topic_aliases {
  public:
    /// What an alias may take: its topic, and what stands beside it.
    static constexpr std::size_t bytes_for_each = 64 * 1024;

    /// As many as the options ask for and have memory for.
    [[nodiscard]] static std::uint16_t offered(const client_options& o) noexcept {
        return static_cast<std::uint16_t>(
            std::min<std::size_t>(o.topic_alias_maximum, o.alias_bytes / bytes_for_each));
    }

    enum class outcome : std::uint8_t { resolved, out_of_range, unknown };

    /// A new connection: mappings never outlive the old one [MQTT-3.3.2-7].
    void reset(std::uint16_t maximum);

    /// Sets up or changes the mapping when `topic` is not empty, else fills `topic` in.
    [[nodiscard]] outcome resolve(std::uint32_t alias, bytes& topic);

    /// Bytes of topics held.
    [[nodiscard]] std::size_t memory() const noexcept { return memory_; }

  private:
    std::uint16_t maximum_{0};
    std::vector<bytes> topics_; ///< grows to `maximum_` with the aliases used; index = alias - 1
    std::size_t memory_{0};
};

} // namespace weir::mqtt
