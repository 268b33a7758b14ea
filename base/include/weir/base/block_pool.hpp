#pragma once

#include <weir/base/bytes.hpp>

#include <cstddef>
#include <cstdint>

namespace weir {

/// A bounded store of blocks of 64 KiB for what is read from sockets. A block comes back by itself when its
/// last slice dies, on whatever thread that happens, and is used again.
///
/// At the bound the caller chooses: `try_take` reports exhaustion, `take` falls back to a small block from
/// the heap. Reading must be able to go on even when slow messages pin every block of the pool, because
/// acknowledgements, pings and the CONNACK of the next connection are read through it; small overflow blocks
/// keep that going while a message pins 4 KiB instead of 64.
///
/// Thread-safe. Slices may outlive the pool; memory is freed with the last of them.
class block_pool {
  public:
    static constexpr std::size_t block_size = 65'536;
    static constexpr std::size_t overflow_size = 4'096;

    struct counters {
        std::size_t in_use{0};          ///< pool blocks out at this moment
        std::size_t idle{0};            ///< pool blocks waiting to be used again
        std::size_t overflow_in_use{0}; ///< small blocks out because the pool was empty
        std::uint64_t taken{0};         ///< pool blocks handed out since the start
        std::uint64_t exhausted{0};     ///< requests that found the pool empty
    };

    /// At most `max_blocks` blocks are out at a time, overflow apart; at least 1. Blocks are allocated when
    /// first needed and kept until the end.
    explicit block_pool(std::size_t max_blocks = 64);
    block_pool(const block_pool&) = delete;
    block_pool& operator=(const block_pool&) = delete;
    ~block_pool();

    /// A block with one reference, the caller's; null when all are out.
    [[nodiscard]] block* try_take();

    /// As `try_take`, but at the bound a block of `overflow_size` bytes. Never null.
    [[nodiscard]] block* take();

    [[nodiscard]] counters stats() const;

  private:
    struct core;

    core* core_;
};

} // namespace weir
