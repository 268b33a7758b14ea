#pragma once

#include "engine/ledger_lanes.hpp"
#include "engine/worker.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace weir::pipeline::engine {

/// The workers of one stage, numbered from 0. Their number may change while they work: new ones get the next
/// numbers, the last ones leave, each when it is through with what it has in hand. Thread-safe.
class crew {
  public:
    /// Makes worker `index`, whose lane of the accounts is `lane`.
    using recruiter = std::function<std::unique_ptr<worker>(std::size_t index, std::size_t lane)>;

    /// `stepped`: without threads.
    crew(std::size_t size, const recruiter& recruit, ledger_lanes& lanes, bool stepped);

    /// Starts those it was built with. Throws what keeps one from working.
    void start();

    [[nodiscard]] std::size_t size() const;

    /// Adds workers up to `size`, all or none; does nothing when there are as many. Throws what keeps one
    /// from working, and `std::length_error` when too many are leaving still.
    void grow(std::size_t size);

    /// Lets the last ones go until `size` are left. Does not wait for them.
    void shrink(std::size_t size);

    /// Has another worker take the place of one that hangs, who leaves when it can. False: it is leaving
    /// already, there would be more than `most` with those who are leaving, or the other one cannot begin.
    bool replace(const worker& hanging, std::size_t most) noexcept;

    /// Everybody who may have messages in hand: those who are leaving, too.
    [[nodiscard]] std::vector<std::shared_ptr<worker>> everyone() const;

    /// Waits for all threads. The queue they work from is closed.
    void join();

  private:
    struct member {
        std::shared_ptr<worker> who;
        std::size_t lane{0};
    };

    [[nodiscard]] member recruit(std::size_t index);
    void begin(worker& w) const;
    [[nodiscard]] std::optional<std::size_t> index_of(const worker& w) const;
    void take_place(std::size_t index);
    void send_off();
    void forget_finished();
    [[nodiscard]] std::vector<member> take_finished();

    recruiter recruit_;
    ledger_lanes& lanes_;
    bool stepped_;
    std::mutex changing_; // one change at a time
    mutable std::mutex mutex_;
    std::vector<member> members_; // guarded by mutex_, by their numbers
    std::vector<member> leaving_; // guarded by mutex_; at most as many as there are lanes
};

} // namespace weir::pipeline::engine
