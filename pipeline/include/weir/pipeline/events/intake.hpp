#pragma once

#include <weir/base/time.hpp>

#include <cstddef>
#include <string_view>

namespace weir::pipeline {

/// Messages came in from a producer, or were pushed past it; each will be settled. Emitted inside of the
/// producer's call that brings them: keep listeners short.
struct messages_accepted {
    static constexpr std::string_view event_name = "messages.accepted";
    std::string_view pipeline;
    std::size_t producer; ///< index
    std::size_t count;
};

/// The allowance of the running interval is used up; messages wait with their producers.
struct rate_limiter_closed {
    static constexpr std::string_view event_name = "rate_limiter.closed";
    std::string_view pipeline;
    duration opens_in;
};

/// Messages may pass again.
struct rate_limiter_opened {
    static constexpr std::string_view event_name = "rate_limiter.opened";
    std::string_view pipeline;
};

/// The application has paused intake.
struct intake_paused {
    static constexpr std::string_view event_name = "intake.paused";
    std::string_view pipeline;
};

/// The application has resumed intake.
struct intake_resumed {
    static constexpr std::string_view event_name = "intake.resumed";
    std::string_view pipeline;
};

/// Too many messages failed in a row, or a probe did: nothing is taken in for a while.
struct circuit_opened {
    static constexpr std::string_view event_name = "circuit_breaker.opened";
    std::string_view pipeline;
    duration cooldown;
};

/// The cooldown is over: some messages may pass.
struct circuit_probing {
    static constexpr std::string_view event_name = "circuit_breaker.probing";
    std::string_view pipeline;
    std::size_t probes;
};

/// All probes have succeeded.
struct circuit_closed {
    static constexpr std::string_view event_name = "circuit_breaker.closed";
    std::string_view pipeline;
};

} // namespace weir::pipeline
