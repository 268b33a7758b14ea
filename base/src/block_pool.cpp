#include <weir/base/block_pool.hpp>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

namespace weir {

/// Shared by the pool and the blocks that are out: whoever is last frees it.
struct block_pool::core {
    explicit core(std::size_t bound)
        : max_blocks(bound) {
        idle.reserve(bound); // so that returning a block cannot fail
    }

    ~core() {
        for (block* b : idle)
            free_block(b);
    }

    core(const core&) = delete;
    core& operator=(const core&) = delete;

    [[nodiscard]] bool unused() const noexcept { return closed && in_use == 0 && overflow_in_use == 0; }

    [[nodiscard]] block* allocate(std::size_t capacity, block::release_function release) {
        block* b = make_block(capacity);
        free_block = std::exchange(b->release, release);
        b->owner = this;
        return b;
    }

    static void give_back(block* b) noexcept;
    static void give_back_overflow(block* b) noexcept;

    mutable std::mutex guard{};
    std::vector<block*> idle{};
    block::release_function free_block{nullptr}; ///< what `make_block` would have called
    const std::size_t max_blocks;
    std::size_t in_use{0};
    std::size_t overflow_in_use{0};
    std::uint64_t taken{0};
    std::uint64_t exhausted{0};
    bool closed{false};
};

void block_pool::core::give_back(block* b) noexcept {
    auto* self = static_cast<core*>(b->owner);
    bool last = false;
    {
        const std::lock_guard lock(self->guard);
        b->references.store(1, std::memory_order_relaxed);
        self->idle.push_back(b);
        --self->in_use;
        last = self->unused();
    }
    if (last) delete self;
}

void block_pool::core::give_back_overflow(block* b) noexcept {
    auto* self = static_cast<core*>(b->owner);
    bool last = false;
    {
        const std::lock_guard lock(self->guard);
        self->free_block(b);
        --self->overflow_in_use;
        last = self->unused();
    }
    if (last) delete self;
}

block_pool::block_pool(std::size_t max_blocks)
    : core_(new core(std::max<std::size_t>(max_blocks, 1))) {}

block_pool::~block_pool() {
    bool last = false;
    {
        const std::lock_guard lock(core_->guard);
        core_->closed = true;
        last = core_->unused();
    }
    if (last) delete core_;
}

block* block_pool::try_take() {
    const std::lock_guard lock(core_->guard);
    if (core_->in_use == core_->max_blocks) {
        ++core_->exhausted;
        return nullptr;
    }
    block* b = nullptr;
    if (core_->idle.empty()) {
        b = core_->allocate(block_size, &core::give_back);
    } else {
        b = core_->idle.back(); // the one used last: the likeliest to be in a cache
        core_->idle.pop_back();
    }
    ++core_->in_use;
    ++core_->taken;
    return b;
}

block* block_pool::take() {
    if (block* b = try_take()) return b;
    const std::lock_guard lock(core_->guard);
    block* b = core_->allocate(overflow_size, &core::give_back_overflow);
    ++core_->overflow_in_use;
    return b;
}

block_pool::counters block_pool::stats() const {
    const std::lock_guard lock(core_->guard);
    return {core_->in_use, core_->idle.size(), core_->overflow_in_use, core_->taken, core_->exhausted};
}

} // namespace weir
