#pragma once

#include <weir/base/error.hpp>
#include <weir/base/time.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace weir::pipeline {

/// A producer is at work: it may emit from now on.
struct producer_started {
    static constexpr std::string_view event_name = "producer.started";
    std::string_view pipeline;
    std::size_t producer; ///< index
};

/// A producer stopped by itself, or threw.
struct producer_failed {
    static constexpr std::string_view event_name = "producer.failed";
    std::string_view pipeline;
    std::size_t producer;
    const error& reason;
    std::optional<duration> restarts_in; ///< nothing: it will not; the pipeline drains and ends
};

/// A producer that had failed was started again.
struct producer_restarted {
    static constexpr std::string_view event_name = "producer.restarted";
    std::string_view pipeline;
    std::size_t producer;
    std::size_t restarts; ///< of this producer so far
};

/// A producer has nothing more to bring, ever.
struct producer_finished {
    static constexpr std::string_view event_name = "producer.finished";
    std::string_view pipeline;
    std::size_t producer;
};

/// A producer was told to bring nothing for now: its buffer is full, or intake is paused.
struct producer_paused {
    static constexpr std::string_view event_name = "producer.paused";
    std::string_view pipeline;
    std::size_t producer;
};

struct producer_resumed {
    static constexpr std::string_view event_name = "producer.resumed";
    std::string_view pipeline;
    std::size_t producer;
};

} // namespace weir::pipeline
