#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::fuzz {

/// The input as a sequence of choices; past its end every choice is 0.
class tape {
  public:
    explicit tape(std::string_view input)
        : left_(input) {}

    [[nodiscard]] bool at_end() const noexcept { return left_.empty(); }

    std::uint8_t byte() noexcept {
        if (left_.empty()) return 0;
        const auto first = static_cast<std::uint8_t>(left_.front());
        left_.remove_prefix(1);
        return first;
    }

    bool flag() noexcept { return (byte() & 1) != 0; }

    std::uint8_t below(std::uint8_t limit) noexcept { return static_cast<std::uint8_t>(byte() % limit); }

    /// As many bytes as the next one says.
    std::string_view text() noexcept {
        const std::size_t wanted = byte(); // before it is known what is left
        const auto size = std::min(wanted, left_.size());
        const auto taken = left_.substr(0, size);
        left_.remove_prefix(size);
        return taken;
    }

  private:
    std::string_view left_;
};

} // namespace weir::fuzz
