#include <weir/base/histogram.hpp>

#include <algorithm>
#include <cmath>

namespace weir {

std::uint64_t histogram::upper_end(std::size_t index) noexcept {
    if (index < (std::size_t{2} << sub_bits)) return index;
    const auto shift = (index >> sub_bits) - 1;
    const auto top = static_cast<std::uint64_t>(index - (shift << sub_bits));
    return ((top + 1) << shift) - 1; // the last bucket wraps to the largest value, as it should
}

std::uint64_t histogram::count() const noexcept {
    std::uint64_t sum = 0;
    for (const auto& b : buckets_)
        sum += b.load(std::memory_order_relaxed);
    return sum;
}

std::uint64_t histogram::percentile(double percent) const noexcept {
    const auto total = count();
    if (total == 0) return 0;
    const auto share = std::clamp(percent, 0.0, 100.0) / 100.0;
    const auto wanted =
        std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(total))));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < bucket_count; ++i) {
        seen += buckets_[i].load(std::memory_order_relaxed);
        if (seen >= wanted) return std::min(upper_end(i), max());
    }
    return max();
}

} // namespace weir
