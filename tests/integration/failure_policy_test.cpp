// What becomes of the messages that fail, by each policy, with a real broker.

#include "support/consumer.hpp"
#include "support/mosquitto.hpp"
#include "support/publisher.hpp"

#include <weir/connector/error.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <optional>
#include <string>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

constexpr std::size_t count = 2'000;
constexpr std::size_t bad = count / 100;

bool is_bad(std::size_t number) {
    return number % 100 == 7;
}

/// One in a hundred fails, always.
class one_percent : public ::testing::Test {
  protected:
    void SetUp() override {
        WEIR_NEEDS_MOSQUITTO();
        broker_.emplace();
    }

    [[nodiscard]] weir::options options() const {
        auto o = consumer_options(broker_->port(), mqtt::protocol_version::v5, weir::qos::at_least_once);
        o.producer.redelivery = {.min = 5ms, .max = 10ms, .max_attempts = 3};
        return o;
    }

    /// Runs until all are handled and `holds`.
    template <class Condition>
    weir::running run(const weir::options& o, Condition holds) {
        auto running = weir::start(
            function_handler{[this](weir::message<weir::bytes>& m) {
                const auto number = number_in(m.data);
                attempts_.add(number);
                if (is_bad(number)) return m.fail("bad");
                handled_.add(number);
            }},
            o);
        EXPECT_TRUE(running.wait_until_ready(10s));
        publisher source(broker_->port());
        source.publish("numbers/a", 0, count, weir::qos::at_least_once);
        EXPECT_TRUE(source.wait());
        EXPECT_TRUE(eventually([&] { return handled_.size() == count - bad && holds(running.stats()); }))
            << handled_.size();
        return running;
    }

    std::optional<mosquitto> broker_;
    tally attempts_;
    tally handled_;
};

TEST_F(one_percent, is_acknowledged_after_the_last_attempt) {
    auto o = options();
    o.producer.redelivery.then = weir::after_attempts::ack;
    auto running = run(o, [](const auto& s) { return s.acked_failed == bad && s.acked == count; });
    EXPECT_TRUE(eventually([&] { return running.stats().window_used == 0; }));
    EXPECT_EQ(attempts_.times(7), 3u);
    EXPECT_EQ(running.stats().connects, 1u);
}

TEST_F(one_percent, is_rejected_at_once) {
    auto o = options();
    o.producer.on_failure = weir::on_failure::reject;
    auto running = run(o, [](const auto& s) { return s.rejected == bad && s.acked == count; });
    EXPECT_TRUE(eventually([&] { return running.stats().window_used == 0; }));
    EXPECT_EQ(attempts_.times(7), 1u);
    running.stop();
    auto again = weir::start(counting(handled_), o);
    ASSERT_TRUE(again.wait_until_ready(10s));
    EXPECT_EQ(again.stats().received, 0u) << "the broker has let go of them";
}

TEST_F(one_percent, ends_up_on_the_topic_for_dead_letters) {
    tally letters;
    auto of_letters =
        consumer_options(broker_->port(), mqtt::protocol_version::v5, weir::qos::at_least_once, "letters");
    of_letters.producer.topics = {{"dead/#", weir::qos::at_least_once}};
    auto second = weir::start(
        function_handler{[&](weir::message<weir::bytes>& m) {
            EXPECT_EQ(m.metadata.topic(), "dead/numbers/a");
            EXPECT_EQ(m.metadata.props().user_property("weir-error"), "bad");
            EXPECT_EQ(m.metadata.props().user_property("weir-attempts"), "3");
            letters.add(number_in(m.data));
        }},
        of_letters);
    ASSERT_TRUE(second.wait_until_ready(10s));

    auto o = options();
    o.producer.redelivery.then = weir::after_attempts::dead_letter;
    o.producer.dead_letter.topic = "dead/{topic}";
    auto running = run(o, [](const auto& s) { return s.dead_lettered == bad && s.acked == count; });
    EXPECT_TRUE(eventually([&] { return running.stats().window_used == 0; }));
    EXPECT_TRUE(eventually([&] { return letters.size() == bad; })) << letters.size();
    for (const auto number : letters.numbers())
        EXPECT_TRUE(is_bad(number)) << number;
}

TEST_F(one_percent, is_held_until_the_next_start) {
    auto o = options();
    o.producer.max_inflight = 2 * bad; // those held leave room
    auto first = run(o, [](const auto& s) { return s.held == bad && s.acked == count - bad; });
    EXPECT_EQ(first.stats().window_used, bad);
    EXPECT_EQ(first.stats().connects, 1u);
    EXPECT_TRUE(first.stop().drained);

    tally second;
    auto again = weir::start(counting(second), o);
    EXPECT_TRUE(eventually([&] { return again.stats().acked == bad; })) << again.stats().acked;
    EXPECT_EQ(second.size(), bad);
    for (const auto number : second.numbers())
        EXPECT_TRUE(is_bad(number)) << number;
    EXPECT_TRUE(eventually([&] { return again.stats().window_used == 0; }));
}

class late_success : public ::testing::TestWithParam<mqtt::protocol_version> {};

TEST_P(late_success, of_many_messages_resumes_the_session_and_processes_nothing_twice) {
    WEIR_NEEDS_MOSQUITTO();
    mosquitto broker;
    auto o = consumer_options(broker.port(), GetParam(), weir::qos::at_least_once);
    o.producer.redelivery = {.min = 20ms, .max = 20ms, .skip_after = 0ms};
    o.producer.max_inflight = 20;
    o.producer.stall_after = 800ms;
    std::atomic<bool> good{false};
    tally handled;
    auto running = weir::start(
        function_handler{[&](weir::message<weir::bytes>& m) {
            const auto number = number_in(m.data);
            if (number < 10 && !good) return m.fail("not yet");
            handled.add(number);
        }},
        o);
    ASSERT_TRUE(running.wait_until_ready(10s));
    publisher source(broker.port());
    source.publish("numbers/a", 0, 200, weir::qos::at_least_once);
    ASSERT_TRUE(eventually([&] { return handled.size() == 190; })) << handled.size();
    EXPECT_EQ(running.stats().connects, 1u);
    good = true;
    EXPECT_TRUE(eventually([&] { return running.stats().acked == 200; })) << running.stats().acked;
    EXPECT_EQ(handled.total(), 200u) << "each once";
    EXPECT_TRUE(eventually([&] { return running.stats().window_used == 0; }));
    EXPECT_THAT(running.stats().connects, ::testing::AllOf(::testing::Ge(2u), ::testing::Le(4u)));
}

INSTANTIATE_TEST_SUITE_P(
    versions, late_success, ::testing::Values(mqtt::protocol_version::v4, mqtt::protocol_version::v5));

TEST(stopping_failure, ends_the_pipeline_and_leaves_the_message_for_the_next_start) {
    WEIR_NEEDS_MOSQUITTO();
    mosquitto broker;
    auto o = consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::exactly_once);
    o.producer.on_failure = weir::on_failure::stop;
    tally first;
    {
        auto running = weir::start(
            function_handler{[&](weir::message<weir::bytes>& m) {
                if (number_in(m.data) == 5) return m.fail("impossible");
                first.add(number_in(m.data));
            }},
            o);
        ASSERT_TRUE(running.wait_until_ready(10s));
        publisher source(broker.port());
        source.publish("numbers/a", 0, 10, weir::qos::exactly_once);
        const auto ended = running.wait();
        ASSERT_FALSE(ended);
        EXPECT_EQ(ended.error().code, connector::errc::message_failed);
        EXPECT_THAT(ended.error().message(), HasSubstr("topic numbers/a, packet id "));
        EXPECT_THAT(ended.error().message(), HasSubstr("impossible"));
    }
    tally second;
    auto running = weir::start(counting(second), o);
    EXPECT_TRUE(eventually([&] { return second.times(5) == 1; }));
    EXPECT_TRUE(eventually([&] { return first.size() + second.size() == 10; }));
}

TEST(undecodable, payloads_do_not_stall_the_pipeline) {
    WEIR_NEEDS_MOSQUITTO();
    constexpr std::size_t flood = 100'000;
    mosquitto broker;
    auto o = consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::at_least_once);
    o.producer.on_failure = weir::on_failure::ack;
    o.producer.max_inflight = 1'000;
    std::atomic<std::size_t> reached{0};
    auto running = weir::start(
        function_handler{[&](weir::message<weir::bytes>&) { ++reached; }},
        [](const weir::inbound& in) -> weir::result<weir::bytes> {
            if (in.payload() == "good") return in.payload();
            return weir::failure("undecodable");
        },
        o);
    ASSERT_TRUE(running.wait_until_ready(10s));
    publisher source(broker.port());
    for (std::size_t sent = 0; sent < flood; sent += 5'000) {
        source.publish("numbers/a", sent, 5'000, weir::qos::at_least_once);
        ASSERT_TRUE(source.wait(60s));
    }
    source.publish("numbers/a", "good", weir::qos::at_least_once);
    EXPECT_TRUE(eventually([&] { return reached == 1; }, 60s));
    EXPECT_TRUE(eventually([&] { return running.stats().acked == flood + 1; }, 60s)) << running.stats().acked;
    EXPECT_EQ(running.stats().acked_failed, flood);
    EXPECT_EQ(running.stats().window_used, 0u);
}

} // namespace
} // namespace weir::testing
