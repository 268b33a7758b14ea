// Outcomes that come before the answer: deadlines, cancellation; and answers that are overdue.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;
using namespace std::chrono_literals;

class session_deadline : public testing::TestWithParam<protocol_version> {
  protected:
    void start(client_options o) { d = std::make_unique<session_driver>(std::move(o)); }

    void SetUp() override {
        auto o = lasting(GetParam());
        o.max_inflight = 1;
        start(o);
    }

    operation_id publish_one(qos level, std::optional<duration> deadline = {}) {
        auto m = to_publish(level);
        m.deadline = deadline;
        return d->client.publish(std::move(m), d->now, d->happened).value();
    }

    error outcome_of(operation_id operation) {
        std::size_t found = 0;
        error failed;
        for (const auto& done : d->all<publish_done>()) {
            if (done.operation != operation) continue;
            ++found;
            failed = done.failed;
        }
        EXPECT_EQ(found, 1u);
        return failed;
    }

    std::unique_ptr<session_driver> d;
};

INSTANTIATE_TEST_SUITE_P(
    versions, session_deadline, testing::Values(protocol_version::v4, protocol_version::v5),
    [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST_P(session_deadline, ends_a_wait_behind_a_window_that_never_moves) {
    d->accept(false);
    publish_one(qos::at_least_once);
    const auto late = publish_one(qos::at_least_once, 2s);
    const auto later = publish_one(qos::at_least_once, 3s);
    const auto patient = publish_one(qos::at_least_once);
    d->wait(1999ms);
    EXPECT_EQ(d->count<publish_done>(), 0u);
    d->wait(1ms);
    EXPECT_EQ(outcome_of(late), error{errc::expired});
    d->wait(1s);
    EXPECT_EQ(outcome_of(later), error{errc::expired});
    (void)d->sent();
    d->server(puback(1));
    EXPECT_EQ(d->sent(), packets(qos1(2)));
    d->server(puback(2));
    EXPECT_EQ(outcome_of(patient), error{});
}

TEST_P(session_deadline, ends_a_wait_for_a_connection) {
    const auto late = publish_one(qos::at_most_once, 1s);
    d->wait(1s);
    EXPECT_EQ(outcome_of(late), error{errc::expired});
    d->accept(false);
    EXPECT_EQ(d->sent(), packets());
}

TEST_P(session_deadline, a_message_that_was_sent_keeps_its_id) {
    d->accept(false);
    const auto sent = publish_one(qos::exactly_once, 1s);
    d->wait(1s);
    EXPECT_EQ(outcome_of(sent), error{errc::timeout_unconfirmed});
    EXPECT_EQ(d->client.stats().outbound_inflight, 1u);
    (void)d->sent();
    d->server(pubrec(1));
    EXPECT_EQ(d->sent(), packets(pubrel(1)));
    d->server(pubcomp(1));
    EXPECT_EQ(d->client.stats().outbound_inflight, 0u);
    EXPECT_EQ(outcome_of(sent), error{errc::timeout_unconfirmed});
}

TEST_P(session_deadline, is_of_no_matter_once_met) {
    d->accept(false);
    const auto first = publish_one(qos::at_most_once, 1s);
    const auto second = publish_one(qos::at_least_once, 1s);
    (void)d->sent();
    d->server(puback(1));
    d->wait(10s);
    EXPECT_EQ(outcome_of(first), error{});
    EXPECT_EQ(outcome_of(second), error{});
}

TEST_P(session_deadline, what_lost_its_session_has_it_still) {
    d->accept(false);
    const auto operation = publish_one(qos::at_least_once, 2s);
    d->lose();
    d->accept(false);
    EXPECT_EQ(d->sent().size(), 1u);
    d->wait(2s);
    EXPECT_EQ(outcome_of(operation), error{errc::timeout_unconfirmed});
}

TEST_P(session_deadline, canceling_ends_any_operation) {
    d->accept(false);
    const auto sent = publish_one(qos::at_least_once);
    const auto queued = publish_one(qos::at_least_once);
    const auto subscribing = d->client.subscribe({{"a"}}, {}, d->now).value();
    const auto pinging = d->client.ping(d->now).value();
    (void)d->sent();
    for (const auto operation : {sent, queued, subscribing, pinging, operation_id{999}})
        d->client.cancel(operation, d->now, d->happened);
    EXPECT_EQ(outcome_of(sent), error{errc::aborted});
    EXPECT_EQ(outcome_of(queued), error{errc::aborted});
    EXPECT_EQ(d->all<subscribe_done>().size(), 1u);
    EXPECT_EQ(d->last<subscribe_done>().failed, error{errc::aborted});
    EXPECT_EQ(d->all<ping_done>(), (std::vector<ping_done>{{pinging, error{errc::aborted}, {}}}));
    d->server({packet{puback(1)}, packet{suback{2, {reason_code::success}, {}}}, packet{pingresp{}}});
    EXPECT_EQ(d->count<publish_done>(), 2u);
    EXPECT_EQ(d->count<subscribe_done>(), 1u);
    EXPECT_EQ(d->count<ping_done>(), 1u);
    EXPECT_EQ(d->sent(), packets());
}

TEST_P(session_deadline, an_overdue_answer_is_told_and_on_3_x_asked_for_again) {
    auto o = lasting(GetParam());
    o.retry_interval = 5s;
    o.keepalive = 0s;
    start(o);
    d->accept(false);
    const auto first = publish_one(qos::at_least_once);
    publish_one(qos::exactly_once);
    (void)d->sent();
    d->wait(2s);
    d->server(pubrec(2));
    (void)d->sent();
    d->wait(3s);
    EXPECT_EQ(d->all<ack_overdue>(), (std::vector<ack_overdue>{{first, 1}}));
    const bool v5 = GetParam() == protocol_version::v5;
    EXPECT_EQ(d->sent(), v5 ? packets() : packets(dup(qos1(1))));
    d->wait(2s);
    EXPECT_EQ(d->sent(), v5 ? packets() : packets(pubrel(2)));
    d->server({pubcomp(2), puback(1)});
    d->forget();
    d->wait(60s);
    EXPECT_EQ(d->count<ack_overdue>(), 0u);
    EXPECT_EQ(d->client.stats().outbound_inflight, 0u);
    publish_one(qos::at_least_once);
    d->wait(5s);
    EXPECT_EQ(d->count<ack_overdue>(), 1u);
}

} // namespace
} // namespace weir::mqtt
