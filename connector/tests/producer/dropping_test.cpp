// What the client lets go, and what it notices about its broker: events, counts by filter.

#include "producer_fixture.hpp"

#include <weir/connector/events.hpp>

#include <mutex>

namespace weir::connector {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::Pair;

mqtt::publish at_most_once(std::string_view topic) {
    return {.topic = bytes::copy(topic), .payload = bytes::copy("x")};
}

/// Sums of what the events tell, by reason and filter, and how many events there were.
class dropping : public producer_test {
  protected:
    dropping() {
        options.topics = {{"a/+"}, {"b", mqtt::qos::at_least_once}};
        bus->attach<events::message_dropped>("test", [this](const auto& e) {
            const std::lock_guard lock(mutex_);
            const auto what = std::string(e.reason) + ' ' + std::string(e.filter);
            sums_[what] += e.count;
            times_[what].push_back(e.origin.time);
        });
    }

    /// The listener uses what goes with this object.
    ~dropping() override {
        if (producer_) producer_->stop(clock::now() + 1s);
    }

    [[nodiscard]] std::map<std::string, std::size_t> told() {
        const std::lock_guard lock(mutex_);
        return sums_;
    }

    /// When an event has told of such drops.
    [[nodiscard]] std::vector<time_point> times_of(const std::string& what) {
        const std::lock_guard lock(mutex_);
        return times_[what];
    }

    [[nodiscard]] std::size_t dropped_of(std::size_t filter) const {
        return producer_->share().qos0_dropped.at(filter).count;
    }

    std::mutex mutex_;
    std::map<std::string, std::size_t> sums_;
    std::map<std::string, std::vector<time_point>> times_;
};

TEST_F(dropping, of_the_full_qos_0_queue_is_counted_by_filter_and_told_in_sums) {
    options.config.qos0_buffer_messages = 2;
    auto script = ready();
    for (int i = 0; i < 50; ++i)
        script.send(at_most_once("a/" + std::to_string(i))).send(at_most_once("b")).send(at_most_once("c"));
    follow({script.expect(mqtt::disconnect{})});
    start(0);
    ASSERT_TRUE(eventually([&] { return sums().qos0_dropped == 148; })) << sums().qos0_dropped;
    EXPECT_EQ(sums().qos0_overflowed, 148u);
    ASSERT_TRUE(eventually([&] { return dropped_of(0) + dropped_of(1) + dropped_of(2) == 148; }));
    EXPECT_EQ(finish(), "");
    const auto share = producer_->share();
    ASSERT_EQ(share.qos0_dropped.size(), 3u);
    EXPECT_EQ(share.qos0_dropped[0].filter, "a/+");
    EXPECT_EQ(share.qos0_dropped[0].count, 50u);
    EXPECT_EQ(share.qos0_dropped[1].count, 49u) << "the last two wait";
    EXPECT_EQ(share.qos0_dropped[2].filter, "") << "no filter selects it";
    EXPECT_EQ(share.qos0_dropped[2].count, 49u);
    EXPECT_THAT(
        told(),
        ElementsAre(
            Pair("qos0_buffer_full ", 49), Pair("qos0_buffer_full a/+", 50), Pair("qos0_buffer_full b", 49)));
    EXPECT_LT(times_of("qos0_buffer_full b").size(), 40u) << "not one for each";
}

TEST_F(dropping, of_the_full_qos_0_queue_is_told_once_a_second_at_most) {
    options.config.qos0_buffer_messages = 1;
    const auto told_thrice = [this] { return times_of("qos0_buffer_full b").size() >= 3; };
    follow({ready()
                .run(
                    "flood",
                    [&](auto& c) {
                        for (; !told_thrice() && !c.stopping(); c.stall(2ms))
                            c.send(at_most_once("b"));
                    })
                .expect(mqtt::disconnect{})});
    start(0);
    ASSERT_TRUE(eventually(told_thrice));
    const auto times = times_of("qos0_buffer_full b");
    EXPECT_GE(times[1] - times[0], 1s);
    EXPECT_GE(times[2] - times[1], 1s);
    EXPECT_EQ(finish(), "");
}

TEST_F(dropping, of_qos_0_that_failed_is_counted_by_filter_too) {
    follow({ready().send(at_most_once("a/1")).expect(mqtt::disconnect{})});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    fail(0);
    EXPECT_EQ(dropped_of(0), 1u);
    EXPECT_THAT(told(), ElementsAre(Pair("no a/+", 1)));
    EXPECT_EQ(finish(), "");
}

TEST_F(dropping, of_a_message_that_is_too_large_is_told) {
    options.config.maximum_packet_size = 1'000;
    options.config.oversize = mqtt::oversize::discard;
    follow(
        {ready()
             .send(mqtt::publish{.topic = bytes::copy("b"), .payload = bytes::copy(std::string(2'000, 'x'))})
             .expect(mqtt::disconnect{})});
    start();
    ASSERT_TRUE(eventually([&] { return sums().oversized == 1; }));
    EXPECT_EQ(finish(), "");
    EXPECT_THAT(told(), ElementsAre(Pair("packet_too_large b", 1)));
    EXPECT_EQ(dropped_of(1), 0u) << "it is not the queue's";
}

TEST_F(dropping, of_a_payload_that_is_not_what_it_says_is_told) {
    options.config.validate_payload_format = true;
    auto wrong = at_most_once("b");
    wrong.payload = bytes::copy("\xFF");
    wrong.props.set(mqtt::property_id::payload_format_indicator, 1);
    follow({ready().send(wrong).expect(mqtt::disconnect{})});
    start();
    ASSERT_TRUE(eventually([&] { return sums().misdeclared == 1; }));
    EXPECT_EQ(finish(), "");
    EXPECT_THAT(told(), ElementsAre(Pair("payload_format ", 1)));
}

/// What is out of the ordinary and loses nothing.
using noticing = dropping;

TEST_F(noticing, a_broker_that_sends_more_than_it_may) {
    options.max_inflight = 1;
    std::atomic<int> exceeded{0};
    bus->attach<events::window_exceeded>("test", [&](const auto&) { ++exceeded; });
    follow(
        {ready().send(qos1(1)).send(qos1(2)).expect(puback(1)).expect(puback(2)).expect(mqtt::disconnect{})});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    ASSERT_TRUE(eventually([&] { return exceeded == 1; }));
    succeed(0);
    ASSERT_TRUE(intake.wait_for_messages(2));
    succeed(1);
    EXPECT_EQ(finish(), "");
    EXPECT_TRUE(told().empty());
}

/// A store in memory that takes nothing while it is told so.
class moody_store final : public mqtt::session_store {
  public:
    explicit moody_store(std::atomic<bool>& failing)
        : failing_(failing) {}

    result<mqtt::store_content> open() override { return mqtt::store_content{}; }

    result<mqtt::store_usage> write(std::span<const mqtt::store_change>) override {
        if (failing_) return error{mqtt::errc::store_full, "no room"};
        return mqtt::store_usage{.bytes = 40, .records = 3};
    }

    void close() noexcept override {}

  private:
    std::atomic<bool>& failing_;
};

TEST_F(noticing, a_session_store_that_is_full) {
    std::atomic<bool> failing{true};
    options.config.store_from = [&] { return std::make_unique<moody_store>(failing); };
    std::mutex mutex;
    std::vector<std::string> seen;
    bus->attach<events::store_full>("test", [&](const auto& e) {
        const std::lock_guard lock(mutex);
        seen.push_back("full " + e.reason.detail);
    });
    bus->attach<events::store_recovered>("test", [&](const auto&) {
        const std::lock_guard lock(mutex);
        seen.emplace_back("recovered");
    });
    const auto count = [&] {
        const std::lock_guard lock(mutex);
        return seen.size();
    };
    follow({ready().expect(mqtt::disconnect{})});
    start();
    ASSERT_TRUE(eventually([&] { return count() == 1; }));
    failing = false;
    ASSERT_TRUE(eventually([&] { return count() == 2; }));
    ASSERT_TRUE(eventually([&] { return sums().store_records == 3; }));
    EXPECT_EQ(sums().store_bytes, 40u);
    ASSERT_TRUE(ready_.wait(5s));
    EXPECT_EQ(finish(), "");
    EXPECT_THAT(seen, ElementsAre("full no room", "recovered"));
    bus->detach("test");
}

TEST_F(noticing, what_a_connection_allows) {
    std::mutex mutex;
    std::vector<std::pair<mqtt::protocol_version, events::server_limits>> ups;
    bus->attach<events::connection_up>("test", [&](const auto& e) {
        const std::lock_guard lock(mutex);
        ups.emplace_back(e.version, e.limits);
    });
    mqtt::connack answer;
    answer.props.set(mqtt::property_id::receive_maximum, 7);
    answer.props.set(mqtt::property_id::maximum_packet_size, 5'000);
    answer.props.set(mqtt::property_id::server_keep_alive, 33);
    answer.props.set(mqtt::property_id::maximum_qos, 1);
    answer.props.set(mqtt::property_id::retain_available, 0);
    follow({conversation{}.accept(answer).grant_subscribe().expect(mqtt::disconnect{})});
    start();
    ASSERT_TRUE(ready_.wait(5s));
    EXPECT_EQ(finish(), "");
    ASSERT_EQ(ups.size(), 1u);
    EXPECT_EQ(ups[0].first, mqtt::protocol_version::v5);
    const auto& limits = ups[0].second;
    EXPECT_EQ(limits.receive_maximum, 7u);
    EXPECT_EQ(limits.maximum_packet_size, 5'000u);
    EXPECT_EQ(limits.keep_alive, 33u);
    EXPECT_EQ(limits.maximum_qos, mqtt::qos::at_least_once);
    EXPECT_FALSE(limits.retain);
    EXPECT_TRUE(limits.shared_subscriptions);
    bus->detach("test");
}

} // namespace
} // namespace weir::connector
