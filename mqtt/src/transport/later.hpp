#pragma once

#include <weir/mqtt/io_lane.hpp>

#include <memory>
#include <utility>

namespace weir::mqtt {

/// Runs what its owner has to say soon instead of now, and nothing once the owner is gone. Lane only.
class later {
  public:
    explicit later(io_lane& lane)
        : lane_(lane) {}

    template <class Task>
    void run(Task task) {
        lane_.post([alive = std::weak_ptr<char>(alive_), task = std::move(task)] {
            if (!alive.expired()) task();
        });
    }

    /// What was to run does not.
    void cancel() noexcept { alive_.reset(); }

  private:
    io_lane& lane_;
    std::shared_ptr<char> alive_{std::make_shared<char>()};
};

} // namespace weir::mqtt
