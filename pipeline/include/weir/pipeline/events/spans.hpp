#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/batch.hpp>
#include <weir/pipeline/message_view.hpp>
#include <weir/pipeline/options.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

/// What a pipeline does, step by step. A span begins with `<name>.start` and ends with either `<name>.stop`
/// or
/// `<name>.exception`, which carry the same `span`; `took` is monotonic. Emitted on the worker that does the
/// work, in the order in which things happen. While anybody listens to `processor.stop` the messages of a
/// chunk are settled and forwarded together, after that event's work and not one by one.
///
/// With a coroutine `handle_message` the span of a chunk ends when its messages have become coroutines, and
/// lists none of them; their own spans overlap, and those of the callbacks that come after it lie outside.
namespace weir::pipeline {

/// Part of every span: whose it is.
struct span_origin {
    std::string_view pipeline{};
    std::string_view stage{}; ///< name of the worker: "fleet.Processor_default_3"
    std::size_t worker{0};    ///< its index
    std::uint64_t span{0};    ///< the same in all events of one span, and in no other
};

struct span_start {
    time_point time{};               ///< monotonic
    system_time_point system_time{}; ///< wall clock
};

/// Why a span ended badly.
struct span_failure {
    std::string_view
        kind{}; ///< "std": derived from std::exception; "other"; "cancelled": by the stop, or by a time limit
    std::string_view reason{};
    std::string_view exception_type{};
};

/// All stages are up.
struct topology_init {
    static constexpr std::string_view event_name = "topology.init";
    std::string_view pipeline;
    system_time_point system_time;
    const options* configuration; ///< in force
};

/// A chunk is taken up.
struct processor_start {
    static constexpr std::string_view event_name = "processor.start";
    span_origin origin;
    span_start at;
    std::string_view group; ///< the processors' key
    message_views messages; ///< not decoded yet
};

/// It has been handled, and those of its messages that end here are settled.
struct processor_stop {
    static constexpr std::string_view event_name = "processor.stop";
    span_origin origin;
    duration took; ///< settlement included
    std::string_view group;
    message_views successful; ///< settled here
    message_views forwarded;  ///< about to go to their batchers
    message_views failed;
    std::size_t undecodable; ///< failed, too, without ever having become messages
};

/// Something outside of the callbacks failed, or the stop deadline passed.
struct processor_exception {
    static constexpr std::string_view event_name = "processor.exception";
    span_origin origin;
    duration took;
    std::string_view group;
    span_failure failure;
};

struct processor_message_start {
    static constexpr std::string_view event_name = "processor.message.start";
    span_origin origin;
    span_start at;
    message_view message;
};

/// `handle_message` returned, also if it failed the message.
struct processor_message_stop {
    static constexpr std::string_view event_name = "processor.message.stop";
    span_origin origin;
    duration took;
    message_view message;
};

/// It threw, or routed the message to a batcher that does not exist.
struct processor_message_exception {
    static constexpr std::string_view event_name = "processor.message.exception";
    span_origin origin;
    duration took;
    message_view message;
    span_failure failure;
};

/// A batcher takes up messages; `stage` is the processor on which it does so.
struct batcher_start {
    static constexpr std::string_view event_name = "batcher.start";
    span_origin origin;
    span_start at;
    std::string_view batcher; ///< its key
    message_views messages;
};

/// They are sorted into batches.
struct batcher_stop {
    static constexpr std::string_view event_name = "batcher.stop";
    span_origin origin;
    duration took;
    std::string_view batcher;
};

/// A batch is taken up.
struct batch_processor_start {
    static constexpr std::string_view event_name = "batch_processor.start";
    span_origin origin;
    span_start at;
    const batch_info* info;
    message_views messages;
};

/// It has been handled and its messages are settled.
struct batch_processor_stop {
    static constexpr std::string_view event_name = "batch_processor.stop";
    span_origin origin;
    duration took; ///< settlement included
    const batch_info* info;
    message_views successful;
    message_views failed;
};

struct batch_processor_exception {
    static constexpr std::string_view event_name = "batch_processor.exception";
    span_origin origin;
    duration took;
    const batch_info* info;
    span_failure failure;
};

struct handle_failed_start {
    static constexpr std::string_view event_name = "handle_failed.start";
    span_origin origin;
    span_start at;
    message_views messages;
};

struct handle_failed_stop {
    static constexpr std::string_view event_name = "handle_failed.stop";
    span_origin origin;
    duration took;
    message_views messages; ///< as the callback left them
};

struct handle_failed_exception {
    static constexpr std::string_view event_name = "handle_failed.exception";
    span_origin origin;
    duration took;
    message_views messages;
    span_failure failure;
};

/// An acknowledger is told how messages ended.
struct ack_start {
    static constexpr std::string_view event_name = "ack.start";
    span_origin origin;
    span_start at;
    std::size_t count;
};

struct ack_stop {
    static constexpr std::string_view event_name = "ack.stop";
    span_origin origin;
    duration took;
    std::size_t count;
};

struct ack_exception {
    static constexpr std::string_view event_name = "ack.exception";
    span_origin origin;
    duration took;
    std::size_t count;
    span_failure failure;
};

} // namespace weir::pipeline
