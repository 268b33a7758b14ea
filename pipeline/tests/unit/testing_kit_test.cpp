#include <weir/pipeline/caller_acknowledger.hpp>
#include <weir/pipeline/errc.hpp>
#include <weir/pipeline/start.hpp>
#include <weir/pipeline/testing/faulty_handler.hpp>
#include <weir/pipeline/testing/test_message.hpp>
#include <weir/pipeline/testing/test_producer.hpp>
#include <weir/pipeline/testing/virtual_pipeline.hpp>
#include <weir/pipeline/this_worker.hpp>

#include <gmock/gmock.h>

#include <memory>
#include <set>
#include <string>

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

/// What the source says about a message, and for tests something else.
struct line {
    std::string text;
    int attached{0};
};

result<std::string> text_of(const line& raw) {
    if (raw.text.empty()) return failure("nothing in it");
    return raw.text;
}

struct seen {
    std::mutex mutex;
    std::vector<int> attached;
    std::vector<std::size_t> batches;
};

struct shouting {
    std::shared_ptr<seen> s;

    void handle_message(message<std::string, line>& m) const {
        if (m.data == "bad") m.fail("bad text");
        const std::scoped_lock lock{s->mutex};
        s->attached.push_back(m.metadata.attached);
    }

    void handle_batch(batch<std::string, line>& b) const {
        const std::scoped_lock lock{s->mutex};
        s->batches.push_back(b.size());
    }
};

struct without_batches {
    std::atomic<int>* calls;

    void handle_message(message<std::string, line>&) const { ++*calls; }
};

class testing_kit_test : public ::testing::Test {
  protected:
    std::shared_ptr<testing::test_producer<line>> producer{std::make_shared<testing::test_producer<line>>()};
    std::shared_ptr<seen> s{std::make_shared<seen>()};
    std::shared_ptr<testing::faults> f{std::make_shared<testing::faults>()};

    testing::virtual_pipeline start_virtual(options o) {
        o.name = "kit";
        return testing::virtual_pipeline::start<line>(std::move(o), {producer}, shouting{s}, &text_of);
    }

    running_pipeline start_threads(options o) {
        o.name = "kit";
        return start<line>(std::move(o), {producer}, testing::faulty_handler{shouting{s}, f}, &text_of);
    }
};

TEST_F(testing_kit_test, a_test_message_is_reported_without_waiting_for_its_batch) {
    auto p = start_virtual({.batchers = {{.name = "default", .batch_size = 100, .batch_timeout = 1h}}});
    const auto r = testing::test_message(*p, line{"hello"}).value();
    EXPECT_EQ(r.covered(), 0u);
    p.run();
    EXPECT_THAT(r.endings(), ElementsAre(ending{0, outcome::successful, ""}));
    EXPECT_THAT(s->batches, ElementsAre(1u));
    EXPECT_EQ(producer->settled(), 0u);
}

TEST_F(testing_kit_test, the_reports_of_a_list_cover_it_in_parts) {
    auto p = start_virtual({.processors = {.concurrency = 1}});
    std::vector<line> lines(13, line{"x"});
    lines[3].text = "bad";
    lines[7].text.clear();
    const auto r = testing::test_batch(*p, std::move(lines)).value();
    EXPECT_EQ(r.expected(), 13u);
    p.run();
    const auto parts = r.wait_all(0ms);
    EXPECT_GT(parts.size(), 1u);
    for (const auto& part : parts)
        EXPECT_EQ(part.reference, r.reference());
    EXPECT_EQ(r.count(outcome::successful), 11u);
    const auto all = r.endings();
    EXPECT_THAT(all, ::testing::Contains(ending{3, outcome::failed, "bad text"}));
    EXPECT_THAT(all, ::testing::Contains(ending{7, outcome::failed, failure("nothing in it").message()}));
}

TEST_F(testing_kit_test, a_list_waits_in_its_batch_unless_told_otherwise) {
    auto p = start_virtual({.batchers = {{.name = "default", .batch_size = 100, .batch_timeout = 300ms}}});
    const auto r = testing::test_batch(*p, std::vector<line>(3, line{"x"})).value();
    p.advance(299ms);
    EXPECT_EQ(r.covered(), 0u);
    p.advance(1ms);
    EXPECT_EQ(r.covered(), 3u);
    const auto flushed =
        testing::test_batch(*p, std::vector<line>(3, line{"x"}), {.mode = batch_mode::flush}).value();
    p.run();
    EXPECT_EQ(flushed.covered(), 3u);
}

TEST_F(testing_kit_test, every_call_has_a_reference_of_its_own) {
    auto p = start_virtual({});
    const auto a = testing::test_message(*p, line{"a"}).value();
    const auto b = testing::test_message(*p, line{"b"}).value();
    EXPECT_NE(a.reference(), b.reference());
    p.run();
    EXPECT_EQ(a.covered(), 1u);
    EXPECT_EQ(b.covered(), 1u);
}

TEST_F(testing_kit_test, metadata_can_be_attached_to_each_message) {
    auto p = start_virtual({});
    int next = 0;
    ASSERT_TRUE(testing::test_batch(
        *p, std::vector<line>(3, line{"x"}), {.metadata = [&](line& l) { l.attached = ++next; }}));
    p.run();
    EXPECT_THAT(s->attached, UnorderedElementsAre(1, 2, 3));
}

TEST_F(testing_kit_test, another_acknowledger_can_be_told_instead) {
    std::vector<ack_report> told;
    caller_acknowledger mine{77, [&](const ack_report& r) { told.push_back(r); }};
    auto p = start_virtual({});
    const auto r = testing::test_message(*p, line{"x"}, {.acknowledger = [&](const line&, std::uint64_t ref) {
                       return ack_ref{&mine, ref};
                   }}).value();
    p.run();
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].reference, 77u);
    EXPECT_THAT(told[0].endings, ElementsAre(ending{r.reference(), outcome::successful, ""}));
    EXPECT_EQ(r.covered(), 0u);
}

TEST_F(testing_kit_test, the_caller_is_told_of_options_for_a_message) {
    std::vector<std::string> told;
    caller_acknowledger mine{
        5, [](const ack_report&) {},
        [&](std::uint64_t reference, const std::any& o) {
            told.push_back(std::to_string(reference) + std::any_cast<std::string>(o));
        }};
    caller_acknowledger takes_none{6, [](const ack_report&) {}};
    EXPECT_EQ(mine.configure(9, std::string{" x"}), 9u);
    EXPECT_THAT(told, ElementsAre("5 x"));
    EXPECT_THROW(static_cast<void>(takes_none.configure(9, 1)), std::logic_error);
}

TEST_F(testing_kit_test, the_handle_may_go_before_the_report_comes) {
    auto p = start_virtual({});
    ASSERT_TRUE(testing::test_message(*p, line{"x"}));
    p.run();
    EXPECT_EQ(p->snapshot().successful, 1u);
}

TEST_F(testing_kit_test, what_the_stop_leaves_over_is_reported_as_abandoned) {
    testing::reports r;
    {
        auto p = start_virtual({.batchers = {{.name = "default"}}});
        producer->drains_at_once = false;
        r = testing::test_batch(*p, std::vector<line>(3, line{"x"})).value();
        p.stop(1ms);
    }
    EXPECT_EQ(r.count(outcome::abandoned), 3u);
}

TEST_F(testing_kit_test, a_stopped_pipeline_takes_no_test_message) {
    auto p = start_virtual({});
    p.stop();
    EXPECT_EQ(testing::test_message(*p, line{"x"}).error().code, errc::not_running);
}

TEST_F(testing_kit_test, waiting_ends_with_the_reports_or_with_the_deadline) {
    auto p = start_threads({.processors = {.concurrency = 2}});
    const auto r = testing::test_batch(p, std::vector<line>(50, line{"x"})).value();
    EXPECT_THAT(r.wait_all(20s), ::testing::SizeIs(::testing::Gt(1u)));
    EXPECT_EQ(r.covered(), 50u);
    f->block(testing::faults::place::handle_message);
    const auto held = testing::test_message(p, line{"x"}).value();
    EXPECT_THAT(held.wait(1, 10ms), IsEmpty());
    f->release(testing::faults::place::handle_message);
    EXPECT_EQ(held.wait(1, 20s).size(), 1u);
}

TEST_F(testing_kit_test, a_sink_can_be_blocked) {
    auto p =
        start_threads({.processors = {.concurrency = 1}, .batchers = {{.name = "default", .batch_size = 1}}});
    f->block(testing::faults::place::handle_batch);
    const auto r = testing::test_batch(p, std::vector<line>(5, line{"x"})).value();
    EXPECT_TRUE(f->wait_blocked(testing::faults::place::handle_batch, 1, 20s));
    EXPECT_EQ(r.covered(), 0u);
    f->release(testing::faults::place::handle_batch);
    EXPECT_FALSE(r.wait_all(20s).empty());
    EXPECT_EQ(r.count(outcome::successful), 5u);
}

TEST_F(testing_kit_test, a_callback_can_be_made_to_throw_on_one_worker) {
    options o{.name = "kit", .processors = {.concurrency = 3, .max_demand = 2}};
    auto p = testing::virtual_pipeline::start<line>(
        o, {producer}, testing::faulty_handler{shouting{s}, f}, &text_of);
    f->throw_in(testing::faults::place::handle_message, 1'000, "Processor_default_1", "no luck");
    const auto r = testing::test_batch(*p, std::vector<line>(60, line{"x"})).value();
    p.run();
    EXPECT_EQ(r.covered(), 60u);
    EXPECT_GT(r.count(outcome::failed), 0u);
    EXPECT_GT(r.count(outcome::successful), 0u);
    for (const auto& e : r.endings())
        EXPECT_TRUE(e.result == outcome::successful || e.reason == "no luck");
}

TEST_F(testing_kit_test, faults_leave_a_handler_without_batches_one) {
    std::atomic<int> calls{0};
    auto p = testing::virtual_pipeline::start<line>(
        {.name = "kit"}, {producer}, testing::faulty_handler{without_batches{&calls}, f}, &text_of);
    const auto r = testing::test_message(*p, line{"x"}).value();
    p.run();
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(r.count(outcome::successful), 1u);
}

TEST_F(testing_kit_test, a_producer_can_fail) {
    auto p = start_virtual({.processors = {.concurrency = 1}});
    producer->emit({line{"a"}, line{"b"}});
    p.run();
    EXPECT_THAT(
        producer->endings(),
        ElementsAre(ending{1, outcome::successful, ""}, ending{2, outcome::successful, ""}));
    producer->fail(failure("link is cut"));
    EXPECT_EQ(p->wait().error().detail, "link is cut");
    EXPECT_EQ(p->state(), state::failed);
}

} // namespace
} // namespace weir::pipeline
