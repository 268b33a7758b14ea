// Messages that are settled before their chunk or batch has come to its end.

#include "test_pipeline.hpp"

#include <weir/pipeline/testing/virtual_pipeline.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <any>
#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class EarlySettlementTest : public ::testing::Test {
  protected:
    virtual_pipeline begin(options o) {
        o.name = "early";
        if (o.processors.concurrency == 0) o.processors.concurrency = 1;
        return virtual_pipeline::start<int>(
            std::move(o), {source}, function_handler{std::make_shared<callbacks>(f)}, &decode);
    }

    std::shared_ptr<test_source> source = std::make_shared<test_source>();
    callbacks f;
};

TEST_F(EarlySettlementTest, SettlesInsideTheCallbackAndNotAgain) {
    f.handle_message = [&](test_message& m) {
        m.settle_now();
        EXPECT_EQ(source->count(outcome::successful), 1U);
        m.settle_now();
        m.fail("too late to be told");
    };
    std::size_t failures_seen = 0;
    f.handle_failed = [&](std::span<test_message> s) {
        failures_seen += s.size();
        s[0].settle_now();
    };
    auto p = begin({.retry = {.max_attempts = 3}});
    source->emit({1});
    p.run();
    EXPECT_EQ(failures_seen, 1U) << "it still goes its way";
    const auto report = p.stop();
    EXPECT_TRUE(report.drained);
    EXPECT_EQ(source->settled(), 1U);
    EXPECT_EQ(source->count(outcome::successful), 1U);
}

TEST_F(EarlySettlementTest, TakesTheStatusOfThatMoment) {
    f.handle_message = [](test_message& m) {
        m.fail("rejected");
        m.settle_now();
    };
    auto p = begin({});
    source->emit({1});
    p.run();
    EXPECT_EQ(source->endings().find(1)->second.result, outcome::failed);
    EXPECT_EQ(source->endings().find(1)->second.reason, "rejected");
}

TEST_F(EarlySettlementTest, OfAListIsOneCall) {
    f.handle_batch = [&](test_batch& b) {
        settle_now(b.messages().first(3));
        EXPECT_THAT(source->calls(), ElementsAre(3U));
    };
    auto p = begin({.batchers = {{.batch_size = 5}}});
    source->emit_range(0, 5);
    p.run();
    EXPECT_THAT(source->calls(), ElementsAre(3U, 2U));
    EXPECT_EQ(source->settled(), 5U);
}

TEST_F(EarlySettlementTest, DoesNotKeepAMessageFromItsBatchWhenThePipelineStops) {
    f.handle_message = [](test_message& m) { m.settle_now(); };
    std::size_t batched = 0;
    f.handle_batch = [&](test_batch& b) { batched += b.size(); };
    auto p = begin({.batchers = {{.batch_size = 100, .batch_timeout = 1h}}});
    source->emit_range(0, 5);
    p.run();
    EXPECT_EQ(source->settled(), 5U);
    EXPECT_EQ(p->snapshot().in_flight, 0U);
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(batched, 5U);
    EXPECT_EQ(source->settled(), 5U);
}

TEST_F(EarlySettlementTest, IsForCallbacksOnly) {
    test_message m{1, 1, {}};
    EXPECT_THROW(m.settle_now(), std::logic_error);
    EXPECT_THROW(m.configure_ack({}), std::logic_error);
}

TEST_F(EarlySettlementTest, AnAcknowledgerWithoutOptionsSaysItsName) {
    std::string said;
    f.handle_message = [&](test_message& m) {
        try {
            m.configure_ack(std::string{"no ack please"});
        } catch (const std::logic_error& e) {
            said = e.what();
            throw;
        }
    };
    auto p = begin({});
    source->emit({1});
    p.run();
    EXPECT_THAT(said, HasSubstr("weir::pipeline::testing::test_source takes no options"));
    EXPECT_EQ(source->count(outcome::failed), 1U);
}

/// Takes a new token for a message.
class configurable_source final : public producer<int> {
  public:
    void start(intake<int>& into) override { into_ = &into; }

    void demand(std::size_t) override {}

    void drain() override { into_->drained(); }

    void stop(time_point) override {}

    void settle(std::span<const settlement> settlements) override {
        for (const auto& s : settlements)
            tokens.push_back(s.token);
    }

    std::uint64_t configure(std::uint64_t token, const std::any& given) override {
        return token + std::any_cast<std::uint64_t>(given);
    }

    void emit(int value) {
        entry<int> e{.value = value, .token = static_cast<std::uint64_t>(value)};
        into_->emit({&e, 1});
    }

    std::vector<std::uint64_t> tokens;

  private:
    intake<int>* into_{nullptr};
};

TEST_F(EarlySettlementTest, ConfiguredAcknowledgersLearnOfTheirNewToken) {
    f.handle_message = [&](test_message& m) {
        m.configure_ack(std::uint64_t{100});
        if (m.data == 1) m.settle_now();
        if (m.data == 2 && m.attempt() == 1) m.fail("again");
    };
    const auto configurable = std::make_shared<configurable_source>();
    auto p = virtual_pipeline::start<int>(
        options{.name = "early", .processors = {.concurrency = 1}, .retry = {.max_attempts = 2}},
        {configurable}, function_handler{std::make_shared<callbacks>(f)}, &decode);
    for (const auto v : {1, 2, 3})
        configurable->emit(v);
    p.advance(1min);
    EXPECT_THAT(configurable->tokens, ElementsAre(101U, 103U, 202U));
}

TEST(SlowHandlingTest, SettlesWhatIsDoneBeforeTheRestOfItsChunk) {
    const auto source = std::make_shared<test_source>();
    std::atomic<std::size_t> settled_before_last{0};
    callbacks f;
    f.handle_message = [&](test_message& m) {
        std::this_thread::sleep_for(2ms); // the handling that is slow
        if (m.data == 6) settled_before_last = source->settled();
        if (m.data == 4) m.fail("no");
    };
    std::vector<std::size_t> failed;
    f.handle_failed = [&](std::span<test_message> s) { failed.push_back(s.size()); };
    auto p = run({.name = "slow", .processors = {.concurrency = 1}}, source, f);
    source->emit({0, 1});
    ASSERT_TRUE(source->wait_settled(2));
    source->emit({2, -3, 4, -5, 6});
    ASSERT_TRUE(source->wait_settled(7));
    p.stop();
    EXPECT_EQ(settled_before_last, 5U) << "all but what came last";
    EXPECT_THAT(failed, ElementsAre(1U));
    EXPECT_EQ(source->settled(), 7U);
}

TEST(SlowHandlingTest, ForwardsWhatIsDoneBeforeTheRestOfItsChunk) {
    const auto source = std::make_shared<test_source>();
    door shut;
    callbacks f;
    f.handle_message = [&](test_message& m) {
        std::this_thread::sleep_for(2ms); // the handling that is slow
        if (m.data == 4) shut.pass();
    };
    auto p =
        run({.name = "slow", .processors = {.concurrency = 1}, .batchers = {{.batch_size = 1}}}, source, f);
    source->emit({0, 1});
    ASSERT_TRUE(source->wait_settled(2));
    source->emit({2, 3, 4});
    EXPECT_TRUE(source->wait_settled(4)) << "their batches wait for a message of the same chunk";
    shut.open();
    p.stop();
    EXPECT_EQ(source->count(outcome::successful), 5U);
}

} // namespace
} // namespace weir::pipeline::testing
