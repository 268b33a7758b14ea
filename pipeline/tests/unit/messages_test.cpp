// What becomes of messages in a pipeline without batchers.

#include "test_pipeline.hpp"

#include <weir/pipeline/events.hpp>
#include <weir/pipeline/this_worker.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::pipeline {
namespace {

using testing::callbacks;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::run;
using ::testing::SizeIs;
using testing::test_message;
using testing::test_source;

class MessagesTest : public ::testing::Test {
  protected:
    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    callbacks f;

    /// Emits the values to one processor, in one chunk as long as they are at most five, and waits for their
    /// end.
    std::multimap<std::uint64_t, test_source::ending> endings_of(const std::vector<int>& values) {
        auto p = run({.processors = {.concurrency = 1}}, source, f);
        source->emit(values);
        EXPECT_TRUE(source->wait_settled(values.size()));
        EXPECT_TRUE(p.stop().drained);
        return source->endings();
    }

    static std::string reason_of(
        const std::multimap<std::uint64_t, test_source::ending>& all, std::uint64_t token) {
        const auto found = all.find(token);
        return found == all.end() ? "not settled" : found->second.reason;
    }
};

TEST_F(MessagesTest, AreSettledAsSuccessfulAfterTheirCallbackReturned) {
    const auto endings = endings_of({1, 2, 3});
    EXPECT_THAT(endings, SizeIs(3));
    EXPECT_EQ(source->count(outcome::successful), 3U);
}

TEST_F(MessagesTest, CarryDataMetadataAttemptAndTimeOfAcceptance) {
    const auto accepted = real_time().now();
    f.handle_message = [&](test_message& m) {
        EXPECT_EQ(m.data, 7);
        EXPECT_EQ(m.metadata, 7);
        EXPECT_EQ(m.attempt(), 3U);
        EXPECT_EQ(m.accepted_at(), accepted);
        EXPECT_EQ(m.batcher(), "default");
        EXPECT_EQ(m.batch_key(), "default");
        m.data = 8;
    };
    auto p = run({.processors = {.concurrency = 1}}, source, f);
    entry<int> e{.value = 7, .token = 7, .attempt = 3, .accepted_at = accepted};
    source->into().emit(std::span{&e, 1});
    EXPECT_TRUE(source->wait_settled(1));
}

TEST_F(MessagesTest, FailThroughTheApiWithTheLatestReason) {
    f.handle_message = [](test_message& m) {
        m.fail("first");
        m.fail("second");
    };
    const auto endings = endings_of({1});
    EXPECT_EQ(source->count(outcome::failed), 1U);
    EXPECT_EQ(reason_of(endings, 1), "second");
}

TEST_F(MessagesTest, FailAloneWhenTheirCallbackThrows) {
    f.handle_message = [](test_message& m) {
        if (m.data == 2) throw std::runtime_error{"broken"};
        if (m.data == 3) throw 42;
    };
    const auto endings = endings_of({1, 2, 3, 4});
    EXPECT_EQ(source->count(outcome::successful), 2U);
    EXPECT_EQ(reason_of(endings, 2), "broken");
    EXPECT_EQ(reason_of(endings, 3), "an object without a text");
}

TEST_F(MessagesTest, KeepTheExceptionThatFailedThem) {
    f.handle_message = [](test_message& m) {
        m.put_batcher("elsewhere");
        throw std::out_of_range{"far"};
    };
    bool seen = false;
    f.handle_failed = [&](std::span<test_message> failed) {
        ASSERT_THAT(failed, SizeIs(1));
        seen = true;
        const auto* why = failed[0].failure();
        ASSERT_NE(why, nullptr);
        EXPECT_EQ(why->exception_type, "std::out_of_range");
        EXPECT_THROW(std::rethrow_exception(why->exception), std::out_of_range);
        EXPECT_EQ(failed[0].batcher(), "default") << "routing set before the exception is undone";
    };
    endings_of({1});
    EXPECT_TRUE(seen);
}

TEST_F(MessagesTest, ThatCannotBeDecodedFailAlone) {
    const auto endings = endings_of({1, -2, 3, -5});
    EXPECT_EQ(source->count(outcome::successful), 2U);
    EXPECT_THAT(reason_of(endings, static_cast<std::uint64_t>(-2)), HasSubstr("negative"));
    EXPECT_EQ(reason_of(endings, static_cast<std::uint64_t>(-5)), "odd and negative");
}

TEST_F(MessagesTest, AreSettledInOneCallPerChunkInTheirOrder) {
    std::vector<std::pair<std::uint64_t, outcome>> seen;
    source->on_settle = [&](std::span<const settlement> s) {
        for (const auto& one : s)
            seen.emplace_back(one.token, one.result);
    };
    f.handle_message = [](test_message& m) {
        if (m.data == 1 || m.data == 4) m.fail("no");
    };
    source->on_start = [&] { source->emit({0, 1, 3, 4, 5}); }; // before anybody works: one chunk
    auto p = run({.processors = {.concurrency = 1}}, source, f);
    ASSERT_TRUE(source->wait_settled(5));
    p.stop();
    EXPECT_THAT(source->calls(), ElementsAre(5));
    EXPECT_THAT(
        seen, ElementsAre(
                  std::pair{0U, outcome::successful}, std::pair{1U, outcome::failed},
                  std::pair{3U, outcome::successful}, std::pair{4U, outcome::failed},
                  std::pair{5U, outcome::successful}));
}

TEST_F(MessagesTest, ThatCannotBeDecodedKeepTheirPlaceInTheOrder) {
    std::vector<std::uint64_t> seen;
    source->on_settle = [&](std::span<const settlement> s) {
        for (const auto& one : s)
            seen.push_back(one.token);
    };
    f.handle_message = [](test_message& m) {
        if (m.data == 3) m.fail("no");
    };
    source->on_start = [&] { source->emit({1, -2, 3, -4, 5}); };
    auto p = run({.processors = {.concurrency = 1}}, source, f);
    ASSERT_TRUE(source->wait_settled(5));
    p.stop();
    EXPECT_THAT(seen, ElementsAre(1, static_cast<std::uint64_t>(-2), 3, static_cast<std::uint64_t>(-4), 5));
}

TEST_F(MessagesTest, ArePreparedOncePerChunkBeforeAnyIsHandled) {
    std::vector<std::string> calls;
    f.prepare_messages = [&](std::span<test_message> s) {
        calls.push_back("prepare " + std::to_string(s.size()));
    };
    f.handle_message = [&](test_message& m) { calls.push_back("handle " + std::to_string(m.data)); };
    source->on_start = [&] { source->emit({1, 2}); };
    endings_of({});
    EXPECT_TRUE(calls.empty() || calls.front() == "prepare 2");
    EXPECT_THAT(calls, ElementsAre("prepare 2", "handle 1", "handle 2"));
}

TEST_F(MessagesTest, AllFailUnhandledWhenPreparingThrows) {
    int handled = 0;
    f.prepare_messages = [](auto) { throw std::runtime_error{"no database"}; };
    f.handle_message = [&](auto&) { ++handled; };
    const auto endings = endings_of({1, 2, 3});
    EXPECT_EQ(handled, 0);
    EXPECT_EQ(source->count(outcome::failed), 3U);
    EXPECT_EQ(reason_of(endings, 3), "no database");
}

TEST_F(MessagesTest, MarkedFailedWhilePreparingAreHandledAllTheSame) {
    f.prepare_messages = [](std::span<test_message> s) { s[0].fail("early"); };
    bool was_failed = false;
    f.handle_message = [&](test_message& m) { was_failed = m.failed(); };
    const auto endings = endings_of({1});
    EXPECT_TRUE(was_failed);
    EXPECT_EQ(reason_of(endings, 1), "early");
}

TEST_F(MessagesTest, ThatFailedAreShownTogetherBeforeTheyAreSettled) {
    std::vector<std::vector<int>> shown;
    std::size_t settled_before = 99;
    f.handle_message = [](test_message& m) {
        if (m.data % 2 == 0) m.fail("even");
    };
    f.handle_failed = [&](std::span<test_message> s) {
        settled_before = source->settled();
        auto& call = shown.emplace_back();
        for (auto& m : s)
            call.push_back(m.data);
    };
    source->on_start = [&] { source->emit({1, 2, 3, 4}); };
    endings_of({});
    EXPECT_THAT(shown, ElementsAre(ElementsAre(2, 4)));
    EXPECT_EQ(settled_before, 0U);
    EXPECT_EQ(source->count(outcome::failed), 2U);
    EXPECT_EQ(source->count(outcome::successful), 2U);
}

TEST_F(MessagesTest, CannotBeRescuedByHandleFailed) {
    f.handle_message = [](test_message& m) { m.fail("lost"); };
    f.handle_failed = [](std::span<test_message> s) { s[0].head().failure.reset(); };
    endings_of({1});
    EXPECT_EQ(source->count(outcome::failed), 1U);
}

TEST_F(MessagesTest, KeepTheirReasonWhenHandleFailedThrows) {
    f.handle_message = [](test_message& m) { m.fail("reason"); };
    f.handle_failed = [](auto) { throw std::runtime_error{"other"}; };
    EXPECT_EQ(reason_of(endings_of({1}), 1), "reason");
}

TEST_F(MessagesTest, IgnoreRoutingWithoutBatchers) {
    f.handle_message = [](test_message& m) {
        m.put_batcher("nowhere");
        m.put_batch_key("k");
        m.put_batch_mode(batch_mode::flush);
    };
    endings_of({1});
    EXPECT_EQ(source->count(outcome::successful), 1U);
}

TEST_F(MessagesTest, CountAsSettledWhenTheAcknowledgerThrows) {
    std::size_t reported = 0;
    auto bus = std::make_shared<telemetry>();
    bus->attach<settlement_failed>("test", [&](const settlement_failed& e) { reported += e.count; });
    source->on_settle = [](auto) { throw std::runtime_error{"link down"}; };
    auto p = run({.processors = {.concurrency = 1}}, source, f, bus);
    source->emit({1, 2, 3});
    EXPECT_TRUE(source->wait_settled(3));
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(reported, 3U);
    EXPECT_EQ(p.snapshot().successful, 3U);
}

TEST_F(MessagesTest, EachGoToTheProducerTheyCameFrom) {
    const auto second = std::make_shared<test_source>();
    auto p = start<int>(
        options{.name = "two", .processors = {.concurrency = 2}}, {source, second},
        testing::function_handler{std::make_shared<callbacks>(f)}, &testing::decode, nullptr);
    source->emit_range(0, 100);
    second->emit_range(1'000, 50);
    EXPECT_TRUE(source->wait_settled(100));
    EXPECT_TRUE(second->wait_settled(50));
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(source->count(outcome::successful), 100U);
    EXPECT_EQ(second->count(outcome::successful), 50U);
}

struct move_only {
    std::unique_ptr<int> value;
};

struct move_only_handler {
    void handle_message(message<move_only, int>& m) const {
        EXPECT_EQ(*m.data.value, m.metadata);
        m.data.value = std::make_unique<int>(5);
    }

    void handle_batch(batch<move_only, int>& b) const { EXPECT_EQ(*b[0].data.value, 5); }
};

TEST_F(MessagesTest, MayHoldDataThatCannotBeCopied) {
    auto p = start<int>(
        options{.name = "move-only", .batchers = {{.batch_size = 2}}}, {source}, move_only_handler{},
        [](const int& i) -> result<move_only> { return move_only{std::make_unique<int>(i)}; }, nullptr);
    source->emit_range(0, 20);
    EXPECT_TRUE(source->wait_settled(20));
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(source->count(outcome::successful), 20U);
}

TEST_F(MessagesTest, AreHandledOnNamedWorkers) {
    std::string name;
    f.handle_message = [&](test_message&) { name = this_worker::name(); };
    endings_of({1});
    EXPECT_EQ(name, "test.Processor_default_0");
    EXPECT_EQ(this_worker::name(), "");
}

} // namespace
} // namespace weir::pipeline
