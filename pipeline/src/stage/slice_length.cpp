#include "stage/slice_length.hpp"

#include <algorithm>
#include <chrono>

namespace weir::pipeline {
namespace {

/// What a message may wait for others of its chunk: far more than reading a clock or settling costs.
constexpr duration longest = std::chrono::milliseconds{1};

constexpr unsigned measure_every = 16; // chunks

} // namespace

bool slice_length::measures(std::size_t count) noexcept {
    if (length_ != whole) return true;
    if (count < 2) return false; // nobody waits
    return chunks_++ % measure_every == 0;
}

void slice_length::took(std::size_t count, duration time) noexcept {
    const auto each = time / static_cast<duration::rep>(count);
    constexpr std::size_t long_enough = 1'000; // a chunk that long is settled within a moment
    const auto length = each.count() > 0 ? static_cast<std::size_t>(longest / each) : whole;
    length_ = length >= long_enough ? whole : std::max<std::size_t>(1, length);
}

} // namespace weir::pipeline
