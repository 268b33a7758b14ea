// A broker that goes while a batch is being stored, and comes back with or without what it knew.

#include "support/consumer.hpp"
#include "support/mosquitto.hpp"
#include "support/publisher.hpp"

#include <weir/base/telemetry.hpp>
#include <weir/connector/events.hpp>

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::size_t batch_size = 50;

/// Stores batches when it is told to.
struct batching_handler {
    tally* handled;
    std::atomic<bool>* hold;
    std::atomic<std::size_t>* waiting;

    void handle_message(weir::message<weir::bytes>&) {}

    void handle_batch(weir::batch<weir::bytes>& b) {
        *waiting += b.size();
        while (*hold)
            std::this_thread::sleep_for(1ms);
        for (const auto& m : b)
            handled->add(number_in(m.data));
    }
};

struct kind {
    mqtt::protocol_version version;
    weir::qos level;
};

class broker_killed : public ::testing::TestWithParam<kind> {
  protected:
    void SetUp() override { WEIR_NEEDS_MOSQUITTO(); }

    ~broker_killed() override { hold_ = false; }

    [[nodiscard]] connector::running start(const mosquitto& broker) {
        using namespace connector::events;
        auto o = consumer_options(broker.port(), GetParam().version, GetParam().level);
        o.producer.max_inflight = batch_size;
        o.batchers = {{.name = "default", .batch_size = batch_size, .batch_timeout = 1s}};
        o.telemetry = std::make_shared<weir::telemetry>();
        o.telemetry->attach<connection_up>(
            "test", [this](const auto& e) { note(e.session_present ? "up, resumed" : "up, anew"); });
        o.telemetry->attach<connection_down>(
            "test", [this](const auto& e) { note("down with " + std::to_string(e.unacknowledged)); });
        o.telemetry->attach<session_lost>(
            "test", [this](const auto& e) { note("lost with " + std::to_string(e.unacknowledged)); });
        o.telemetry->attach<ack_stale>("test", [this](const auto& e) { stale_ += e.count; });
        return weir::start(batching_handler{&handled_, &hold_, &waiting_}, o);
    }

    void note(const std::string& what) {
        const std::lock_guard lock(mutex_);
        if (what != "down with 0") seen_.push_back(what); // a broker that is starting may drop one more
    }

    [[nodiscard]] std::vector<std::string> seen() {
        const std::lock_guard lock(mutex_);
        return seen_;
    }

    /// A batch is in the handler, and the broker waits for its acknowledgements.
    void begin_a_batch(publisher& source, connector::running& running) {
        ASSERT_TRUE(running.wait_until_ready(10s));
        source.publish("numbers/a", 0, batch_size, GetParam().level);
        ASSERT_TRUE(source.wait());
        ASSERT_TRUE(eventually([&] { return waiting_ == batch_size; })) << waiting_;
    }

    /// Acknowledgements that the broker has had from the consumer since `from` in its log.
    [[nodiscard]] static std::size_t acknowledgements(const mosquitto& broker, std::size_t from) {
        const bool once = GetParam().level == weir::qos::at_least_once;
        return broker.times(
            once ? "Received PUBACK from consumer_0" : "Received PUBREC from consumer_0", from);
    }

    /// Exchanges of QoS 2 that the consumer has ended for the broker.
    [[nodiscard]] static std::size_t pubcomps(const mosquitto& broker, std::size_t from) {
        return broker.times("Received PUBCOMP from consumer_0", from);
    }

    /// As many as that, and no exchange that the broker does not know.
    static void expect_acknowledgements(const mosquitto& broker, std::size_t from, std::size_t count) {
        EXPECT_TRUE(eventually([&] { return acknowledgements(broker, from) == count; }))
            << acknowledgements(broker, from);
        const auto exchanges = GetParam().level == weir::qos::exactly_once ? count : 0;
        EXPECT_TRUE(eventually([&] { return pubcomps(broker, from) == exchanges; }))
            << pubcomps(broker, from);
    }

    /// Starts a broker that has not forgotten the batch, and lets the batch be handled.
    void expect_every_acknowledgement_once(mosquitto& broker, connector::running& running) {
        const auto before = broker.log().size();
        broker.start();
        ASSERT_TRUE(eventually([&] { return running.stats().duplicates == batch_size; }))
            << running.stats().duplicates;
        EXPECT_EQ(acknowledgements(broker, before), 0u) << "nothing is stored yet";
        hold_ = false;
        expect_acknowledgements(broker, before, batch_size);
        EXPECT_EQ(handled_.total(), batch_size) << "and none of them was stored twice";
        EXPECT_EQ(stale_, 0u);
        EXPECT_THAT(
            seen(), ::testing::IsSupersetOf({std::string("down with 50"), std::string("up, resumed")}));
        EXPECT_THAT(seen(), Not(Contains("lost with 50")));
    }

    tally handled_;
    std::atomic<bool> hold_{true};
    std::atomic<std::size_t> waiting_{0};
    std::atomic<std::size_t> stale_{0};

  private:
    std::mutex mutex_;
    std::vector<std::string> seen_;
};

TEST_P(broker_killed, without_its_memory_gets_no_acknowledgement_of_what_it_forgot) {
    mosquitto broker("log_type all\nmax_inflight_messages 0\n");
    auto running = start(broker);
    publisher source(broker.port());
    begin_a_batch(source, running);
    broker.kill();
    const auto before = broker.log().size();
    broker.start();
    ASSERT_TRUE(eventually([&] { return running.stats().connected == 1 && running.stats().connects > 1; }));
    ASSERT_TRUE(eventually(
        [&] { return broker.log().find("Sending SUBACK to consumer_0", before) != std::string::npos; }));
    hold_ = false;
    ASSERT_TRUE(eventually([&] { return stale_ == batch_size; })) << stale_;
    EXPECT_EQ(running.stats().unacknowledged, 0u);
    EXPECT_EQ(acknowledgements(broker, before), 0u);
    EXPECT_EQ(pubcomps(broker, before), 0u);
    source.publish("numbers/a", batch_size, 10, GetParam().level);
    expect_acknowledgements(broker, before, 10);
    EXPECT_EQ(handled_.total(), batch_size + 10) << "what was in the pipeline is finished";
    EXPECT_THAT(
        seen(), ::testing::IsSupersetOf(
                    {std::string("up, anew"), std::string("down with 50"), std::string("lost with 50")}));
    EXPECT_THAT(seen(), Not(Contains("up, resumed")));
    running.stop();
}

TEST_P(broker_killed, and_back_with_its_memory_gets_every_acknowledgement_once) {
    mosquitto broker("log_type all\nmax_inflight_messages 0\n");
    auto running = start(broker);
    publisher source(broker.port());
    begin_a_batch(source, running);
    broker.stop(); // which saves its sessions
    expect_every_acknowledgement_once(broker, running);
    running.stop();
}

TEST_P(broker_killed, when_it_had_saved_all_gets_every_acknowledgement_once) {
    mosquitto broker("log_type all\nmax_inflight_messages 0\nautosave_interval 1\n");
    auto running = start(broker);
    publisher source(broker.port());
    begin_a_batch(source, running);
    // It saves every other second; when it begins to, what it saved before is on the disk.
    const auto saved = broker.times("Saving in-memory database");
    ASSERT_TRUE(eventually([&] { return broker.times("Saving in-memory database") >= saved + 2; }));
    broker.kill();
    expect_every_acknowledgement_once(broker, running);
    running.stop();
}

/// It knows the session, of a time before the batch, and gives the packet ids of the batch to other messages.
TEST_P(broker_killed, when_it_had_saved_the_session_alone_gets_no_acknowledgement_of_what_it_forgot) {
    mosquitto broker("log_type all\nmax_inflight_messages 0\n");
    auto running = start(broker);
    ASSERT_TRUE(running.wait_until_ready(10s));
    broker.stop(); // which saves
    broker.start();
    ASSERT_TRUE(eventually([&] { return running.stats().connected == 1 && running.stats().connects > 1; }));
    publisher source(broker.port());
    begin_a_batch(source, running);
    broker.kill();
    const auto before = broker.log().size();
    broker.start();
    ASSERT_TRUE(
        eventually([&] { return broker.times("Sending CONNACK to consumer_0 (1, 0)", before) == 1; }));
    hold_ = false;
    ASSERT_TRUE(eventually([&] { return handled_.total() == batch_size; }));
    publisher next(broker.port(), mqtt::protocol_version::v5, "next");
    next.publish("numbers/a", batch_size, batch_size, GetParam().level);
    ASSERT_TRUE(eventually([&] { return handled_.total() == 2 * batch_size; })) << handled_.total();
    expect_acknowledgements(broker, before, batch_size);
    EXPECT_THAT(seen(), Contains("down with 50"));
    EXPECT_THAT(seen(), Not(Contains("lost with 50"))) << "the broker says that it knows the session";
    EXPECT_TRUE(eventually([&] { return running.stats().window_used == 0; })) << running.stats().window_used;
    running.stop();
    expect_acknowledgements(broker, before, batch_size);
}

INSTANTIATE_TEST_SUITE_P(
    versions, broker_killed,
    ::testing::Values(
        kind{mqtt::protocol_version::v5, weir::qos::at_least_once},
        kind{mqtt::protocol_version::v5, weir::qos::exactly_once},
        kind{mqtt::protocol_version::v4, weir::qos::at_least_once},
        kind{mqtt::protocol_version::v4, weir::qos::exactly_once}),
    [](const auto& one) {
        const std::string version = one.param.version == mqtt::protocol_version::v5 ? "v5" : "v4";
        return version + "_qos_" + std::to_string(static_cast<int>(one.param.level));
    });

} // namespace
} // namespace weir::testing
