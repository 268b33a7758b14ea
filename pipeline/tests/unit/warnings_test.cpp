#include <weir/pipeline/options.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weir::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

options processors(std::size_t concurrency, std::size_t max_demand) {
    return effective({.name = "x", .processors = {.concurrency = concurrency, .max_demand = max_demand}});
}

TEST(Warnings, AreGivenForAWindowThatCannotKeepAllProcessorsBusy) {
    EXPECT_THAT(
        warnings(processors(4, 10), 39),
        ElementsAre(HasSubstr("a source lets out 39 messages at once, but processors.concurrency (4) x "
                              "processors.max_demand (10) asks for 40")));
    EXPECT_THAT(warnings(processors(4, 10), 40), IsEmpty());
}

TEST(Warnings, AreGivenForBatchesLargerThanAllWindowsTogether) {
    auto o = processors(1, 1);
    o.batchers = {{.name = "small", .batch_size = 20}, {.name = "big", .batch_size = 21}};
    EXPECT_THAT(
        warnings(effective(o), 10, 2), ElementsAre(HasSubstr("batcher big has a batch size of 21, but")));
    EXPECT_THAT(warnings(effective(o), 11, 2), IsEmpty());
}

TEST(Warnings, AreNotGivenForSourcesWithoutAWindow) {
    EXPECT_THAT(warnings(processors(100, 100), 0), IsEmpty());
}

} // namespace
} // namespace weir::pipeline
