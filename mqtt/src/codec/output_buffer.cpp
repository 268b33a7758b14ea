#include <weir/mqtt/codec/output_buffer.hpp>

#include <algorithm>
#include <cstring>
#include <utility>

namespace weir::mqtt {
namespace {

/// Memory kept by `clear` for the next round; a rare burst beyond it is given back.
constexpr std::size_t kept_capacity = 256 * 1024;

constexpr std::size_t least_capacity = 1'024;

} // namespace

void output_buffer::prepare(std::size_t count) {
    if (capacity_ - used_ < count) {
        const auto wanted = std::max({least_capacity, 2 * capacity_, used_ + count});
        auto grown = std::make_unique_for_overwrite<std::byte[]>(wanted);
        if (used_ != 0) std::memcpy(grown.get(), copied_.get(), used_);
        copied_ = std::move(grown);
        capacity_ = wanted;
    }
    if (pieces_.empty() || !pieces_.back().shared.empty()) pieces_.push_back({used_, used_, {}});
}

void output_buffer::append(std::string_view text) {
    if (!text.empty()) std::memcpy(extend(text.size()), text.data(), text.size());
}

void output_buffer::append_byte(std::uint8_t value) {
    *extend(1) = static_cast<std::byte>(value);
}

void output_buffer::append_u16(std::uint16_t value) {
    std::byte* out = extend(2);
    out[0] = static_cast<std::byte>(value >> 8);
    out[1] = static_cast<std::byte>(value);
}

void output_buffer::append_u32(std::uint32_t value) {
    append_u16(static_cast<std::uint16_t>(value >> 16));
    append_u16(static_cast<std::uint16_t>(value));
}

void output_buffer::append(const bytes& slice) {
    if (slice.size() < share_threshold) {
        append(slice.text());
        return;
    }
    pieces_.push_back({0, 0, slice});
    size_ += slice.size();
}

const std::vector<std::span<const std::byte>>& output_buffer::segments() const {
    segments_.clear();
    for (const piece& p : pieces_)
        segments_.push_back(
            p.shared.empty() ? std::span<const std::byte>{copied_.get() + p.begin, p.end - p.begin}
                             : p.shared.span());
    return segments_;
}

void output_buffer::clear() noexcept {
    if (capacity_ > kept_capacity) {
        copied_.reset();
        capacity_ = 0;
    }
    used_ = 0;
    pieces_.clear();
    segments_.clear();
    size_ = 0;
}

void output_buffer::release() noexcept {
    output_buffer none;
    swap(none);
}

void output_buffer::swap(output_buffer& other) noexcept {
    copied_.swap(other.copied_);
    std::swap(capacity_, other.capacity_);
    std::swap(used_, other.used_);
    pieces_.swap(other.pieces_);
    segments_.swap(other.segments_);
    std::swap(size_, other.size_);
}

} // namespace weir::mqtt
