#pragma once

#include <cstdint>
#include <string_view>

namespace weir::mqtt {

/// CRC-32 (IEEE 802.3) over several pieces.
class checksum {
  public:
    checksum& add(std::string_view piece) noexcept;
    checksum& add(std::uint64_t number) noexcept;

    [[nodiscard]] std::uint32_t value() const noexcept { return ~state_; }

  private:
    std::uint32_t state_{0xFFFF'FFFF};
};

} // namespace weir::mqtt
