#include "test_pipeline.hpp"

#include <weir/pipeline/errc.hpp>
#include <weir/pipeline/testing/virtual_pipeline.hpp>

#include <gmock/gmock.h>

#include <map>
#include <set>

namespace weir::pipeline {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class remembering_acknowledger final : public acknowledger {
  public:
    void settle(std::span<const settlement> settlements) override {
        for (const auto& s : settlements)
            endings.emplace(s.token, s.result);
    }

    std::multimap<std::uint64_t, outcome> endings;
};

std::vector<entry<int>> entries(int first, int count, acknowledger* owner = nullptr) {
    std::vector<entry<int>> made;
    for (int i = first; i < first + count; ++i)
        made.push_back({.value = i, .token = static_cast<std::uint64_t>(i), .owner = owner});
    return made;
}

class push_test : public ::testing::Test {
  protected:
    virtual_pipeline start(options o, std::size_t sources = 1) {
        for (std::size_t i = 0; i < sources; ++i)
            producers.push_back(std::make_shared<test_source>(100));
        o.name = "test";
        o.processors.concurrency = 2;
        return virtual_pipeline::start<int>(
            std::move(o), {producers.begin(), producers.end()},
            function_handler{std::make_shared<callbacks>(handler)}, &decode, nullptr, 7);
    }

    static std::size_t push(virtual_pipeline& p, std::vector<entry<int>> what) {
        return p->push(std::span{what}).value();
    }

    callbacks handler;
    std::vector<std::shared_ptr<test_source>> producers;
    remembering_acknowledger acks; // outlives the pipeline
};

TEST_F(push_test, pushed_messages_are_decoded_handled_and_settled_with_their_own_acknowledger) {
    std::vector<int> seen;
    handler.handle_message = [&](test_message& m) {
        seen.push_back(m.data);
        EXPECT_NE(m.accepted_at(), time_point{});
    };
    auto p = start({});
    EXPECT_EQ(push(p, entries(1, 3, &acks)), 3u);
    EXPECT_EQ(push(p, entries(-2, 1, &acks)), 1u) << "the decoder refuses it";
    p.run();
    EXPECT_THAT(seen, ::testing::UnorderedElementsAre(1, 2, 3));
    EXPECT_EQ(acks.endings.size(), 4u);
    EXPECT_EQ(acks.endings.find(static_cast<std::uint64_t>(-2))->second, outcome::failed);
    EXPECT_EQ(producers[0]->settled(), 0u) << "the producer knows nothing of them";
    EXPECT_EQ(p->snapshot().accepted, 4u);
}

TEST_F(push_test, without_an_owner_nobody_is_told) {
    auto p = start({});
    EXPECT_EQ(push(p, entries(1, 5)), 5u);
    p.run();
    EXPECT_EQ(p->snapshot().successful, 5u);
    EXPECT_EQ(producers[0]->settled(), 0u);
}

TEST_F(push_test, keeps_the_mode_and_reports_what_the_buffer_had_no_room_for) {
    auto p = start({.processors = {.max_demand = 4}, .buffer_size = 10});
    EXPECT_EQ(push(p, entries(0, 100, &acks)), 18u) << "demand of 2 x 4, and a buffer of 10";
    EXPECT_EQ(push(p, entries(100, 1, &acks)), 0u);
    EXPECT_EQ(p->snapshot().accepted, 18u);
    p.run();
    EXPECT_EQ(acks.endings.size(), 18u);
    EXPECT_EQ(push(p, entries(100, 1, &acks)), 1u);
}

TEST_F(push_test, what_is_not_accepted_is_not_moved_from) {
    auto p = start({.processors = {.max_demand = 1}, .buffer_size = 1});
    auto mine = entries(1, 5, &acks);
    ASSERT_EQ(p->push(std::span{mine}).value(), 3u);
    EXPECT_EQ(mine[3].value, 4);
    EXPECT_EQ(mine[4].value, 5);
}

TEST_F(push_test, a_flush_message_leaves_its_batcher_at_once) {
    std::vector<std::size_t> sizes;
    handler.handle_batch = [&](test_batch& b) { sizes.push_back(b.size()); };
    auto p = start({.batchers = {{.name = "default"}}});
    auto flushing = entries(1, 1, &acks);
    flushing[0].mode = batch_mode::flush;
    ASSERT_EQ(push(p, flushing), 1u);
    p.run();
    EXPECT_THAT(sizes, ElementsAre(1u));
    EXPECT_EQ(acks.endings.size(), 1u);
}

TEST_F(push_test, goes_to_any_of_the_producers) {
    auto p = start({.processors = {.max_demand = 1}, .buffer_size = 50}, 4);
    for (int i = 0; i < 100; ++i)
        ASSERT_EQ(push(p, entries(i, 1, &acks)), 1u);
    for (const auto& q : p->snapshot().queues)
        EXPECT_TRUE(q.name.find("Producer_") == std::string::npos || q.length > 5u) << q.name;
}

TEST_F(push_test, leaves_room_in_the_sources_window) {
    handler.handle_batch = [](test_batch&) {};
    auto p = start({.batchers = {{.name = "default", .batch_size = 1'000}}});
    ASSERT_EQ(push(p, entries(0, 200, &acks)), 200u);
    p.run();
    EXPECT_EQ(p->snapshot().batches, 0u) << "a window of 100 would be starved by them";
}

TEST_F(push_test, refuses_another_type_by_name) {
    auto p = start({});
    std::vector<entry<std::string>> other{{.value = "a"}};
    const auto answer = p->push(std::span{other});
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, errc::wrong_entry_type);
    EXPECT_THAT(answer.error().message(), HasSubstr("takes weir::pipeline::entry<int>"));
}

TEST_F(push_test, fails_from_the_beginning_of_draining) {
    std::set<std::error_code> answers;
    auto p = start({});
    producers[0]->on_drain = [&] {
        auto late = entries(1, 1, &acks);
        answers.insert(p->push(std::span{late}).error().code);
    };
    ASSERT_EQ(push(p, entries(0, 20, &acks)), 20u);
    const auto report = p.stop();
    EXPECT_TRUE(report.drained);
    EXPECT_EQ(acks.endings.size(), 20u) << "what was accepted before is handled";
    auto late = entries(1, 1, &acks);
    answers.insert(p->push(std::span{late}).error().code);
    EXPECT_THAT(answers, ElementsAre(make_error_code(errc::not_running)));
}

TEST_F(push_test, many_threads_may_push_into_a_pipeline_that_stops) {
    struct counting final : acknowledger {
        void settle(std::span<const settlement> s) override { settled += s.size(); }

        std::atomic<std::size_t> settled{0};
    } counter;

    const auto source = std::make_shared<test_source>();
    auto p = run({.processors = {.concurrency = 2}}, source, handler);
    std::atomic<std::size_t> accepted{0};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&] {
            for (;;) {
                auto some = entries(0, 10, &counter);
                const auto answer = p.push(std::span{some});
                if (!answer) return;
                accepted += *answer;
            }
        });
    while (counter.settled < 1'000)
        std::this_thread::yield();
    EXPECT_TRUE(p.stop().drained);
    for (auto& t : threads)
        t.join();
    EXPECT_EQ(counter.settled, accepted);
}

} // namespace
} // namespace weir::pipeline
