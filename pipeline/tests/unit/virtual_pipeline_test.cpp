#include "test_pipeline.hpp"

#include <weir/pipeline/testing/virtual_pipeline.hpp>
#include <weir/pipeline/this_worker.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::Pair;

class VirtualPipelineTest : public ::testing::Test {
  protected:
    virtual_pipeline begin(options o, std::uint64_t seed = 0) {
        o.name = "virtual";
        return virtual_pipeline::start<int>(
            std::move(o), {source}, function_handler{std::make_shared<callbacks>(f)}, &decode, nullptr, seed);
    }

    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    callbacks f;
};

TEST_F(VirtualPipelineTest, DoesEverythingOnTheCallersThread) {
    std::vector<std::thread::id> threads;
    f.handle_message = [&](test_message&) { threads.push_back(std::this_thread::get_id()); };
    auto p = begin({.processors = {.concurrency = 4}});
    source->emit_range(0, 20);
    EXPECT_EQ(threads.size(), 0U) << "nothing happens but in run, advance and stop";
    p.run();
    EXPECT_EQ(threads, std::vector(20, std::this_thread::get_id()));
    EXPECT_EQ(source->count(outcome::successful), 20U);
}

TEST_F(VirtualPipelineTest, LetsBatchesLeaveExactlyAtTheirTime) {
    std::vector<std::pair<std::chrono::milliseconds, std::size_t>> left;
    time_point began;
    virtual_pipeline* running = nullptr;
    f.handle_batch = [&](test_batch& b) {
        EXPECT_EQ(b.info().trigger, batch_trigger::timeout);
        left.emplace_back(
            std::chrono::duration_cast<std::chrono::milliseconds>(running->now() - began), b.size());
    };
    auto p = begin({.batchers = {{.batch_size = 100, .batch_timeout = 300ms}}});
    running = &p;
    began = p.now();
    int next = 0;
    for (const auto pause : {100ms, 100ms, 110ms, 100ms, 0ms}) {
        source->emit_range(next++, 1);
        p.advance(pause);
    }
    p.advance(1s);
    EXPECT_THAT(left, ElementsAre(Pair(300ms, 3U), Pair(610ms, 2U)));
}

TEST_F(VirtualPipelineTest, DrainsAndStops) {
    auto p = begin({.batchers = {{.batch_size = 100, .batch_timeout = 1h}}});
    source->emit_range(0, 30);
    const auto report = p.stop();
    EXPECT_TRUE(report.drained);
    EXPECT_EQ(report.successful, 30U);
    EXPECT_TRUE(source->stopped());
}

TEST_F(VirtualPipelineTest, AbandonsAtTheDeadlineOnItsOwnClock) {
    source->drains_at_once = false;
    auto p = begin({});
    const auto began = p.now();
    const auto report = p.stop(20s);
    EXPECT_FALSE(report.drained);
    EXPECT_LE(p.now() - began, 20s);
    EXPECT_GE(p.now() - began, 18s);
}

TEST_F(VirtualPipelineTest, LogsAtItsStartThatAWindowIsTooSmall) {
    source = std::make_shared<test_source>(5);
    ::testing::internal::CaptureStdout();
    auto p = begin({.processors = {.concurrency = 2, .max_demand = 3}});
    EXPECT_THAT(
        ::testing::internal::GetCapturedStdout(),
        ::testing::HasSubstr("pipeline virtual: a source lets out 5 messages at once"));
}

TEST_F(VirtualPipelineTest, TakesTheSameCourseWithTheSameSeed) {
    const auto course_of = [this](std::uint64_t seed) {
        std::vector<std::string_view> course;
        f.handle_message = [&](test_message&) { course.push_back(this_worker::name()); };
        auto p = begin({.processors = {.concurrency = 4}}, seed);
        std::vector<std::string> names;
        source->emit_range(0, 200);
        f.handle_message = [](auto&) {};
        p.run();
        for (const auto name : course)
            names.emplace_back(name);
        p.stop();
        source = std::make_shared<test_source>();
        return names;
    };
    EXPECT_EQ(course_of(7), course_of(7));
    EXPECT_NE(course_of(7), course_of(8));
}

} // namespace
} // namespace weir::pipeline::testing
