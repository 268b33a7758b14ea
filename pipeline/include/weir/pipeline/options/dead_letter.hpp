#pragma once

#include <cstdint>
#include <string_view>

namespace weir::pipeline {

/// What becomes of messages that `handle_dead_letter` has taken. Without that callback there are no dead
/// letters.
struct dead_letter_options {
    enum class settling : std::uint8_t { successful, failed };

    settling settle_as{settling::successful}; ///< how the source learns of a message that was taken
};

[[nodiscard]] std::string_view to_string(dead_letter_options::settling s) noexcept;

} // namespace weir::pipeline
