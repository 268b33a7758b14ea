#pragma once

#include <weir/sinks/sink.hpp>

#include <atomic>
#include <span>

namespace weir::tool {

/// The sink as the handlers see it; remembers when it will never take anything again. Thread-safe.
class sink_writer {
  public:
    explicit sink_writer(sinks::sink& to) noexcept
        : sink_(to) {}

    void write(std::span<sinks::message> messages);

    [[nodiscard]] bool is_closed() const noexcept { return closed_.load(std::memory_order_relaxed); }

  private:
    sinks::sink& sink_;
    std::atomic<bool> closed_{false};
};

} // namespace weir::tool
