// Producers that fail and are started again, that finish, and that have a say in how the pipeline starts.

#include "virtual_test.hpp"

#include <weir/pipeline/errc.hpp>
#include <weir/pipeline/events.hpp>
#include <weir/pipeline/testing/dummy_producer.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace weir::pipeline::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// A test source that counts its lives.
class mortal final : public producer<int> {
  public:
    std::function<void(start_plan&)> on_arrange = [](auto&) {};
    std::function<void(intake<int>&)> on_start = [](auto&) {};
    bool buffer_is_kept = true;

    void arrange(start_plan& plan) override { on_arrange(plan); }

    void prepare(const start_context& context) override {
        lived.emplace_back(
            "prepare " + std::to_string(context.index) + "/" + std::to_string(context.producers));
        configuration = &context.configuration;
        time = &context.time;
    }

    void start(intake<int>& in) override {
        lived.emplace_back("start");
        into = &in;
        open = 0;
        on_start(in);
    }

    void demand(std::size_t count) override { open += count; }

    void pause() override { paused = true; }

    void resume() override { paused = false; }

    void drain() override {
        lived.emplace_back("drain");
        into->drained();
    }

    void stop(time_point) override { lived.emplace_back("stop"); }

    void ended(const error& reason) override { lived.push_back("ended " + reason.detail); }

    [[nodiscard]] bool keeps_buffer() const noexcept override { return buffer_is_kept; }

    void settle(std::span<const settlement> settlements) override {
        for (const auto& s : settlements)
            ++(s.result == outcome::successful ? successful : other);
    }

    void emit(int first, int count) {
        std::vector<entry<int>> entries;
        for (int i = first; i < first + count; ++i)
            entries.push_back(
                {.value = i, .token = static_cast<std::uint64_t>(i), .accepted_at = time->now()});
        into->emit(entries);
    }

    intake<int>* into{nullptr};
    const options* configuration{nullptr};
    const time_source* time{nullptr};
    std::vector<std::string> lived;
    std::size_t open{0}; // demand of this life
    std::size_t successful{0};
    std::size_t other{0};
    bool paused{false};
};

class ProducerLifeTest : public VirtualTest {
  protected:
    virtual_pipeline begin(options o = {}) {
        if (o.name.empty()) o.name = "virtual";
        o.processors.concurrency = 1;
        o.processors.max_demand = 10;
        std::vector<std::shared_ptr<producer<int>>> producers{mine};
        if (other != nullptr) producers.push_back(other);
        return virtual_pipeline::start<int>(
            std::move(o), std::move(producers), function_handler{std::make_shared<callbacks>(f)}, &decode,
            bus);
    }

    static error broken(std::string what = "broken pipe") { return failure(std::move(what)); }

    std::shared_ptr<mortal> mine = std::make_shared<mortal>();
    std::shared_ptr<mortal> other;
};

TEST_F(ProducerLifeTest, IsStartedAgainAfterADelayWithItsDemandAnew) {
    auto p = begin();
    EXPECT_EQ(mine->open, 10U);
    mine->emit(0, 4);
    mine->into->stopped(broken());
    p.run();
    EXPECT_THAT(mine->lived, ElementsAre("prepare 0/1", "start", "stop", "ended broken pipe"));
    EXPECT_EQ(mine->successful, 4U) << "what was handed over is handled";
    p.advance(99ms);
    EXPECT_EQ(mine->lived.size(), 4U);
    p.advance(1ms);
    EXPECT_EQ(mine->lived.back(), "start");
    EXPECT_GE(mine->open, 6U);
    mine->emit(4, 6);
    p.run();
    EXPECT_EQ(mine->successful, 10U);
    EXPECT_GE(mine->open, 10U);
    EXPECT_EQ(p->snapshot().producers.at(0).name, "virtual.Producer_0");
    EXPECT_EQ(p->snapshot().producers.at(0).restarts, 1U);
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(mine->lived.back(), "ended ") << "an orderly end has no reason";
}

TEST_F(ProducerLifeTest, IsTold) {
    std::vector<std::string> told;
    bus->attach<producer_started>(
        "test", [&](const producer_started& e) { told.push_back("started " + std::to_string(e.producer)); });
    bus->attach<messages_accepted>("test", [&](const messages_accepted& e) {
        told.push_back(std::to_string(e.count) + " of " + std::to_string(e.producer));
    });
    other = std::make_shared<mortal>();
    auto p = begin();
    other->emit(0, 3);
    mine->emit(3, 2);
    EXPECT_THAT(told, ElementsAre("started 0", "started 1", "3 of 1", "2 of 0"));
}

TEST_F(ProducerLifeTest, IsToldHowItsMessagesEndedAndSoAreListeners) {
    std::vector<duration> took;
    bus->attach<messages_settled>("test", [&](const messages_settled& e) {
        ASSERT_EQ(e.settlements.size(), e.accepted_at.size());
        for (std::size_t i = 0; i < e.settlements.size(); ++i) {
            EXPECT_EQ(e.settlements[i].result, outcome::successful);
            took.push_back(e.time - e.accepted_at[i]);
        }
    });
    f.handle_batch = [](test_batch&) {};
    auto p = begin({.batchers = {{.batch_size = 2, .batch_timeout = 1s}}});
    mine->emit(0, 1);
    p.advance(300ms);
    mine->emit(1, 1);
    p.run();
    EXPECT_THAT(took, ElementsAre(300ms, 0ms));
}

TEST_F(ProducerLifeTest, DoesNotDisturbTheOthers) {
    other = std::make_shared<mortal>();
    auto p = begin();
    mine->into->stopped(broken());
    p.run();
    other->emit(0, 10);
    p.run();
    EXPECT_EQ(other->successful, 10U);
    EXPECT_THAT(other->lived, ElementsAre("prepare 1/2", "start"));
}

TEST_F(ProducerLifeTest, DeliversTheBufferOfTheOneThatFailed) {
    auto p = begin();
    mine->emit(0, 40);
    mine->into->stopped(broken());
    p.run();
    EXPECT_EQ(mine->successful, 40U);
    p.advance(100ms);
    EXPECT_EQ(mine->lived.back(), "start");
    EXPECT_GE(mine->open, 6U) << "what the buffer used up has come back";
}

TEST_F(ProducerLifeTest, AbandonsTheBufferOfAProducerThatWantsItSo) {
    mine->buffer_is_kept = false;
    auto p = begin();
    p->pause();
    mine->emit(0, 10);
    mine->into->stopped(broken());
    p.run();
    EXPECT_EQ(mine->other, 10U);
    p->resume();
    p.advance(100ms);
    EXPECT_EQ(mine->lived.back(), "start");
    EXPECT_EQ(mine->open, 10U) << "demand that was served by lost messages is announced again";
}

TEST_F(ProducerLifeTest, TellsANewInstanceToPauseWhenIntakeIsPaused) {
    auto p = begin();
    p->pause();
    p.run();
    EXPECT_TRUE(mine->paused);
    mine->into->stopped(broken());
    p.run();
    mine->paused = false;
    p.advance(100ms);
    EXPECT_TRUE(mine->paused);
    EXPECT_EQ(mine->open, 0U);
    p->resume();
    p.run();
    EXPECT_FALSE(mine->paused);
    EXPECT_EQ(mine->open, 10U);
}

TEST_F(ProducerLifeTest, TakesAnExceptionForAFailure) {
    auto p = begin({.restarts = {.max_restarts = 10}});
    int starts = 0;
    mine->on_start = [&](auto&) {
        if (++starts < 3) throw std::runtime_error{"no such device"};
    };
    mine->into->stopped(broken());
    p.advance(1s);
    EXPECT_EQ(starts, 3);
    EXPECT_EQ(mine->open, 10U);
    EXPECT_EQ(p->state(), state::running);
}

TEST_F(ProducerLifeTest, EndsThePipelineAsFailedWhenTheBudgetIsUsedUp) {
    std::size_t failures = 0;
    std::size_t given_up = 0;
    std::string told;
    bus->attach<producer_failed>("test", [&](const producer_failed& e) {
        ++failures;
        given_up += e.restarts_in ? 0 : 1;
    });
    bus->attach<pipeline_ended>("test", [&](const pipeline_ended& e) { told = e.report.reason.detail; });
    auto p = begin({.restarts = {.max_restarts = 2}});
    mine->emit(0, 40);
    mine->on_start = [&](auto& into) { into.stopped(broken("still broken")); };
    mine->into->stopped(broken());
    p.advance(5s);
    EXPECT_EQ(p->state(), state::failed);
    EXPECT_EQ(failures, 3U);
    EXPECT_EQ(given_up, 1U);
    EXPECT_EQ(mine->successful, 40U) << "it drains first";
    const auto end = p->wait();
    ASSERT_FALSE(end.has_value());
    EXPECT_EQ(end.error().detail, "still broken");
    EXPECT_EQ(told, "still broken");
}

TEST_F(ProducerLifeTest, HasOneBudgetForAllProducers) {
    other = std::make_shared<mortal>();
    auto p = begin({.restarts = {.max_restarts = 1}});
    mine->into->stopped(broken());
    other->into->stopped(broken());
    p.advance(1s);
    EXPECT_EQ(p->state(), state::failed);
}

TEST_F(ProducerLifeTest, UsesNoBudgetWhenItNamesTheDelayItself) {
    auto p = begin({.restarts = {.max_restarts = 0}});
    for (int i = 0; i < 20; ++i) {
        mine->into->stopped(broken("connection lost"), 3s);
        p.advance(2'999ms);
        EXPECT_EQ(mine->lived.back(), "ended connection lost");
        p.advance(1ms);
        EXPECT_EQ(mine->lived.back(), "start");
    }
    EXPECT_EQ(p->state(), state::running);
}

TEST_F(ProducerLifeTest, IsNotStartedAgainWhileThePipelineDrains) {
    auto p = begin();
    mine->emit(0, 40);
    mine->into->stopped(broken());
    const auto began = p.now();
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(p.now(), began);
    EXPECT_EQ(mine->successful, 40U);
    EXPECT_THAT(mine->lived, ElementsAre("prepare 0/1", "start", "stop", "ended broken pipe"));
}

TEST_F(ProducerLifeTest, CountsAsDrainedWhenItFailsWhileThePipelineDrains) {
    f.handle_message = [&](test_message&) { mine->into->stopped(broken()); };
    auto p = begin();
    mine->emit(0, 1);
    p->request_stop();
    EXPECT_TRUE(p.stop().drained);
}

TEST_F(ProducerLifeTest, BearsSettlementsWhileItIsStopped) {
    auto p = begin({.batchers = {{.batch_timeout = 50ms}}});
    mine->emit(0, 5);
    p.run();
    mine->into->stopped(broken());
    p.advance(50ms);
    EXPECT_EQ(mine->lived.back(), "ended broken pipe");
    EXPECT_EQ(mine->successful, 5U);
    EXPECT_EQ(p->snapshot().late_settlements, 5U);
}

TEST_F(ProducerLifeTest, EndsThePipelineWhenAllHaveFinished) {
    other = std::make_shared<mortal>();
    auto p = begin({.batchers = {{.batch_timeout = 1h}}});
    mine->emit(0, 25);
    mine->into->finished();
    mine->emit(25, 1);
    EXPECT_EQ(mine->other, 1U) << "it said that there was nothing more";
    p.advance(1min);
    EXPECT_EQ(p->state(), state::running);
    other->emit(0, 3);
    other->into->finished();
    const auto end = p->wait();
    ASSERT_TRUE(end.has_value());
    EXPECT_TRUE(end->drained);
    EXPECT_EQ(p->state(), state::stopped);
    EXPECT_EQ(mine->successful, 25U);
    EXPECT_EQ(other->successful, 3U);
    EXPECT_THAT(mine->lived, ElementsAre("prepare 0/2", "start", "stop", "ended "));
}

TEST_F(ProducerLifeTest, TakesAllTheTimeItNeedsWhenItHasFinished) {
    auto p = begin({.shutdown = 1s, .rate_limiting = {.allowed_messages = 1, .interval = 1min}});
    mine->emit(0, 10);
    mine->into->finished();
    const auto began = p.now();
    EXPECT_TRUE(p->wait()->drained);
    EXPECT_EQ(mine->successful, 10U);
    EXPECT_EQ(p.now() - began, 9min);
}

TEST_F(ProducerLifeTest, MayFinishInsideItsStart) {
    mine->on_start = [&](auto& into) {
        mine->emit(0, 5);
        into.finished();
    };
    auto p = begin();
    EXPECT_TRUE(p->wait()->drained);
    EXPECT_EQ(mine->successful, 5U);
}

TEST_F(ProducerLifeTest, LearnsOfThePipelineBeforeItStarts) {
    other = std::make_shared<mortal>();
    auto p = begin({.name = "mine"});
    EXPECT_THAT(mine->lived, ElementsAre("prepare 0/2", "start"));
    EXPECT_THAT(other->lived, ElementsAre("prepare 1/2", "start"));
    EXPECT_EQ(mine->configuration->name, "mine");
    EXPECT_EQ(mine->configuration->processors.min_demand, 5U) << "in force, defaults filled in";
    EXPECT_EQ(mine->time->now(), p.now());
}

class recorded_component final : public component {
  public:
    recorded_component(std::string name, std::vector<std::string>& record)
        : name_(std::move(name))
        , record_(record) {}

    void start() override {
        record_.push_back("start " + name_);
        if (name_ == "bad") throw std::runtime_error{"no helper"};
    }

    void stop(time_point) override { record_.push_back("stop " + name_); }

  private:
    std::string name_;
    std::vector<std::string>& record_;
};

TEST_F(ProducerLifeTest, MayChangeOptionsAndAddComponentsBeneath) {
    mine->on_arrange = [&](start_plan& plan) {
        EXPECT_TRUE(plan.abilities.handles_batches);
        EXPECT_EQ(plan.handler, typeid(function_handler));
        plan.options.buffer_size = 77;
        plan.components.push_back(std::make_shared<recorded_component>("a", mine->lived));
        plan.components.push_back(std::make_shared<recorded_component>("b", mine->lived));
    };
    auto p = begin();
    EXPECT_EQ(p->configuration().buffer_size, 77U);
    p.stop();
    EXPECT_THAT(
        mine->lived,
        ElementsAre(
            "start a", "start b", "prepare 0/1", "start", "drain", "stop", "ended ", "stop b", "stop a"));
}

TEST_F(ProducerLifeTest, IsNamedWhenItChangesOptionsForTheWorse) {
    other = std::make_shared<mortal>();
    other->on_arrange = [](start_plan& plan) { plan.options.buffer_size = 0; };
    try {
        static_cast<void>(begin());
        FAIL() << "invalid options were accepted";
    } catch (const std::invalid_argument& e) {
        EXPECT_THAT(e.what(), HasSubstr("producer 1"));
        EXPECT_THAT(e.what(), HasSubstr("buffer_size is 0"));
    }
    other->on_arrange = [](start_plan& plan) { plan.components.push_back(nullptr); };
    EXPECT_THROW(static_cast<void>(begin()), std::invalid_argument);
    EXPECT_THAT(mine->lived, IsEmpty());
}

TEST_F(ProducerLifeTest, StopsComponentsWhenOneOfThemCannotStart) {
    mine->on_arrange = [&](start_plan& plan) {
        plan.components.push_back(std::make_shared<recorded_component>("good", mine->lived));
        plan.components.push_back(std::make_shared<recorded_component>("bad", mine->lived));
    };
    EXPECT_THROW(static_cast<void>(begin()), std::runtime_error);
    EXPECT_THAT(mine->lived, ElementsAre("start good", "start bad", "stop good"));
}

TEST(DummyProducer, LetsAPipelineTakeWhatIsPushed) {
    callbacks f;
    std::size_t handled = 0;
    f.handle_message = [&](auto&) { ++handled; };
    auto p = virtual_pipeline::start<int>(
        options{.name = "dummy"}, {std::make_shared<dummy_producer<int>>()},
        function_handler{std::make_shared<callbacks>(f)}, &decode);
    std::vector<entry<int>> entries(7);
    EXPECT_EQ(p->push(std::span{entries}).value(), 7U);
    EXPECT_TRUE(p.stop().drained);
    EXPECT_EQ(handled, 7U);
}

/// Emits from a thread of its own and dies now and then.
class restless final : public producer<int> {
  public:
    void start(intake<int>& into) override {
        thread_ = std::thread{[this, &into] { run(into); }};
    }

    void demand(std::size_t count) override { open_ += count; }

    void drain() override { ending_ = true; }

    void stop(time_point) override {
        thread_.join();
        open_ = 0;
    }

    void settle(std::span<const settlement> settlements) override { settled += settlements.size(); }

    std::atomic<std::size_t> emitted{0};
    std::atomic<std::size_t> settled{0};
    std::atomic<int> lives{0};

  private:
    void run(intake<int>& into) {
        const auto life = ++lives;
        std::size_t left = 200;
        while (!ending_ && left > 0) {
            const auto n = std::min<std::size_t>(open_.exchange(0), left);
            if (n == 0) std::this_thread::yield();
            std::vector<entry<int>> entries(n);
            emitted += n;
            left -= n;
            into.emit(entries);
        }
        if (ending_) return into.drained();
        if (life == 5) return into.finished();
        into.stopped(failure("died"), 1ms);
    }

    std::thread thread_;
    std::atomic<std::size_t> open_{0};
    std::atomic<bool> ending_{false};
};

TEST(RestartsOfThreads, LoseNothing) {
    const auto one = std::make_shared<restless>();
    const auto two = std::make_shared<restless>();
    auto p = start<int>(
        options{.name = "restless", .processors = {.concurrency = 2}}, {one, two},
        function_handler{std::make_shared<callbacks>()}, &decode);
    const auto end = p.wait();
    ASSERT_TRUE(end.has_value());
    EXPECT_TRUE(end->drained);
    for (const auto& r : {one, two}) {
        EXPECT_EQ(r->lives, 5);
        EXPECT_EQ(r->emitted, 1'000U) << "each life gets its demand";
        EXPECT_EQ(r->settled, r->emitted);
    }
}

} // namespace
} // namespace weir::pipeline::testing
