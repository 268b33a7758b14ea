#pragma once

#include <weir/base/parker.hpp>
#include <weir/base/ring.hpp>
#include <weir/pipeline/engine/parcel.hpp>

#include <cstddef>
#include <memory>

namespace weir::pipeline::engine {

/// The chunks that wait for a processor: one queue for all, so that no message waits behind a busy processor
/// while another is idle. Its bound is the credit of all sources, and a chunk holds at least one message, so
/// there is always room. Thread-safe.
class processor_queue {
  public:
    /// `credit`: messages that can wait here at most; `max_chunk`: messages in a chunk at most.
    processor_queue(std::size_t credit, std::size_t max_chunk)
        : chunks_(credit)
        , max_chunk_(max_chunk) {}

    processor_queue(const processor_queue&) = delete;
    processor_queue& operator=(const processor_queue&) = delete;
    ~processor_queue();

    void push(std::unique_ptr<raw_run> chunk) noexcept;

    /// After a series of pushes.
    void pushed() noexcept { parker_.wake_one(); }

    /// Takes up a chunk; waits for one. Nothing: closed.
    [[nodiscard]] std::unique_ptr<raw_run> pop();

    /// Takes up a chunk if there is one.
    [[nodiscard]] std::unique_ptr<raw_run> try_pop() noexcept;

    /// How long chunks should be so that a burst of `count` messages keeps every idle processor busy.
    [[nodiscard]] std::size_t chunk_length(std::size_t count) const noexcept;

    void close() noexcept { parker_.close(); }

    [[nodiscard]] std::size_t size() const noexcept { return chunks_.size(); }

    [[nodiscard]] std::size_t max_chunk() const noexcept { return max_chunk_; }

  private:
    void share(raw_run& chunk);

    ring<raw_run*> chunks_;
    std::size_t max_chunk_;
    parker parker_;
};

} // namespace weir::pipeline::engine
