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

constexpr handler_abilities able{.handles_batches = true, .partitions = true};

auto fault_of(const std::string& path) {
    return Field(&option_fault::path, path);
}

TEST(Options, OfANameAloneAreValid) {
    EXPECT_THAT(check({.name = "fleet"}, handler_abilities{}), IsEmpty());
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

TEST(Options, AskForAnOrderOnlyOfAHandlerThatPartitions) {
    const options o{.name = "x", .processors = {.ordering = {.mode = ordering::keyed}}};
    EXPECT_THAT(check(o, able), IsEmpty());
    EXPECT_THAT(
        check(o, handler_abilities{}),
        ElementsAre(option_fault{
            "processors.ordering.mode", "\"keyed\"", "\"none\", since the handler has no partition_by"}));
}

TEST(Options, WantAtLeastALaneForEachProcessor) {
    EXPECT_THAT(
        check(
            {.name = "x",
             .processors =
                 {.concurrency = 8,
                  .ordering = {.mode = ordering::keyed, .lanes = 7, .lane_buffer = 2'000'000}}},
            able),
        ElementsAre(fault_of("processors.ordering.lanes"), fault_of("processors.ordering.lane_buffer")));
}

TEST(Options, ReportAllFaultsTogether) {
    const options o{
        .name = "",
        .processors = {.name = "", .max_demand = 0},
        .batchers = {{.name = "", .batch_size = 0, .batch_timeout = 0ms, .concurrency = 0}},
        .shutdown = 0ms,
        .buffer_size = 0};
    EXPECT_THAT(
        check(o, able), ElementsAre(
                            fault_of("name"), fault_of("shutdown"), fault_of("buffer_size"),
                            fault_of("processors.name"), fault_of("processors.max_demand"),
                            fault_of("batchers[0].name"), fault_of("batchers[0].batch_size"),
                            fault_of("batchers[0].batch_timeout"), fault_of("batchers[0].concurrency")));
}

TEST(Options, SayWhatWasGivenAndWhatIsAllowed) {
    const auto faults = check({.name = "x", .processors = {.max_demand = 10, .min_demand = 10}}, {});
    ASSERT_EQ(faults.size(), 1U);
    EXPECT_EQ(faults[0].path, "processors.min_demand");
    EXPECT_EQ(faults[0].value, "10");
    EXPECT_THAT(faults[0].allowed, HasSubstr("less than max_demand (10)"));
}

TEST(Options, WantBatcherNamesToDiffer) {
    EXPECT_THAT(
        check({.name = "x", .batchers = {{.name = "a"}, {.name = "b"}, {.name = "a"}}}, able),
        ElementsAre(fault_of("batchers[2].name")));
}

TEST(Options, WantHandleBatchWhenThereAreBatchers) {
    EXPECT_THAT(check({.name = "x", .batchers = {{}}}, {}), ElementsAre(fault_of("batchers")));
}

TEST(Options, WantRoomForABatchAmongOpenMessages) {
    EXPECT_THAT(
        check({.name = "x", .batchers = {{.batch_size = 100, .max_open_messages = 99}}}, able),
        ElementsAre(fault_of("batchers[0].max_open_messages")));
}

TEST(Options, RefuseDemandThatNoRingCanHold) {
    EXPECT_THAT(
        check({.name = "x", .processors = {.concurrency = 1'000, .max_demand = 10'000}}, able),
        ElementsAre(fault_of("processors.max_demand")));
}

} // namespace
} // namespace weir::pipeline
