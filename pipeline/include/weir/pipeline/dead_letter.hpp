#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/message.hpp>

#include <cstdint>
#include <string_view>

namespace weir::pipeline {

/// Where a message failed.
enum class failure_stage : std::uint8_t {
    decode,         ///< the transform refused it: there never was a message
    handle_message, ///< or `prepare_messages`, or its routing
    handle_batch,
};

[[nodiscard]] std::string_view to_string(failure_stage s) noexcept;

/// A message that has failed for good, as `handle_dead_letter` sees it. Valid during the call only.
template <class Raw>
struct dead_letter {
    Raw& raw; ///< what the producer emitted; may be moved from
    const failure_info& why;
    std::uint32_t attempts{1}; ///< how often it was tried, counted as `message::attempt` counts
    time_point accepted_at{};
    failure_stage stage{failure_stage::handle_message};
};

} // namespace weir::pipeline
