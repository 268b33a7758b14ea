#pragma once

#include <weir/pipeline/dead_letter.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace weir::pipeline {

/// A failed message will run again.
struct message_retry {
    static constexpr std::string_view event_name = "message.retry";
    std::string_view pipeline;
    failure_stage stage;
    std::uint32_t attempt; ///< the one that failed
    std::chrono::milliseconds pause;
    std::string_view reason;
};

/// A batch whose `handle_batch` threw will run again as a whole.
struct batch_retry {
    static constexpr std::string_view event_name = "batch.retry";
    std::string_view pipeline;
    std::string_view batcher;
    std::size_t size;
    std::uint32_t attempt; ///< at the whole batch, the one that failed
    std::chrono::milliseconds pause;
    std::string_view reason;
};

/// A message that failed for good was offered to `handle_dead_letter`.
struct message_dead_lettered {
    static constexpr std::string_view event_name = "message.dead_letter";
    std::string_view pipeline;
    failure_stage stage;
    std::uint32_t attempts;
    bool taken;              ///< false: the callback threw, so the message is settled as abandoned
    std::string_view reason; ///< why it failed; when not taken, why not
};

} // namespace weir::pipeline
