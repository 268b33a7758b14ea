#pragma once

#include <weir/base/bytes.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

namespace weir {

/// Cuts slices off one `bytes` with references taken many at a time. Slices usually die on other threads, and
/// a reference taken singly would fetch the block's counter back from another core each time. Not
/// thread-safe; the slices are as free as any `bytes`.
class slicer {
  public:
    slicer() noexcept = default;

    explicit slicer(bytes whole) noexcept
        : whole_(std::move(whole)) {}

    slicer(slicer&& other) noexcept
        : whole_(std::move(other.whole_))
        , spare_(std::exchange(other.spare_, 0)) {}

    slicer& operator=(slicer&& other) noexcept {
        std::swap(spare_, other.spare_);
        whole_.swap(other.whole_);
        return *this;
    }

    ~slicer() {
        if (spare_ != 0) whole_.owner_->drop(spare_);
    }

    [[nodiscard]] const bytes& whole() const noexcept { return whole_; }

    /// As `bytes::extend`.
    bool extend(const bytes& following) noexcept { return whole_.extend(following); }

    /// As `bytes::slice`; an empty one holds on to nothing.
    [[nodiscard]] bytes slice(std::size_t offset, std::size_t count) noexcept {
        if (count == 0) return {};
        if (whole_.owner_ != nullptr) {
            if (spare_ == 0) {
                whole_.owner_->retain(at_a_time);
                spare_ = at_a_time;
            }
            --spare_;
        }
        return {whole_.owner_, whole_.data_ + offset, count};
    }

  private:
    static constexpr std::uint32_t at_a_time = 64;

    bytes whole_{};
    std::uint32_t spare_{0};
};

} // namespace weir
