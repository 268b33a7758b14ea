#pragma once

#include <weir/base/result.hpp>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <optional>

namespace weir::connector {

/// Lets a caller wait until every producer is connected and subscribed, or one of them cannot be.
class readiness {
  public:
    explicit readiness(std::size_t producers)
        : missing_(producers) {}

    /// One more producer is ready; each says so once.
    void ready();

    /// A producer cannot go on. The first reason counts.
    void failed(const error& reason);

    [[nodiscard]] result<void> wait(std::chrono::milliseconds limit);

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t missing_;
    std::optional<error> failure_;
};

} // namespace weir::connector
