#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <type_traits>

namespace weir {

/// A bounded queue for any number of producers and consumers, first in first out. Nothing blocks, nothing
/// allocates after construction. Made for small values such as pointers.
///
/// Thread-safe. While a thread stands still in the middle of a push or pop, the queue may look full or empty
/// to others although it is not; it never loses or repeats a value. After Dmitry Vyukov's bounded MPMC queue.
template <class T>
requires std::is_trivially_copyable_v<T>

class ring {
  public:
    /// Room for at least `capacity` values; rounded up to a power of two, at least 2.
    explicit ring(std::size_t capacity)
        : mask_(std::bit_ceil(capacity < 2 ? std::size_t{2} : capacity) - 1)
        , cells_(std::make_unique<cell[]>(mask_ + 1)) {
        for (std::size_t i = 0; i <= mask_; ++i)
            cells_[i].sequence.store(i, std::memory_order_relaxed);
    }

    [[nodiscard]] bool try_push(T value) noexcept {
        auto position = tail_.load(std::memory_order_relaxed);
        for (;;) {
            cell& c = cells_[position & mask_];
            const auto lead = distance(c.sequence.load(std::memory_order_acquire), position);
            if (lead < 0) return false;
            if (lead > 0) {
                position = tail_.load(std::memory_order_relaxed);
            } else if (tail_.compare_exchange_weak(position, position + 1, std::memory_order_relaxed)) {
                c.value = value;
                c.sequence.store(position + 1, std::memory_order_release);
                return true;
            }
        }
    }

    [[nodiscard]] bool try_pop(T& value) noexcept {
        auto position = head_.load(std::memory_order_relaxed);
        for (;;) {
            cell& c = cells_[position & mask_];
            const auto lead = distance(c.sequence.load(std::memory_order_acquire), position + 1);
            if (lead < 0) return false;
            if (lead > 0) {
                position = head_.load(std::memory_order_relaxed);
            } else if (head_.compare_exchange_weak(position, position + 1, std::memory_order_relaxed)) {
                value = c.value;
                c.sequence.store(position + mask_ + 1, std::memory_order_release);
                return true;
            }
        }
    }

    /// Whether a pop would find something at this moment.
    [[nodiscard]] bool readable() const noexcept {
        const auto position = head_.load(std::memory_order_relaxed);
        return distance(cells_[position & mask_].sequence.load(std::memory_order_acquire), position + 1) >= 0;
    }

    /// About how many values wait; exact when nobody pushes or pops.
    [[nodiscard]] std::size_t size() const noexcept {
        const auto head = head_.load(std::memory_order_relaxed);
        const auto tail = tail_.load(std::memory_order_relaxed);
        return tail >= head ? tail - head : 0;
    }

    [[nodiscard]] std::size_t capacity() const noexcept { return mask_ + 1; }

  private:
    static constexpr std::size_t line = 64;

    struct cell {
        std::atomic<std::size_t> sequence{0};
        T value{};
    };

    static std::ptrdiff_t distance(std::size_t a, std::size_t b) noexcept {
        return static_cast<std::ptrdiff_t>(a - b);
    }

    std::size_t mask_;
    std::unique_ptr<cell[]> cells_;
    alignas(line) std::atomic<std::size_t> tail_{0}; // producers' and consumers' ends apart: no false sharing
    alignas(line) std::atomic<std::size_t> head_{0};
};

} // namespace weir
