#include <weir/pipeline/options.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

namespace weir::pipeline {

void PrintTo(const option_fault& f, std::ostream* out) {
    *out << f.path << " is " << f.value << ", allowed: " << f.allowed;
}

namespace {

using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;

auto fault_of(const std::string& path) {
    return Field(&option_fault::path, path);
}

TEST(Options, OfANameAloneAreValid) {
    EXPECT_THAT(check({.name = "fleet"}, false), IsEmpty());
}

TEST(Options, HaveTheDocumentedDefaults) {
    const auto o = effective({.name = "fleet", .batchers = {{}, {.name = "big", .batch_size = 5'000}}});
    EXPECT_EQ(o.processors.concurrency, 2 * std::max(1U, std::thread::hardware_concurrency()));
    EXPECT_EQ(o.processors.max_demand, 10U);
    EXPECT_EQ(o.processors.min_demand, 5U);
    EXPECT_EQ(o.shutdown, 30s);
    EXPECT_EQ(o.buffer_size, 10'000U);
    EXPECT_EQ(o.batchers[0].batch_size, 100U);
    EXPECT_EQ(o.batchers[0].batch_timeout, 1s);
    EXPECT_EQ(o.batchers[0].max_demand, 100U);
    EXPECT_EQ(o.batchers[0].max_open_messages, 10'000U);
    EXPECT_EQ(o.batchers[1].max_open_messages, 50'000U);
}

TEST(Options, RoundHalfOfAnOddDemandDown) {
    EXPECT_EQ(effective({.processors = {.max_demand = 1}}).processors.min_demand, 0U);
    EXPECT_EQ(effective({.processors = {.max_demand = 7}}).processors.min_demand, 3U);
}

TEST(Options, ReportAllFaultsTogether) {
    const options o{
        .name = "",
        .processors = {.name = "", .max_demand = 0},
        .batchers = {{.name = "", .batch_size = 0, .batch_timeout = 0ms, .concurrency = 0}},
        .shutdown = 0ms,
        .buffer_size = 0};
    EXPECT_THAT(
        check(o, true), ElementsAre(
                            fault_of("name"), fault_of("shutdown"), fault_of("buffer_size"),
                            fault_of("processors.name"), fault_of("processors.max_demand"),
                            fault_of("batchers[0].name"), fault_of("batchers[0].batch_size"),
                            fault_of("batchers[0].batch_timeout"), fault_of("batchers[0].concurrency")));
}

TEST(Options, SayWhatWasGivenAndWhatIsAllowed) {
    const auto faults = check({.name = "x", .processors = {.max_demand = 10, .min_demand = 10}}, false);
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0].path, "processors.min_demand");
    EXPECT_EQ(faults[0].value, "10");
    EXPECT_THAT(faults[0].allowed, HasSubstr("less than max_demand (10)"));
}

TEST(Options, WantBatcherNamesToDiffer) {
    EXPECT_THAT(
        check({.name = "x", .batchers = {{.name = "a"}, {.name = "b"}, {.name = "a"}}}, true),
        ElementsAre(fault_of("batchers[2].name")));
}

TEST(Options, WantHandleBatchWhenThereAreBatchers) {
    EXPECT_THAT(check({.name = "x", .batchers = {{}}}, false), ElementsAre(fault_of("batchers")));
}

TEST(Options, WantRoomForABatchAmongOpenMessages) {
    EXPECT_THAT(
        check({.name = "x", .batchers = {{.batch_size = 100, .max_open_messages = 99}}}, true),
        ElementsAre(fault_of("batchers[0].max_open_messages")));
}

TEST(Options, RefuseDemandThatNoRingCanHold) {
    EXPECT_THAT(
        check({.name = "x", .processors = {.concurrency = 1'000, .max_demand = 10'000}}, true),
        ElementsAre(fault_of("processors.max_demand")));
}

} // namespace
} // namespace weir::pipeline
