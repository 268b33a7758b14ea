#pragma once

#include <weir/base/coroutine_host.hpp>
#include <weir/base/task.hpp>

#include <utility>
#include <vector>

namespace weir::testing {

/// Runs tasks on a clock that stands still until told.
class coroutine_runner {
  public:
    void start(task<void> t) {
        tasks_.push_back(std::move(t));
        host.start(tasks_.back(), nullptr);
    }

    /// Until nothing can go on.
    void run() {
        while (host.run_one()) {
        }
    }

    void advance(duration d) {
        time.advance(d);
        run();
    }

    /// Destroys all tasks, those that wait included.
    void drop() { tasks_.clear(); }

    [[nodiscard]] bool done(std::size_t i) const { return tasks_[i].done(); }

    manual_time time;
    coroutine_host host{time};

  private:
    std::vector<task<void>> tasks_; // before the host goes
};

} // namespace weir::testing
