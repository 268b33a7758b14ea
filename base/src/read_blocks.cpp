#include <weir/base/read_blocks.hpp>

#include <algorithm>
#include <utility>

namespace weir {

std::span<std::byte> read_blocks::space(std::size_t expected) {
    if (low_mem_) {
        if (current_ == nullptr)
            current_ = make_block(std::clamp(expected, least_block, block_pool::block_size));
        return {current_->data, current_->capacity};
    }
    if (current_ != nullptr) {
        // Acquire pairs with the release of the slices: their readers are done with the memory.
        if (current_->references.load(std::memory_order_acquire) == 1) filled_ = 0;
        if (current_->capacity - filled_ < least_space) release();
    }
    if (current_ == nullptr) current_ = pool_->take();
    return {current_->data + filled_, current_->capacity - filled_};
}

bytes read_blocks::commit(std::size_t count) noexcept {
    if (low_mem_ && count != 0) {
        block* const read = std::exchange(current_, nullptr);
        return {read, read->data, count};
    }
    if (low_mem_) release();
    if (count == 0) return {};
    current_->retain();
    bytes read{current_, current_->data + filled_, count};
    filled_ += count;
    return read;
}

void read_blocks::release() noexcept {
    if (current_ != nullptr) current_->drop();
    current_ = nullptr;
    filled_ = 0;
}

} // namespace weir
