#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::pipeline {

/// What happens when a producer emits more than demand and buffer can hold. Whatever is dropped is settled as
/// abandoned, counted, and told by the event `buffer_overflow`.
enum class buffer_policy : std::uint8_t {
    pause,       ///< the producer is told to pause; what it emits beyond the reserve is dropped, newest first
    drop_oldest, ///< what has waited longest makes room
    drop_newest, ///< what finds no room is dropped
};

[[nodiscard]] std::string_view to_string(buffer_policy p) noexcept;

/// How a producer's buffer (`buffer_size` messages) behaves when it fills up.
struct overflow_options {
    buffer_policy policy{buffer_policy::pause};

    /// With `pause` only: at this many buffered messages the producer is told to pause, from 1 to
    /// `buffer_size`; 0 = `buffer_size`.
    std::size_t high_watermark{0};

    /// With `pause` only: at this many or fewer it is told to resume; less than `high_watermark`; `automatic`
    /// = half of it.
    std::size_t low_watermark{automatic};

    /// With `pause` only: room beyond `buffer_size` for what a paused producer has read already; `automatic`
    /// = a tenth of `buffer_size`.
    std::size_t reserve{automatic};

    static constexpr std::size_t automatic = static_cast<std::size_t>(-1);
};

} // namespace weir::pipeline
