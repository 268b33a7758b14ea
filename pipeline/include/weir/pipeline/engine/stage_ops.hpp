#pragma once

#include <weir/pipeline/batch.hpp>
#include <weir/pipeline/engine/parcel.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace weir::pipeline::engine {

/// A message that never came to be, since it could not be decoded.
struct rejection {
    std::uint32_t index{0}; ///< its place in the chunk
    failure_info failure{};
};

/// One step of moving messages between runs.
struct placement {
    std::uint32_t index{0}; ///< in the run they leave; what stays behind there keeps its obligation
    message_run* to{nullptr};
};

/// The user's callbacks as one worker calls them, always from its own thread: one virtual call per chunk or
/// batch. No exception leaves these functions but `std::bad_alloc`; callbacks' exceptions end as failures.
class callbacks {
  public:
    virtual ~callbacks() = default;

    /// Decodes a chunk into `out` and runs `prepare_messages` on it. False when that failed them all: then no
    /// message is to be handled.
    [[nodiscard]] virtual bool prepare(raw_run& in, message_run& out, std::vector<rejection>& rejected) = 0;

    /// Runs `handle_message` on `count` messages from `first` on.
    virtual void handle(message_run& messages, std::size_t first, std::size_t count) = 0;

    virtual void handle_batch(batch_info info, message_run& messages) = 0;
    virtual void handle_failed(message_run& failed) = 0;

  protected:
    callbacks() = default;
    callbacks(const callbacks&) = default;
    callbacks& operator=(const callbacks&) = default;
};

/// All the engine knows of the user's types. Thread-safe.
class stage_ops {
  public:
    virtual ~stage_ops() = default;
    [[nodiscard]] virtual std::unique_ptr<message_run> make_run(std::size_t capacity) const = 0;

    /// For a worker, on its thread, before its first message. Throws what the user's factory throws.
    [[nodiscard]] virtual std::unique_ptr<callbacks> make_callbacks() = 0;

    [[nodiscard]] virtual bool handles_batches() const noexcept = 0;
    [[nodiscard]] virtual bool handles_failures() const noexcept = 0;

    virtual void move(message_run& from, std::span<const placement> steps) = 0;

  protected:
    stage_ops() = default;
    stage_ops(const stage_ops&) = default;
    stage_ops& operator=(const stage_ops&) = default;
};

} // namespace weir::pipeline::engine
