#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace weir::bench {

/// Counts of handled messages in memory that the broker's process and the consumer's process share, so that
/// the broker can see at any moment how far the consumer has got. A counter per thread, each in a cache line
/// of its own: counting costs a plain store.
class shared_counters {
  public:
    /// Creates the memory.
    shared_counters();

    /// Attaches to what another process created.
    explicit shared_counters(int fd);
    shared_counters(const shared_counters&) = delete;
    shared_counters& operator=(const shared_counters&) = delete;
    ~shared_counters();

    /// A counter for the calling thread alone.
    class slot {
      public:
        explicit slot(std::atomic<std::uint64_t>& value)
            : value_(&value) {}

        void add(std::uint64_t n) {
            value_->store(value_->load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
        }

      private:
        std::atomic<std::uint64_t>* value_;
    };

    [[nodiscard]] slot claim();

    /// All slots together.
    [[nodiscard]] std::uint64_t sum() const;

    [[nodiscard]] int fd() const noexcept { return fd_; }

  private:
    static constexpr std::size_t slots = 64;

    struct alignas(128) line {
        std::atomic<std::uint64_t> value{0};
    };

    struct layout {
        std::atomic<std::uint32_t> claimed{0};
        line lines[slots];
    };

    void map();

    int fd_;
    layout* memory_{nullptr};
};

} // namespace weir::bench
