#include <weir/pipeline/options.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::pipeline {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr handler_abilities all{true, true, true, true};

std::vector<std::string> faults_of(batcher_options b, const handler_abilities& can = all) {
    std::vector<std::string> paths;
    for (const auto& f : check({.name = "x", .batchers = {std::move(b)}}, can))
        paths.push_back(f.path);
    return paths;
}

TEST(BatcherOptions, NeedDemandToBeGivenWithASplitter) {
    EXPECT_THAT(faults_of({.splitter = true}), ElementsAre("batchers[0].max_demand"));
    EXPECT_THAT(faults_of({.max_demand = 1, .splitter = true}), IsEmpty());
}

TEST(BatcherOptions, AreRefusedWhenTheHandlerCannotDoWhatTheyAsk) {
    const handler_abilities none{.handles_batches = true};
    EXPECT_THAT(faults_of({.max_demand = 1, .splitter = true}, none), ElementsAre("batchers[0].splitter"));
    EXPECT_THAT(faults_of({.max_bytes = 1}, none), ElementsAre("batchers[0].max_bytes"));
    EXPECT_THAT(faults_of({.partitioned = true}, none), ElementsAre("batchers[0].partitioned"));
    EXPECT_THAT(faults_of({.serial_per_key = true}, none), IsEmpty());
}

TEST(BatcherOptions, WantAllOfAnAdaptiveSize) {
    EXPECT_THAT(
        faults_of({.adaptive = {.max_size = 100}}),
        ElementsAre("batchers[0].adaptive.min_size", "batchers[0].adaptive.target"));
    EXPECT_THAT(
        faults_of({.adaptive = {.min_size = 200, .max_size = 100, .target = 1s}}),
        ElementsAre("batchers[0].adaptive.max_size", "batchers[0].batch_size"));
    EXPECT_THAT(
        faults_of({.batch_size = 10, .adaptive = {.min_size = 20, .max_size = 100, .target = 1s}}),
        ElementsAre("batchers[0].batch_size"));
    EXPECT_THAT(
        faults_of({.max_open_messages = 100, .adaptive = {.min_size = 1, .max_size = 200, .target = 1s}}),
        ElementsAre("batchers[0].max_open_messages"));
}

TEST(BatcherOptions, TakeDefaultsFromTheLargestBatch) {
    const auto o = effective(
        {.name = "x", .batchers = {{.adaptive = {.min_size = 1, .max_size = 5'000, .target = 1s}}}});
    EXPECT_EQ(o.batchers[0].max_demand, 5'000U);
    EXPECT_EQ(o.batchers[0].max_open_messages, 50'000U);
}

} // namespace
} // namespace weir::pipeline
