#pragma once

#include <weir/base/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <vector>

namespace weir::mqtt {

/// The topic aliases the server has set up on this connection [MQTT 5.0, 3.3.2.3.4]. At most `maximum`
/// topics of 65,535 bytes each; `memory` tells how much it is.
class topic_aliases {
  public:
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
