#pragma once

#include <weir/base/block_pool.hpp>
#include <weir/base/bytes.hpp>

#include <cstddef>
#include <span>

namespace weir {

/// Where one connection reads into: `space`, read, `commit`, again. Consecutive reads lie behind each other
/// in one block until it is nearly full, so that packets split by reads stay in one piece; a block nobody
/// else refers to is filled again from its start. Not thread-safe; the slices are as free as any `bytes`.
///
/// After `set_low_mem` each read has a block of its own, as large as what is expected, and nothing is held
/// between a `commit` and the next `space`.
class read_blocks {
  public:
    /// `pool` must outlive this object.
    explicit read_blocks(block_pool& pool)
        : pool_(&pool) {}

    read_blocks(const read_blocks&) = delete;
    read_blocks& operator=(const read_blocks&) = delete;

    ~read_blocks() { release(); }

    /// To be called before anything else.
    void set_low_mem() noexcept { low_mem_ = true; }

    /// Room to read into, never empty and the same until `commit`. Takes a block when the current one has
    /// little left. `expected` is how much is known to be there; only `set_low_mem` makes it matter.
    [[nodiscard]] std::span<std::byte> space(std::size_t expected = 0);

    /// The first `count` bytes of `space()`, now read.
    [[nodiscard]] bytes commit(std::size_t count) noexcept;

    /// Gives the current block up, for instance because the connection is gone.
    void release() noexcept;

  private:
    /// Below this many free bytes a new block is taken: a read this short is not worth its system call.
    static constexpr std::size_t least_space = 2'048;

    /// Of a block for one read.
    static constexpr std::size_t least_block = 1'024;

    block_pool* pool_;
    bool low_mem_{false};
    block* current_{nullptr};
    std::size_t filled_{0};
};

} // namespace weir
