#include <weir/pipeline/partition.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>

namespace weir::pipeline {
namespace {

TEST(StableHash, NeverChangesFromVersionToVersion) {
    EXPECT_EQ(stable_hash(""), 8640173135264257171);
    EXPECT_EQ(stable_hash("a"), 4706636184713914157);
    EXPECT_EQ(stable_hash("bus/0018/00423"), 5699647363189483097);
}

TEST(StableHash, IsNeverNegativeAndSpreadsNeighbouringNames) {
    constexpr std::size_t workers = 8;
    constexpr int names = 8'000;
    std::array<int, workers> hits{};
    for (int i = 0; i < names; ++i) {
        const auto value = stable_hash("vehicle-" + std::to_string(i));
        ASSERT_GE(value, 0);
        ++hits[static_cast<std::size_t>(value) % workers];
    }
    const auto [fewest, most] = std::minmax_element(hits.begin(), hits.end());
    EXPECT_GT(*fewest, names / static_cast<int>(workers) * 8 / 10);
    EXPECT_LT(*most, names / static_cast<int>(workers) * 12 / 10);
}

} // namespace
} // namespace weir::pipeline
