#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

namespace weir {

/// A piece of memory shared by the slices cut from it. Made by `block_pool` or `bytes::copy`; the last
/// reference hands it to `release`, which returns it to where it came from.
struct block {
    using release_function = void (*)(block*) noexcept;

    std::atomic<std::uint32_t> references{1};
    std::size_t capacity{0};
    release_function release{nullptr};
    void* owner{nullptr};
    std::byte* data{nullptr};

    void retain(std::uint32_t count = 1) noexcept { references.fetch_add(count, std::memory_order_relaxed); }

    void drop(std::uint32_t count = 1) noexcept {
        if (references.fetch_sub(count, std::memory_order_acq_rel) == count) release(this);
    }
};

/// A block of `capacity` bytes that belongs to no pool and is freed with its last reference. The caller holds
/// the first one.
[[nodiscard]] block* make_block(std::size_t capacity);

/// An immutable, reference-counted slice of bytes. Copying shares the memory; nothing copies the content.
///
/// Thread safety: distinct objects may be used from different threads even when they share a block.
class bytes {
  public:
    bytes() noexcept = default;

    /// Takes over one reference to `owner`; [`data`, `data + size`) must lie inside it.
    bytes(block* owner, const std::byte* data, std::size_t size) noexcept
        : owner_(owner)
        , data_(data)
        , size_(size) {}

    bytes(const bytes& other) noexcept
        : owner_(other.owner_)
        , data_(other.data_)
        , size_(other.size_) {
        if (owner_ != nullptr) owner_->retain();
    }

    bytes(bytes&& other) noexcept
        : owner_(std::exchange(other.owner_, nullptr))
        , data_(std::exchange(other.data_, nullptr))
        , size_(std::exchange(other.size_, 0)) {}

    bytes& operator=(bytes other) noexcept {
        swap(other);
        return *this;
    }

    ~bytes() {
        if (owner_ != nullptr) owner_->drop();
    }

    void swap(bytes& other) noexcept {
        std::swap(owner_, other.owner_);
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
    }

    /// A slice over memory of its own, filled from `content`.
    [[nodiscard]] static bytes copy(std::span<const std::byte> content);
    [[nodiscard]] static bytes copy(std::string_view content);

    /// A slice over memory that outlives every user of it, such as a string literal.
    [[nodiscard]] static bytes over_static(std::string_view content) noexcept {
        return {nullptr, reinterpret_cast<const std::byte*>(content.data()), content.size()};
    }

    [[nodiscard]] const std::byte* data() const noexcept { return data_; }

    [[nodiscard]] std::size_t size() const noexcept { return size_; }

    [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

    [[nodiscard]] std::span<const std::byte> span() const noexcept { return {data_, size_}; }

    /// The same memory as characters; no check of the encoding is made.
    [[nodiscard]] std::string_view text() const noexcept {
        return {reinterpret_cast<const char*>(data_), size_};
    }

    /// A part of this slice that shares its memory. `offset + count` must not exceed `size()`.
    [[nodiscard]] bytes slice(std::size_t offset, std::size_t count) const noexcept {
        if (owner_ != nullptr) owner_->retain();
        return {owner_, data_ + offset, count};
    }

    /// Grows this slice over `following` when that begins where this one ends, in the same block: two reads
    /// into one block become one slice without a copy. Otherwise changes nothing and returns false.
    bool extend(const bytes& following) noexcept {
        if (owner_ == nullptr || owner_ != following.owner_ || data_ + size_ != following.data_) return false;
        size_ += following.size_;
        return true;
    }

    friend bool operator==(const bytes& a, const bytes& b) noexcept { return a.text() == b.text(); }

    friend bool operator==(const bytes& a, std::string_view b) noexcept { return a.text() == b; }

  private:
    friend class slicer;

    block* owner_{nullptr};
    const std::byte* data_{nullptr};
    std::size_t size_{0};
};

} // namespace weir
