// Handlers that decide what becomes of failed messages, and those that take dead letters; on virtual time.

#include "test_pipeline.hpp"

#include <weir/pipeline/events/failures.hpp>
#include <weir/pipeline/testing/virtual_pipeline.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

struct decisions {
    std::function<verdict(const test_message&)> decide_failure = [](auto&) { return verdict::retry; };
    std::function<void(dead_letter<int>&)> handle_dead_letter = [](auto&) {};
};

struct deciding_handler : function_handler {
    std::shared_ptr<decisions> d;

    verdict decide_failure(const test_message& m) const { return d->decide_failure(m); }
};

struct burying_handler : deciding_handler {
    void handle_dead_letter(dead_letter<int>& letter) const { d->handle_dead_letter(letter); }
};

class FailureDecisionsTest : public ::testing::Test {
  protected:
    template <class Handler = burying_handler>
    virtual_pipeline begin(options o = {}) {
        o.name = "decisions";
        o.processors.concurrency = 1;
        return virtual_pipeline::start<int>(std::move(o), {source}, handler_of<Handler>(), &decode, bus);
    }

    template <class Handler>
    Handler handler_of() {
        Handler h;
        h.f = std::make_shared<callbacks>(f);
        h.d = std::make_shared<decisions>(d);
        return h;
    }

    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    std::shared_ptr<telemetry> bus = std::make_shared<telemetry>();
    callbacks f;
    decisions d;
    static constexpr retry_options twice{.max_attempts = 2, .delay = 100ms, .jitter = 0.0};
};

TEST_F(FailureDecisionsTest, DecidePerMessage) {
    f.handle_message = [](test_message& m) { m.fail("no " + std::to_string(m.data)); };
    d.decide_failure = [](const test_message& m) {
        if (m.data == 0) return verdict::fail;
        if (m.data == 1) return verdict::retry;
        return verdict::succeed;
    };
    std::vector<int> seen;
    f.handle_failed = [&](std::span<test_message> s) {
        for (const auto& m : s)
            seen.push_back(m.data);
    };
    auto p = begin<deciding_handler>({.retry = twice});
    source->emit_range(0, 3);
    p.run();
    EXPECT_EQ(source->settled(), 2U);
    EXPECT_EQ(source->ending_of(0).result, outcome::failed);
    EXPECT_EQ(source->ending_of(0).reason, "no 0");
    EXPECT_EQ(source->ending_of(2).result, outcome::successful);
    p.advance(100ms);
    EXPECT_EQ(source->ending_of(1).result, outcome::failed);
    EXPECT_THAT(seen, ElementsAre(0, 1)) << "what counts as successful is no failure";
}

TEST_F(FailureDecisionsTest, ForMessagesThatFailedInABatchToo) {
    f.handle_batch = [](test_batch& b) { b.fail("no"); };
    d.decide_failure = [](const test_message& m) { return m.data == 0 ? verdict::succeed : verdict::fail; };
    auto p = begin<deciding_handler>({.batchers = {{.batch_size = 2}}});
    source->emit_range(0, 2);
    p.run();
    EXPECT_EQ(source->ending_of(0).result, outcome::successful);
    EXPECT_EQ(source->ending_of(1).result, outcome::failed);
}

TEST_F(FailureDecisionsTest, ThatThrowLeaveItToTheOptions) {
    f.handle_message = [](test_message& m) {
        if (m.attempt() == 1) m.fail("no");
    };
    d.decide_failure = [](const test_message&) -> verdict { throw std::runtime_error{"undecided"}; };
    auto p = begin<deciding_handler>({.retry = twice});
    source->emit({1});
    p.advance(1s);
    EXPECT_EQ(source->ending_of(1).result, outcome::successful);
}

TEST_F(FailureDecisionsTest, SeeTheOriginalDataAfterAnException) {
    f.handle_message = [](test_message& m) {
        m.data = 99;
        throw std::runtime_error{"half-way"};
    };
    std::vector<int> seen;
    d.decide_failure = [&](const test_message& m) {
        seen.push_back(m.data);
        return verdict::fail;
    };
    auto p = begin<deciding_handler>();
    source->emit({5});
    p.run();
    EXPECT_THAT(seen, ElementsAre(5));
}

TEST_F(FailureDecisionsTest, HandleFailedSeesTheOriginalDataAfterAnExceptionOnly) {
    f.handle_message = [](test_message& m) {
        const auto was = m.data;
        m.data += 100;
        if (was == 1) throw std::runtime_error{"half-way"};
        m.fail("on purpose");
    };
    std::vector<int> seen;
    f.handle_failed = [&](std::span<test_message> s) {
        for (const auto& m : s)
            seen.push_back(m.data);
    };
    auto p = virtual_pipeline::start<int>(
        options{.name = "decisions", .processors = {.concurrency = 1}}, {source},
        function_handler{std::make_shared<callbacks>(f)}, &decode);
    source->emit({1, 2});
    p.run();
    EXPECT_THAT(seen, ElementsAre(1, 102));
}

TEST_F(FailureDecisionsTest, DeadLettersAreSettledAsSuccessfulOnceTaken) {
    f.handle_message = [](test_message& m) { m.fail("no"); };
    std::vector<std::string> taken;
    d.handle_dead_letter = [&](dead_letter<int>& letter) {
        EXPECT_EQ(source->settled(), 0U) << "settled before it was taken";
        taken.push_back(
            std::to_string(letter.raw) + " " + letter.why.text + " " + std::to_string(letter.attempts) + " " +
            std::string{to_string(letter.stage)});
    };
    auto p = begin({.retry = twice});
    source->emit({7});
    p.advance(1s);
    EXPECT_THAT(taken, ElementsAre("7 no 2 handle_message")) << "once, after the last attempt";
    EXPECT_EQ(source->ending_of(7).result, outcome::successful);
    EXPECT_EQ(p->snapshot().dead_lettered, 1U);
}

TEST_F(FailureDecisionsTest, DeadLettersCanBeSettledAsFailed) {
    f.handle_batch = [](test_batch& b) { b.fail("no"); };
    std::vector<failure_stage> stages;
    d.handle_dead_letter = [&](dead_letter<int>& letter) { stages.push_back(letter.stage); };
    auto p = begin(
        {.batchers = {{.batch_size = 1}},
         .dead_letter = {.settle_as = dead_letter_options::settling::failed}});
    source->emit({7});
    p.run();
    EXPECT_THAT(stages, ElementsAre(failure_stage::handle_batch));
    EXPECT_EQ(source->ending_of(7).result, outcome::failed);
    EXPECT_EQ(source->ending_of(7).reason, "no");
}

TEST_F(FailureDecisionsTest, DeadLettersThatAreNotTakenAreAbandonedWithTheCause) {
    f.handle_message = [](test_message& m) { m.fail("no"); };
    d.handle_dead_letter = [](dead_letter<int>&) { throw std::runtime_error{"disk full"}; };
    std::vector<std::string> told;
    bus->attach<message_dead_lettered>("test", [&](const message_dead_lettered& e) {
        told.push_back(std::string{e.taken ? "taken " : "not taken "} + std::string{e.reason});
    });
    auto p = begin();
    source->emit({7, -2});
    p.run();
    for (const auto token : {std::uint64_t{7}, static_cast<std::uint64_t>(-2)}) {
        EXPECT_EQ(source->ending_of(token).result, outcome::abandoned);
        EXPECT_THAT(source->ending_of(token).reason, HasSubstr("disk full"));
    }
    EXPECT_THAT(
        told, UnorderedElementsAre(
                  "not taken not taken as a dead letter: disk full",
                  "not taken not taken as a dead letter: disk full"));
    EXPECT_EQ(p->snapshot().dead_lettered, 0U);
}

TEST_F(FailureDecisionsTest, WhatCannotBeDecodedBecomesADeadLetter) {
    std::vector<std::string> taken;
    d.handle_dead_letter = [&](dead_letter<int>& letter) {
        taken.push_back(std::to_string(letter.raw) + " " + letter.why.text);
        EXPECT_EQ(letter.stage, failure_stage::decode);
    };
    auto p = begin({.retry = twice});
    source->emit({-2, 1, -3});
    p.run();
    EXPECT_THAT(taken, ElementsAre(HasSubstr("-2 negative"), "-3 odd and negative"));
    EXPECT_EQ(source->count(outcome::successful), 3U);
}

TEST_F(FailureDecisionsTest, WhatTheDecoderDropsIsNoFailure) {
    std::vector<int> handled;
    std::vector<int> buried;
    f.handle_message = [&](test_message& m) { handled.push_back(m.data); };
    f.handle_failed = [](std::span<test_message>) { FAIL(); };
    d.handle_dead_letter = [&](dead_letter<int>& letter) { buried.push_back(letter.raw); };
    options o{.retry = twice};
    o.name = "dropping";
    auto p = virtual_pipeline::start<int>(
        std::move(o), {source}, handler_of<burying_handler>(),
        [](const int& raw) -> result<int> {
            if (raw == 7) return pipeline::drop("not of interest");
            if (raw == 8) return pipeline::drop();
            if (raw < 0) return failure("negative");
            return raw;
        },
        bus);
    source->emit({1, 7, 8, -1, 2});
    p.run();
    EXPECT_THAT(handled, ElementsAre(1, 2));
    EXPECT_THAT(buried, ElementsAre(-1));
    EXPECT_EQ(source->count(outcome::successful), 5U);
    EXPECT_EQ(source->ending_of(7).reason, "not of interest");
    EXPECT_EQ(source->ending_of(8).reason, "dropped by the decoder");
    EXPECT_EQ(source->ending_of(1).reason, "");
    EXPECT_EQ(source->ending_of(static_cast<std::uint64_t>(-1)).reason, "") << "a dead letter, taken";
}

TEST_F(FailureDecisionsTest, ADecisionChoosesADeadLetterOrNone) {
    f.handle_message = [](test_message& m) { m.fail("no"); };
    d.decide_failure = [](const test_message& m) {
        return m.data == 0 ? verdict::dead_letter : verdict::fail;
    };
    std::vector<int> taken;
    d.handle_dead_letter = [&](dead_letter<int>& letter) { taken.push_back(letter.raw); };
    auto p = begin({.retry = twice});
    source->emit({0, 1});
    p.run();
    EXPECT_THAT(taken, ElementsAre(0));
    EXPECT_EQ(source->ending_of(0).result, outcome::successful);
    EXPECT_EQ(source->ending_of(1).result, outcome::failed);
}

TEST_F(FailureDecisionsTest, ADeadLetterIsOfferedAfterHandleFailed) {
    std::vector<std::string> course;
    f.handle_message = [](test_message& m) { m.fail("no"); };
    f.handle_failed = [&](std::span<test_message> s) {
        course.push_back("failed");
        s[0].fail("changed");
    };
    d.handle_dead_letter = [&](dead_letter<int>& letter) { course.push_back(letter.why.text); };
    auto p = begin();
    source->emit({1});
    p.run();
    EXPECT_THAT(course, ElementsAre("failed", "changed"));
}

} // namespace
} // namespace weir::pipeline::testing
