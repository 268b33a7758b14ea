#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace weir::demo {

/// What makes one message of the simulated fleet different from every other: who sent it, and its number in
/// that vehicle's own sequence. It travels in the payload, so that whatever reaches a store can be compared
/// with what was published.
struct identity {
    std::uint32_t vehicle{0};
    std::uint32_t sequence{0};

    [[nodiscard]] std::uint64_t key() const noexcept { return std::uint64_t{vehicle} << 32 | sequence; }

    friend bool operator==(identity, identity) = default;
};

/// Finds the identity in a payload; nothing when it is not one of the fleet's.
[[nodiscard]] std::optional<identity> identity_of(std::string_view payload) noexcept;

} // namespace weir::demo
