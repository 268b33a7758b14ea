#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/acknowledger.hpp>
#include <weir/pipeline/events/intake.hpp>
#include <weir/pipeline/events/producer.hpp>
#include <weir/pipeline/running_pipeline.hpp>

#include <cstddef>
#include <span>
#include <string_view>

namespace weir::pipeline {

/// The pipeline has entered another state.
struct state_changed {
    static constexpr std::string_view event_name = "state.changed";
    std::string_view pipeline;
    pipeline::state to;
};

/// The pipeline has ended, by itself or by a stop; whoever waits for that is told after this.
struct pipeline_ended {
    static constexpr std::string_view event_name = "pipeline.ended";
    std::string_view pipeline;
    const stop_report& report; ///< its `reason` says why, unless the end was orderly
};

/// A producer emitted more than its buffer could hold, or emitted after it had drained; the messages were
/// settled as abandoned.
struct buffer_overflow {
    static constexpr std::string_view event_name = "buffer.overflow";
    std::string_view pipeline;
    std::size_t producer; ///< index
    std::size_t count;    ///< messages abandoned by this emission
    std::string_view reason;
    buffer_policy policy; ///< that of the pipeline
};

/// Messages have ended, and their acknowledger has been told.
struct messages_settled {
    static constexpr std::string_view event_name = "messages.settled";
    std::string_view pipeline;
    std::span<const settlement> settlements; ///< of one acknowledger, in the order in which it was told
    std::span<const time_point> accepted_at; ///< of each of them; `time_point{}` when its source did not say
    time_point time;                         ///< when they were settled
};

/// An acknowledger threw; its messages count as settled all the same.
struct settlement_failed {
    static constexpr std::string_view event_name = "settlement.failed";
    std::string_view pipeline;
    std::size_t count; ///< messages of that call
    std::string_view reason;
};

} // namespace weir::pipeline
