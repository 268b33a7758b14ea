#pragma once

#include <atomic>
#include <cstddef>

namespace weir::pipeline::engine {

/// What every message passes when it leaves its source. Open and unmetered it costs a load. Thread-safe.
class gate {
  public:
    virtual ~gate() = default;

    /// Whether `admit` must be asked.
    [[nodiscard]] bool metered() const noexcept { return metered_.load(std::memory_order_relaxed); }

    /// Nothing may pass, and no demand be announced.
    [[nodiscard]] bool closed() const noexcept { return closed_.load(); }

    /// Producers shall bring nothing until further notice.
    [[nodiscard]] bool wants_pause() const noexcept { return wants_pause_.load(); }

    /// How many of `wanted` messages may pass now.
    [[nodiscard]] virtual std::size_t admit(std::size_t wanted) noexcept = 0;

  protected:
    gate() = default;
    gate(const gate&) = delete;
    gate& operator=(const gate&) = delete;

    void set(bool metered, bool closed, bool wants_pause) noexcept {
        put(metered_, metered);
        put(wants_pause_, wants_pause);
        put(closed_, closed);
    }

  private:
    /// Writes only what changes: everybody reads.
    static void put(std::atomic<bool>& flag, bool value) noexcept {
        if (flag.load() != value) flag.store(value);
    }

    std::atomic<bool> metered_{false};
    std::atomic<bool> closed_{false};
    std::atomic<bool> wants_pause_{false};
};

} // namespace weir::pipeline::engine
