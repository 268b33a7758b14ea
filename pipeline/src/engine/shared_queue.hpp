#pragma once

#include "engine/bell_board.hpp"
#include "engine/work_queue.hpp"

#include <weir/base/parker.hpp>
#include <weir/base/ring.hpp>

#include <cstddef>
#include <memory>

namespace weir::pipeline::engine {

/// One queue for all processors, so that no message waits behind a busy one while another is idle. Its bound
/// is the credit of all sources, and a chunk holds at least one message, so there is always room.
class shared_queue final : public work_queue {
  public:
    /// `credit`: messages that can wait here at most; `max_chunk`: messages in a chunk at most.
    shared_queue(std::size_t credit, std::size_t max_chunk)
        : chunks_(credit)
        , max_chunk_(max_chunk) {}

    shared_queue(const shared_queue&) = delete;
    shared_queue& operator=(const shared_queue&) = delete;
    ~shared_queue() override;

    void push(std::unique_ptr<raw_run> chunk) noexcept override;

    void pushed() noexcept override {
        parker_.wake_one();
        bells_.ring_one();
    }

    [[nodiscard]] std::unique_ptr<raw_run> pop(seat& me) override;

    [[nodiscard]] std::unique_ptr<raw_run> try_pop(seat& me) override;
    [[nodiscard]] bool enlist(seat& me) override;
    void delist(seat& me) noexcept override;

    void done(std::size_t) noexcept override {}

    void hold(std::size_t) noexcept override {}

    void release(std::size_t) noexcept override {}

    [[nodiscard]] bool resize(std::size_t) override { return true; }

    [[nodiscard]] std::unique_ptr<raw_run> take_out() override;
    void dismiss(seat& who) noexcept override;

    /// Such that a burst of `count` messages keeps every idle processor busy.
    [[nodiscard]] std::size_t chunk_length(std::size_t count) const noexcept override;

    void close() noexcept override { parker_.close(); }

    [[nodiscard]] std::size_t size() const noexcept override { return chunks_.size(); }

    [[nodiscard]] std::size_t max_chunk() const noexcept override { return max_chunk_; }

  private:
    void share(raw_run& chunk);

    ring<raw_run*> chunks_;
    std::size_t max_chunk_;
    parker parker_;
    bell_board bells_;
};

} // namespace weir::pipeline::engine
