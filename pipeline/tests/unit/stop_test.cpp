// How pipelines start, end, and what is said about it.

#include "test_pipeline.hpp"

#include <weir/pipeline/errc.hpp>
#include <weir/pipeline/events.hpp>
#include <weir/pipeline/this_worker.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;
using testing::callbacks;
using testing::door;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::run;
using testing::test_batch;
using testing::test_message;
using testing::test_source;

class StopTest : public ::testing::Test {
  protected:
    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    callbacks f;

    [[nodiscard]] std::size_t twice_settled() const {
        const auto all = source->endings();
        std::size_t n = 0;
        for (auto it = all.begin(); it != all.end(); it = all.upper_bound(it->first))
            n += all.count(it->first) > 1 ? 1 : 0;
        return n;
    }
};

TEST_F(StopTest, RefusesOptionsWithEveryFaultAndLeavesNothingBehind) {
    bool started = false;
    source->on_start = [&] { started = true; };
    try {
        static_cast<void>(run({.name = "bad", .processors = {.max_demand = 0}, .buffer_size = 0}, source, f));
        FAIL() << "options were accepted";
    } catch (const std::invalid_argument& e) {
        EXPECT_THAT(e.what(), HasSubstr("\"bad\""));
        EXPECT_THAT(e.what(), HasSubstr("processors.max_demand is 0"));
        EXPECT_THAT(e.what(), HasSubstr("buffer_size is 0"));
    }
    EXPECT_FALSE(started);
    EXPECT_NO_THROW(static_cast<void>(run({.name = "bad"}, source, f)));
}

TEST_F(StopTest, RefusesANameThatIsTakenAndFreesItAtTheEnd) {
    auto first = run({.name = "same"}, source, f);
    const auto other = std::make_shared<test_source>();
    try {
        static_cast<void>(run({.name = "same"}, other, f));
        FAIL() << "two pipelines of one name";
    } catch (const std::system_error& e) {
        EXPECT_EQ(e.code(), errc::already_running);
        EXPECT_THAT(e.what(), HasSubstr("\"same\""));
    }
    source->emit({1});
    EXPECT_TRUE(source->wait_settled(1)) << "the running one is not disturbed";
    first.stop();
    EXPECT_NO_THROW(static_cast<void>(run({.name = "same"}, other, f)));
}

TEST_F(StopTest, TearsDownWhatStartedWhenAProducerCannot) {
    const auto second = std::make_shared<test_source>();
    second->on_start = [] { throw std::runtime_error{"no such device"}; };
    source->on_start = [&] { source->emit({1, 2}); };
    const auto begin = [&] {
        return start<int>(
            options{.name = "half"}, {source, second},
            testing::function_handler{std::make_shared<callbacks>(f)}, &testing::decode, nullptr);
    };
    EXPECT_THROW(static_cast<void>(begin()), std::runtime_error);
    EXPECT_TRUE(source->stopped());
    EXPECT_FALSE(second->stopped());
    EXPECT_EQ(source->count(outcome::abandoned), 2U);
}

TEST_F(StopTest, GoesThroughItsStates) {
    std::mutex mutex;
    std::vector<state> states;
    auto bus = std::make_shared<telemetry>();
    bus->attach<state_changed>("test", [&](const state_changed& e) {
        const std::scoped_lock lock{mutex};
        states.push_back(e.to);
    });
    auto p = run({}, source, f, bus);
    EXPECT_EQ(p.state(), state::running);
    p.stop();
    EXPECT_EQ(p.state(), state::stopped);
    EXPECT_THAT(states, ElementsAre(state::running, state::draining, state::stopped));
}

TEST_F(StopTest, HandlesWhatIsInsideAndStopsTheProducerAfterTheLastSettlement) {
    std::atomic<bool> stopped_too_early{false};
    f.handle_message = [&](test_message&) { stopped_too_early = stopped_too_early || source->stopped(); };
    auto p = run({.processors = {.concurrency = 2}}, source, f);
    source->emit_range(0, 1'000);
    const auto report = p.stop();
    EXPECT_TRUE(report.drained);
    EXPECT_FALSE(report.reason);
    EXPECT_EQ(report.abandoned, 0U);
    EXPECT_THAT(report.running_callbacks, IsEmpty());
    EXPECT_EQ(source->count(outcome::successful), 1'000U);
    EXPECT_TRUE(source->stopped());
    EXPECT_FALSE(stopped_too_early);
}

TEST_F(StopTest, WaitsForAProducerThatStillHasSomethingToHandOver) {
    source->drains_at_once = false;
    auto p = run({.processors = {.concurrency = 1}}, source, f);
    p.request_stop();
    source->emit_range(0, 3);
    EXPECT_TRUE(source->wait_settled(3));
    EXPECT_FALSE(p.wait_for(20ms));
    source->into().drained();
    EXPECT_TRUE(p.wait().value().drained);
    EXPECT_EQ(source->count(outcome::successful), 3U);
}

TEST_F(StopTest, AbandonsWhatIsEmittedAfterTheCut) {
    door d;
    f.handle_message = [&](test_message&) { d.pass(); };
    auto p = run({.processors = {.concurrency = 1}}, source, f);
    source->emit({1});
    ASSERT_TRUE(d.wait_for_waiting(1));
    p.request_stop();
    source->into().drained();
    source->emit({2, 3});
    EXPECT_EQ(source->count(outcome::abandoned), 2U);
    d.open();
    EXPECT_TRUE(p.wait().value().drained);
    EXPECT_EQ(p.snapshot().in_flight, 0U);
}

TEST_F(StopTest, AbandonsEverythingAtTheDeadlineAndReportsIt) {
    door d;
    f.handle_message = [&](test_message&) { d.pass(); };
    auto p = run({.processors = {.concurrency = 2}}, source, f);
    source->emit_range(0, 100);
    ASSERT_TRUE(d.wait_for_waiting(2));
    const auto report = p.stop(50ms);
    EXPECT_FALSE(report.drained);
    EXPECT_EQ(report.abandoned, 100U);
    EXPECT_THAT(
        report.running_callbacks, ElementsAre("test.Processor_default_0", "test.Processor_default_1"));
    EXPECT_EQ(source->count(outcome::abandoned), 100U);
    EXPECT_TRUE(source->stopped());
    EXPECT_EQ(p.snapshot().in_flight, 0U);
    d.open(); // what these callbacks return now is ignored
    p = run({.name = "next"}, std::make_shared<test_source>(), f);
    EXPECT_EQ(source->settled(), 100U);
}

TEST_F(StopTest, AbandonsOpenAndFinishedBatchesAtTheDeadline) {
    door d;
    f.handle_batch = [&](test_batch&) { d.pass(); };
    auto p = run(
        {.processors = {.concurrency = 1}, .batchers = {{.batch_size = 4, .batch_timeout = 1h}}}, source, f);
    source->emit_range(0, 18);
    ASSERT_TRUE(d.wait_for_waiting(1));
    const auto report = p.stop(50ms);
    EXPECT_FALSE(report.drained);
    EXPECT_EQ(report.abandoned, 18U);
    EXPECT_THAT(report.running_callbacks, ElementsAre("test.BatchProcessor_default_0"));
    d.open();
    EXPECT_EQ(twice_settled(), 0U);
}

TEST_F(StopTest, AsksRunningCallbacksToEnd) {
    std::atomic<bool> began{false};
    std::atomic<bool> asked{false};
    f.handle_message = [&](test_message&) {
        const auto token = this_worker::stop_token();
        EXPECT_TRUE(token.stop_possible());
        began = true;
        while (!token.stop_requested())
            std::this_thread::yield();
        asked = true;
    };
    {
        auto p = run({.processors = {.concurrency = 1}}, source, f);
        source->emit({1});
        while (!began)
            std::this_thread::yield();
        EXPECT_FALSE(p.stop(10ms).drained);
    }
    EXPECT_TRUE(asked) << "the handle's end waits for the callback";
    EXPECT_FALSE(this_worker::stop_token().stop_possible());
}

TEST_F(StopTest, GivesAllCallersTheSameReport) {
    auto p = run({.processors = {.concurrency = 2}}, source, f);
    source->emit_range(0, 50);
    std::vector<stop_report> reports(4);
    std::vector<std::thread> callers;
    for (auto& r : reports)
        callers.emplace_back([&] { r = p.stop(); });
    for (auto& c : callers)
        c.join();
    for (const auto& r : reports) {
        EXPECT_TRUE(r.drained);
        EXPECT_EQ(r.successful, reports[0].successful);
    }
    EXPECT_TRUE(p.stop().drained);
    EXPECT_TRUE(p.wait().has_value());
}

TEST_F(StopTest, TheEarliestDeadlineCounts) {
    door d;
    f.handle_message = [&](test_message&) { d.pass(); };
    auto p = run({.processors = {.concurrency = 1}}, source, f);
    source->emit({1});
    ASSERT_TRUE(d.wait_for_waiting(1));
    p.request_stop(1h);
    EXPECT_FALSE(p.stop(20ms).drained);
    d.open();
}

TEST_F(StopTest, FromInsideACallbackOnlyRequests) {
    running_pipeline* handle = nullptr;
    std::atomic<bool> ready{false};
    std::atomic<int> refused{0};
    f.handle_message = [&](test_message&) {
        while (!ready)
            std::this_thread::yield();
        EXPECT_FALSE(handle->stop().drained);
        if (!handle->wait().has_value()) ++refused;
        if (!handle->wait_for(1h)) ++refused;
    };
    auto p = run({.processors = {.concurrency = 1}}, source, f);
    handle = &p;
    ready = true;
    source->emit({1});
    EXPECT_TRUE(p.wait().value().drained);
    EXPECT_EQ(refused, 2);
    EXPECT_EQ(source->count(outcome::successful), 1U);
}

TEST_F(StopTest, EndsWithTheReasonOfAProducerThatFailed) {
    auto p = run({.processors = {.concurrency = 1}}, source, f);
    source->emit_range(0, 20);
    source->into().failed(error{std::make_error_code(std::errc::connection_refused), "not authorised"});
    const auto end = p.wait();
    ASSERT_FALSE(end.has_value());
    EXPECT_EQ(end.error().detail, "not authorised");
    EXPECT_EQ(p.state(), state::failed);
    EXPECT_EQ(source->count(outcome::successful), 20U) << "it drains first";
    EXPECT_TRUE(p.stop().reason);
}

TEST_F(StopTest, SurvivesAProducerThatThrowsWhileDraining) {
    source->drains_at_once = false;
    source->on_drain = [] { throw std::runtime_error{"x"}; };
    auto p = run({.processors = {.concurrency = 1}}, source, f);
    source->emit_range(0, 20);
    EXPECT_TRUE(p.stop().drained);
}

TEST_F(StopTest, TellsTheOptionsInForce) {
    auto p = run({.name = "told", .batchers = {{.batch_size = 7}}}, source, f);
    EXPECT_EQ(p.name(), "told");
    EXPECT_EQ(p.configuration().processors.min_demand, 5U);
    EXPECT_EQ(p.configuration().batchers[0].max_demand, 7U);
    EXPECT_GT(p.configuration().processors.concurrency, 0U);
}

TEST_F(StopTest, CountsInItsSnapshot) {
    f.handle_message = [](test_message& m) {
        if (m.data == 3) m.fail("three");
    };
    auto p = run(
        {.processors = {.concurrency = 1}, .batchers = {{.batch_size = 3, .batch_timeout = 1h}}}, source, f);
    source->emit_range(0, 6);
    ASSERT_TRUE(source->wait_settled(4));
    while (p.snapshot().in_flight != 2)
        std::this_thread::yield();
    const auto s = p.snapshot();
    EXPECT_EQ(s.state, state::running);
    EXPECT_EQ(s.accepted, 6U);
    EXPECT_EQ(s.successful, 3U);
    EXPECT_EQ(s.failed, 1U);
    EXPECT_EQ(s.abandoned, 0U);
    EXPECT_EQ(s.batches, 1U);
    EXPECT_EQ(s.open_batches, 1U);
    EXPECT_EQ(p.name(), "test");
}

} // namespace
} // namespace weir::pipeline
