#include "producer_fixture.hpp"

#include <weir/connector/error.hpp>
#include <weir/connector/events.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <vector>

namespace weir::connector {
namespace {

/// What is told of a window that does not move, and what brings it back into motion.
class window_test : public producer_test {
  protected:
    window_test() {
        options.max_inflight = 4;
        bus->attach<events::window_stalled>("test", [this](const auto& e) {
            note(
                "stalled by " + std::to_string(e.message.packet_id) + " attempt " +
                std::to_string(e.attempt) + " before " + std::to_string(e.acks_held));
        });
        bus->attach<events::window_resumed>("test", [this](const auto&) { note("resumed"); });
        bus->attach<events::connection_down>("test", [this](const auto& e) {
            if (e.will_retry) note(e.reason.code == errc::redelivery ? "left" : "lost");
        });
    }

    ~window_test() override {
        if (producer_) producer_->stop(clock::now() + 1s);
    }

    void note(const std::string& what) {
        const std::lock_guard lock(mutex_);
        notes_.push_back(what);
    }

    [[nodiscard]] std::size_t times(const std::string& what) {
        const std::lock_guard lock(mutex_);
        return static_cast<std::size_t>(std::count(notes_.begin(), notes_.end(), what));
    }

  private:
    std::mutex mutex_;
    std::vector<std::string> notes_;
};

TEST_F(window_test, that_stalls_names_the_message_that_blocks_it) {
    options.stall_after = 40ms;
    options.max_inflight = 2;
    follow({ready().send(qos1(1)).send(qos1(2)).expect(puback(1)).expect(puback(2))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    succeed(1);
    EXPECT_TRUE(eventually([&] { return times("stalled by 1 attempt 1 before 1") >= 2; })) << "and again";
    EXPECT_GE(sums().oldest_unfinished, 40ms);
    succeed(0);
    EXPECT_TRUE(eventually([&] { return times("resumed") == 1; }));
    EXPECT_EQ(script_result(), "");
}

class window_version_test : public window_test,
                            public ::testing::WithParamInterface<mqtt::protocol_version> {};

TEST_P(window_version_test, is_won_back_by_resuming_the_session) {
    options.config.proto_ver = GetParam();
    options.stall_after = 400ms;
    options.redelivery = {.min = 5ms, .max = 5ms, .skip_after = 0ms};
    follow(
        {ready().send(qos1(1)).send(qos1(2)).expect(puback(2)).expect(mqtt::disconnect{}).expect_eof(),
         conversation{}
             .expect_a<mqtt::connect>("CONNECT", [](const auto& c) { return !c.clean_start; })
             .send(mqtt::connack{.session_present = true})
             .send(qos1(1, true))
             .expect(puback(1))
             .expect_nothing(150ms)});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    fail(0);
    succeed(1);
    ASSERT_TRUE(intake.wait_for_messages(3));
    ASSERT_TRUE(eventually([&] { return sums().deferred == 1; }));
    succeed(2);
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(intake.messages(), 3u) << "nothing is processed again";
    EXPECT_EQ(times("left"), 1u);
    EXPECT_TRUE(eventually([&] { return sums().window_used == 0; }));
}

INSTANTIATE_TEST_SUITE_P(
    versions, window_version_test, ::testing::Values(mqtt::protocol_version::v4, mqtt::protocol_version::v5));

/// A quarter of the window, told of in one reconnect.
TEST_F(window_test, is_won_back_at_once_from_a_quarter_that_succeeds_late) {
    constexpr std::uint16_t late = 25;
    options.max_inflight = 4 * late;
    options.stall_after = 8s; // looks at it every second
    options.redelivery = {.min = 5ms, .max = 5ms, .skip_after = 0ms};
    auto before = ready().within(30s);
    for (std::uint16_t id = 1; id <= late; ++id)
        before.send(qos1(id));
    before
        .wait_until(
            "all but one late successes",
            [this] { return sums().succeeded == late - 1 && sums().deferred == late; })
        .expect_nothing(1'100ms)
        .run("the last", [this](auto&) { succeed(2 * late - 1); })
        .expect(mqtt::disconnect{})
        .expect_eof();
    auto after = conversation{}.within(30s).accept({.session_present = true});
    for (std::uint16_t id = 1; id <= late; ++id)
        after.send(qos1(id, true));
    for (std::uint16_t id = 1; id <= late; ++id)
        after.expect(puback(id));
    follow({std::move(before), after.expect_nothing(50ms)});
    start();
    ASSERT_TRUE(intake.wait_for_messages(late));
    for (std::size_t i = 0; i < late; ++i)
        fail(i);
    ASSERT_TRUE(intake.wait_for_messages(2 * late));
    ASSERT_TRUE(eventually([&] { return sums().deferred == late; }));
    for (std::size_t i = late; i < 2 * late - 1; ++i)
        succeed(i);
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(intake.messages(), 2u * late) << "nothing is processed again";
    EXPECT_EQ(times("left"), 1u);
    EXPECT_EQ(sums().connects, 2u);
    EXPECT_TRUE(eventually([&] { return sums().window_used == 0; }));
}

/// The first of two messages is done when it was passed over; the broker must not be left for it.
class window_without_session_test : public window_test {
  protected:
    conversation stays_after(conversation begun) {
        return begun.send(qos1(1))
            .send(qos1(2))
            .expect(puback(2))
            .wait_until("done", [this] { return done_.load(); })
            .expect_nothing(200ms);
    }

    void pass_one_over() {
        options.stall_after = 40ms;
        options.redelivery = {.min = 5ms, .max = 5ms, .skip_after = 0ms};
        start();
        ASSERT_TRUE(intake.wait_for_messages(2));
        fail(0);
        succeed(1);
        ASSERT_TRUE(intake.wait_for_messages(3));
        ASSERT_TRUE(eventually([&] { return sums().deferred == 1; }));
        succeed(2);
        done_ = true;
    }

  private:
    std::atomic<bool> done_{false};
};

TEST_F(window_without_session_test, stays_as_it_is_where_an_older_version_keeps_none) {
    options.config.clean_start = true;
    options.config.session_expiry = 3'600;
    options.config.proto_fallback = {mqtt::protocol_version::v4};
    const auto unsupported = static_cast<std::uint8_t>(mqtt::reason_code::unsupported_protocol_version);
    follow({conversation{}.accept({.code = unsupported}), stays_after(ready())});
    pass_one_over();
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(times("left"), 0u);
}

TEST_F(window_without_session_test, stays_as_it_is_where_the_broker_keeps_none) {
    mqtt::connack keeps_none;
    keeps_none.props.set(mqtt::property_id::session_expiry_interval, 0u);
    follow({stays_after(conversation{}.accept(keeps_none).grant_subscribe())});
    pass_one_over();
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(times("left"), 0u);
}

TEST_F(window_test, is_not_won_back_while_draining) {
    options.stall_after = 16ms;
    options.redelivery = {.min = 5ms, .max = 5ms, .skip_after = 0ms};
    std::atomic<bool> was_quiet{false};
    follow({ready()
                .send(qos1(1))
                .send(qos1(2))
                .expect(puback(2))
                .expect_nothing(100ms)
                .run("quiet", [&](auto&) { was_quiet = true; })
                .expect(mqtt::disconnect{})});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    fail(0);
    ASSERT_TRUE(intake.wait_for_messages(3));
    ASSERT_TRUE(eventually([&] { return sums().deferred == 1; }));
    producer_->drain();
    ASSERT_TRUE(intake.wait_for([](const auto& r) { return r.drained; }));
    succeed(2);
    succeed(1);
    EXPECT_TRUE(eventually([&] { return was_quiet.load(); }));
    EXPECT_EQ(finish(), "");
    EXPECT_EQ(times("left"), 0u);
}

/// 3.1.1 knows no Receive Maximum: a server may send whatever it has.
TEST_F(window_test, holds_when_a_server_sends_ten_thousand_messages_at_once) {
    constexpr std::uint16_t count = 10'000;
    options.config.proto_ver = mqtt::protocol_version::v4;
    options.max_inflight = 20;
    auto script = ready().within(60s);
    for (std::uint16_t id = 1; id <= count; ++id)
        script.send(qos1(id));
    for (std::uint16_t id = 1; id <= count; ++id)
        script.expect(puback(id));
    follow({script});
    start(2 * count);
    std::size_t most = 0;
    for (std::size_t done = 0; done < count;) {
        ASSERT_TRUE(intake.wait_for_messages(done + 1)) << done;
        const auto seen = intake.seen();
        most = std::max(most, seen.entries.size() - done);
        std::vector<pipeline::settlement> successes;
        for (; done < seen.entries.size(); ++done) {
            EXPECT_EQ(seen.entries[done].value.payload().text(), std::to_string(done + 1));
            successes.push_back({.token = seen.entries[done].token, .result = pipeline::outcome::successful});
        }
        settle_all(successes);
    }
    EXPECT_LE(most, 20u);
    EXPECT_EQ(broker_->finish(60s), "");
    EXPECT_EQ(intake.messages(), count) << "each of them once";
}

using window_bytes_test = window_version_test;

TEST_P(window_bytes_test, bound_it_on_every_version) {
    constexpr std::size_t megabyte = 1 << 20;
    options.config.proto_ver = GetParam();
    options.max_inflight = 100;
    options.config.receive_bytes = megabyte * 3 / 2;
    auto script = ready().within(30s);
    for (std::uint16_t id = 1; id <= 3; ++id)
        script.send(publish_packet(std::string(megabyte, 'x'), mqtt::qos::at_least_once, id));
    follow({script.expect(puback(1)).expect(puback(2)).expect(puback(3))});
    start();
    for (std::size_t i = 0; i < 3; ++i) {
        ASSERT_TRUE(intake.wait_for_messages(i + 1));
        EXPECT_FALSE(intake.wait_for([&](const auto& r) { return r.entries.size() > i + 1; }, 50ms));
        EXPECT_EQ(intake.seen().entries[i].value.payload().size(), megabyte);
        succeed(i);
    }
    EXPECT_EQ(script_result(), "");
}

INSTANTIATE_TEST_SUITE_P(
    versions, window_bytes_test,
    ::testing::Values(mqtt::protocol_version::v3, mqtt::protocol_version::v4, mqtt::protocol_version::v5));

} // namespace
} // namespace weir::connector
