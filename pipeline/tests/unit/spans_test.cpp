#include <weir/base/telemetry.hpp>
#include <weir/pipeline/events/spans.hpp>
#include <weir/pipeline/start.hpp>
#include <weir/pipeline/testing/faulty_handler.hpp>
#include <weir/pipeline/testing/test_message.hpp>
#include <weir/pipeline/testing/test_producer.hpp>
#include <weir/pipeline/testing/virtual_pipeline.hpp>

#include <gmock/gmock.h>

#include <map>
#include <memory>
#include <set>
#include <stdexcept>

namespace weir::pipeline {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

struct routed {
    bool throws_in_handle_failed = false;

    void handle_message(message<std::string, int>& m) const {
        if (m.metadata == 7) throw std::runtime_error{"seven"};
        if (m.metadata == 8) m.fail("eight");
        if (m.metadata == 9) m.put_batcher("nowhere");
    }

    void handle_batch(batch<std::string, int>&) const {}

    void handle_failed(std::span<message<std::string, int>>) const {
        if (throws_in_handle_failed) throw 1;
    }
};

result<std::string> to_text(const int& raw) {
    return std::to_string(raw);
}

class spans_test : public ::testing::Test {
  protected:
    std::shared_ptr<testing::test_producer<int>> producer{std::make_shared<testing::test_producer<int>>()};
    std::shared_ptr<telemetry> bus{std::make_shared<telemetry>()};
    std::vector<std::string> log;
    std::map<std::uint64_t, std::vector<std::string>> by_span;
    routed handler;

    template <class Event>
    void note() {
        bus->attach<Event>("test", [this](const Event& e) {
            log.emplace_back(Event::event_name);
            by_span[e.origin.span].emplace_back(Event::event_name);
            EXPECT_EQ(e.origin.pipeline, "spans");
            EXPECT_FALSE(e.origin.stage.empty());
        });
    }

    void note_all() {
        note<processor_start>();
        note<processor_stop>();
        note<processor_exception>();
        note<processor_message_start>();
        note<processor_message_stop>();
        note<processor_message_exception>();
        note<batcher_start>();
        note<batcher_stop>();
        note<batch_processor_start>();
        note<batch_processor_stop>();
        note<handle_failed_start>();
        note<handle_failed_stop>();
        note<handle_failed_exception>();
        note<ack_start>();
        note<ack_stop>();
        note<ack_exception>();
    }

    testing::virtual_pipeline start(bool batches = true) {
        options o{.name = "spans", .processors = {.name = "decode", .concurrency = 1}};
        if (batches) o.batchers = {{.name = "default", .batch_size = 2}};
        return testing::virtual_pipeline::start<int>(o, {producer}, handler, &to_text, bus);
    }
};

TEST_F(spans_test, tell_what_happens_to_a_chunk_in_order) {
    note_all();
    auto p = start();
    producer->emit({1, 7, 2});
    p.run();
    EXPECT_THAT(
        log, ElementsAre(
                 "processor.start", "processor.message.start", "processor.message.stop",
                 "processor.message.start", "processor.message.exception", "processor.message.start",
                 "processor.message.stop", "handle_failed.start", "handle_failed.stop", "ack.start",
                 "ack.stop", "processor.stop", "batcher.start", "batcher.stop", "batch_processor.start",
                 "ack.start", "ack.stop", "batch_processor.stop"));
}

TEST_F(spans_test, every_span_has_one_start_and_one_end) {
    note_all();
    handler.throws_in_handle_failed = true;
    auto p = start();
    producer->emit({1, 7, 2, 8, 9, 3, 4, 7, 7, 5, 6, 10});
    p.run();
    p.stop();
    EXPECT_GT(by_span.size(), 20u);
    for (const auto& [id, events] : by_span) {
        ASSERT_EQ(events.size(), 2u) << events[0];
        const auto name = events[0].substr(0, events[0].rfind('.'));
        EXPECT_EQ(events[0], name + ".start");
        EXPECT_THAT(events[1], ::testing::AnyOf(name + ".stop", name + ".exception"));
    }
    EXPECT_THAT(log, ::testing::Contains("handle_failed.exception"));
}

TEST_F(spans_test, messages_can_be_looked_at_with_their_types) {
    std::vector<int> raw;
    std::vector<std::string> decoded;
    bus->attach<processor_start>("test", [&](const processor_start& e) {
        EXPECT_EQ(e.group, "decode");
        EXPECT_EQ(e.origin.stage, "spans.Processor_decode_0");
        for (const auto& m : e.messages) {
            raw.push_back(*m.metadata<int>());
            EXPECT_EQ(m.metadata<long>(), nullptr);
            EXPECT_EQ(m.data<std::string>(), nullptr) << "not decoded yet";
        }
    });
    bus->attach<processor_message_stop>("test", [&](const processor_message_stop& e) {
        decoded.push_back(*e.message.data<std::string>());
        EXPECT_EQ(e.message.data<int>(), nullptr);
    });
    auto p = start();
    producer->emit({1, 2});
    p.run();
    EXPECT_THAT(raw, ElementsAre(1, 2));
    EXPECT_THAT(decoded, ElementsAre("1", "2"));
}

TEST_F(spans_test, stop_sorts_the_messages_by_what_becomes_of_them) {
    std::vector<std::size_t> sizes;
    bus->attach<processor_stop>("test", [&](const processor_stop& e) {
        sizes = {e.successful.size(), e.forwarded.size(), e.failed.size()};
        for (const auto& m : e.failed)
            EXPECT_FALSE(m.head->failure->text.empty());
    });
    {
        auto p = start();
        producer->emit({1, 7, 2, 8, 9});
        p.run();
        EXPECT_THAT(sizes, ElementsAre(0u, 2u, 3u));
    }
    producer = std::make_shared<testing::test_producer<int>>();
    auto p = start(false);
    producer->emit({1, 7, 2, 8});
    p.run();
    EXPECT_THAT(sizes, ElementsAre(2u, 0u, 2u));
}

TEST_F(spans_test, an_exception_says_what_was_thrown_and_a_wrong_batcher_counts_as_one) {
    std::vector<std::string> reasons;
    bus->attach<processor_message_exception>("test", [&](const processor_message_exception& e) {
        reasons.push_back(std::string{e.failure.kind} + ": " + std::string{e.failure.reason});
    });
    auto p = start();
    producer->emit({7, 8, 9});
    p.run();
    ASSERT_EQ(reasons.size(), 2u);
    EXPECT_EQ(reasons[0], "std: seven");
    EXPECT_THAT(reasons[1], HasSubstr("nowhere"));
}

TEST_F(spans_test, a_batch_tells_its_key_size_and_trigger) {
    std::vector<std::string> seen;
    std::vector<duration> ages;
    bus->attach<batch_processor_stop>("test", [&](const batch_processor_stop& e) {
        seen.push_back(
            std::string{e.info->batcher} + "/" + e.info->batch_key + "/" + std::to_string(e.info->size) +
            "/" + std::string{to_string(e.info->trigger)});
        ages.push_back(e.info->age);
        EXPECT_EQ(e.successful.size(), e.info->size);
        EXPECT_TRUE(e.failed.empty());
    });
    auto p = start();
    producer->emit({1, 2, 3});
    p.run();
    p.advance(30ms);
    p.stop();
    EXPECT_THAT(seen, ElementsAre("default/default/2/size", "default/default/1/flush"));
    EXPECT_THAT(ages, ElementsAre(0ms, 30ms));
}

TEST_F(spans_test, an_acknowledger_that_throws_ends_its_span_badly) {
    std::vector<std::string> reasons;
    bus->attach<ack_exception>(
        "test", [&](const ack_exception& e) { reasons.emplace_back(e.failure.reason); });
    producer->on_settle = [](auto) { throw std::runtime_error{"link down"}; };
    auto p = start(false);
    producer->emit({1});
    p.run();
    EXPECT_THAT(reasons, ElementsAre("link down"));
}

TEST_F(spans_test, the_stages_are_announced_with_the_options_in_force) {
    std::vector<std::size_t> demand;
    bus->attach<topology_init>("test", [&](const topology_init& e) {
        EXPECT_EQ(e.pipeline, "spans");
        demand.push_back(e.configuration->processors.min_demand);
    });
    auto p = start();
    EXPECT_THAT(demand, ElementsAre(5u));
}

TEST_F(spans_test, a_listener_that_throws_harms_nobody_and_goes) {
    int calls = 0;
    bus->attach<processor_message_start>("test", [&](const processor_message_start&) {
        ++calls;
        throw std::runtime_error{"no"};
    });
    auto p = start(false);
    producer->emit({1, 2, 3});
    p.run();
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(producer->count(outcome::successful), 3u);
}

} // namespace
} // namespace weir::pipeline
