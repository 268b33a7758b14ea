#pragma once

#include <weir/base/task.hpp>
#include <weir/pipeline/abilities.hpp>
#include <weir/pipeline/batch.hpp>
#include <weir/pipeline/dead_letter.hpp>
#include <weir/pipeline/engine/message_observer.hpp>
#include <weir/pipeline/engine/parcel.hpp>
#include <weir/pipeline/partition.hpp>
#include <weir/pipeline/verdict.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace weir::pipeline::engine {

/// A message that never came to be: it could not be decoded, or was dropped, and is successful then.
struct rejection {
    std::uint32_t index{0}; ///< its place in the chunk
    failure_info failure{};
    obligation owed{};
    std::uint32_t attempt{1};
    outcome result{outcome::failed};
};

/// One step of moving messages between runs.
struct placement {
    std::uint32_t index{0}; ///< in the run they leave; what stays behind there keeps its obligation
    message_run* to{nullptr};
};

/// The states of a batcher's open batches, by their slots, for the handler's `split_batch`.
class split_states {
  public:
    virtual ~split_states() = default;

  protected:
    split_states() = default;
    split_states(const split_states&) = default;
    split_states& operator=(const split_states&) = default;
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

    /// The functions that options of a batcher ask for, each for the messages at `which`. One that throws
    /// fails its message, whose value then means nothing.
    virtual void measure(
        message_run& messages, std::span<const std::uint32_t> which, std::vector<std::size_t>& bytes) = 0;
    virtual void partition(
        message_run& messages, std::span<const std::uint32_t> which,
        std::vector<partition_value>& values) = 0;

    /// Nothing: the message failed. With `first` the batch gets a state of its own before.
    [[nodiscard]] virtual std::optional<split_verdict> split(
        std::string_view batcher, split_states& states, std::uint32_t slot, bool first, message_run& messages,
        std::uint32_t index) = 0;

    /// Who sees the messages that `handle` handles from now on; null: nobody.
    void observe(message_observer* by) noexcept { observer_ = by; }

    /// What the last `handle_failed` threw, once; null: nothing.
    [[nodiscard]] std::unique_ptr<failure_info> take_thrown() noexcept { return std::move(thrown_); }

    /// Runs `handle_batch` on `count` messages from `first` on. False: it threw.
    [[nodiscard]] virtual bool handle_batch(
        batch_info info, message_run& messages, std::size_t first, std::size_t count) = 0;

    /// The same when they are coroutines: made, not yet begun. The run must stay as it is until they end.
    /// `observer` sees that one message, or is null.
    [[nodiscard]] virtual task<void> message_task(
        message_run& messages, std::size_t index, message_observer* observer) = 0;
    [[nodiscard]] virtual task<bool> batch_task(
        const batch_info& info, message_run& messages, std::size_t first, std::size_t count) = 0;

    virtual void handle_failed(message_run& failed) = 0;

    /// What is to become of a failed message; only with `decides_failures`.
    [[nodiscard]] virtual verdict decide(message_run& messages, std::uint32_t index) = 0;

    /// Offers a failed message to `handle_dead_letter`. Null: it was taken; else why not. Only with
    /// `takes_dead_letters`.
    [[nodiscard]] virtual std::unique_ptr<failure_info> bury(
        message_run& messages, std::uint32_t index, failure_stage stage) = 0;
    [[nodiscard]] virtual std::unique_ptr<failure_info> bury(raw_run& in, const rejection& undecodable) = 0;

  protected:
    callbacks() = default;
    callbacks(const callbacks&) = delete;
    callbacks& operator=(const callbacks&) = delete;

    [[nodiscard]] message_observer* observer() const noexcept { return observer_; }

    void set_thrown(failure_info why) { thrown_ = std::make_unique<failure_info>(std::move(why)); }

  private:
    message_observer* observer_{nullptr};
    std::unique_ptr<failure_info> thrown_;
};

/// All the engine knows of the user's types. Thread-safe.
class stage_ops {
  public:
    virtual ~stage_ops() = default;
    [[nodiscard]] virtual std::unique_ptr<message_run> make_run(std::size_t capacity) const = 0;

    /// For a worker, on its thread, before its first message. Throws what the user's factory throws.
    [[nodiscard]] virtual std::unique_ptr<callbacks> make_callbacks() = 0;

    /// Null without `split_batch`.
    [[nodiscard]] virtual std::unique_ptr<split_states> make_split_states() const = 0;

    [[nodiscard]] virtual handler_abilities abilities() const noexcept = 0;
    [[nodiscard]] virtual bool handles_failures() const noexcept = 0;
    [[nodiscard]] virtual bool decides_failures() const noexcept = 0;
    [[nodiscard]] virtual bool takes_dead_letters() const noexcept = 0;

    /// Asks the user to which partition each message of a chunk belongs; -1, and a reason, for a message
    /// without an answer. On any thread.
    virtual void partition(
        const raw_run& chunk, std::vector<partition_value>& into, std::vector<std::string>& reasons) = 0;

    virtual void move(message_run& from, std::span<const placement> steps) = 0;

    /// Turns a message back into the event it was made of, for another attempt, as a chunk of its own of that
    /// source. What stays behind is as after `move`.
    [[nodiscard]] virtual std::unique_ptr<raw_run> take_back(
        message_run& from, std::uint32_t index, std::size_t source) const = 0;

  protected:
    stage_ops() = default;
    stage_ops(const stage_ops&) = default;
    stage_ops& operator=(const stage_ops&) = default;
};

} // namespace weir::pipeline::engine
