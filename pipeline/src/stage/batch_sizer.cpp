#include "stage/batch_sizer.hpp"

#include <algorithm>
#include <cmath>

namespace weir::pipeline {
namespace {

constexpr double close_enough = 0.1; // of the target: no change for less
constexpr double largest_step = 2.0;

} // namespace

batch_sizer::batch_sizer(std::size_t first, const limits& l) noexcept
    : limits_(l)
    , size_(std::clamp(first, l.min_size, l.max_size)) {}

void batch_sizer::observe(std::size_t messages, duration took) noexcept {
    if (messages == 0) return;
    const auto target = static_cast<double>(limits_.target.count());
    const auto time = std::max(1.0, static_cast<double>(took.count()));
    if (std::abs(time - target) <= close_enough * target) return;
    const auto wanted =
        static_cast<double>(messages) * std::clamp(target / time, 1 / largest_step, largest_step);
    const auto current = static_cast<double>(size_);
    // A batch that was not full and quick all the same says nothing about larger ones; nor does a small one
    // that was slow ask for more than the present size.
    const bool grows = time < target;
    if (grows ? wanted <= current : wanted >= current) return;
    const auto next = (current + wanted) / 2;
    const auto rounded = static_cast<std::size_t>(grows ? std::ceil(next) : std::floor(next));
    size_ = std::clamp(rounded, limits_.min_size, limits_.max_size);
}

} // namespace weir::pipeline
