#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::pipeline {

/// Which messages processors handle one after another, in the order in which their producer emitted them. Two
/// producers interleave arbitrarily. A message that fails does not stop those behind it.
enum class ordering : std::uint8_t {
    none,        ///< any order; nothing waits behind a busy processor while another is idle
    partitioned, ///< a message always runs on the processor `partition_by` modulo `concurrency`
    keyed, ///< messages of one lane, `partition_by` modulo `lanes`, run one after another, on any processor
};

[[nodiscard]] std::string_view to_string(ordering o) noexcept;

/// The order among messages; both but `none` need a handler with `partition_by`.
///
/// `partitioned` keeps what belongs together on one thread, which suits state that a processor keeps. But
/// uneven values overload one processor while others idle, and every processor that is slow fills the buffer
/// of all in the end; a low `max_demand` makes both worse, since less can wait. `keyed` has many more lanes
/// than processors and so balances itself: prefer it unless the thread matters. In both, keys that are equal
/// modulo the divisor share their fate.
struct ordering_options {
    ordering mode{ordering::none};
    std::size_t lanes{1'024}; ///< for `keyed`; from the number of processors to 1,000,000

    /// Messages per producer that may wait in lanes beyond `concurrency` x `max_demand`; part of the
    /// announced demand, for `partitioned` and `keyed`. A slow lane delays others only when so many wait for
    /// it that demand is used up; 0 to 1,000,000.
    std::size_t lane_buffer{1'000};
};

} // namespace weir::pipeline
