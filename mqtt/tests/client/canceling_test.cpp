// Ending one operation, and acknowledging one message with words.
#include "client_fixture.hpp"

namespace weir::mqtt {
namespace {

class canceling : public client_version_test {};

TEST_P(canceling, ends_what_waits_and_leaves_the_rest) {
    test_broker broker{
        {conversation{}.accept().expect_a<subscribe>("SUBSCRIBE").expect(publish_packet("t", "kept"))}};
    auto o = quick_options(broker.port(), GetParam());
    client_ = std::make_unique<client>(lane_, o, observer_);
    std::stop_source stop;
    counter done;
    std::vector<error> outcomes(3);
    client_->publish(
        message("t", "canceled"),
        [&](const auto& d) {
            outcomes[0] = d.failed;
            ++done;
        },
        stop.get_token());
    client_->subscribe(
        {{"a"}},
        [&](const auto& d) {
            outcomes[1] = d.failed;
            ++done;
        },
        {}, stop.get_token());
    stop.request_stop();
    client_->unsubscribe(
        {"a"},
        [&](const auto& d) {
            outcomes[2] = d.failed;
            ++done;
        },
        stop.get_token());
    ASSERT_TRUE(done.wait_for(3));
    EXPECT_EQ(outcomes, std::vector<error>(3, error{errc::aborted}));
    client_->publish(message("t", "kept"));
    client_->subscribe({{"b"}});
    client_->start();
    EXPECT_EQ(broker.finish(), "");
    client_->abort();
}

TEST_P(canceling, after_the_outcome_does_nothing) {
    test_broker broker{{conversation{}.accept().expect(publish_packet("t", "x"))}};
    start(quick_options(broker.port(), GetParam()));
    std::stop_source stop;
    counter done;
    client_->publish(
        message("t", "x"),
        [&](const auto& d) {
            EXPECT_FALSE(d.failed);
            ++done;
        },
        stop.get_token());
    ASSERT_TRUE(done.wait_for(1));
    stop.request_stop();
    client_->stop();
    EXPECT_EQ(done, 1);
    EXPECT_EQ(broker.finish(), "");
}

TEST_P(canceling, may_come_when_the_client_is_gone) {
    std::stop_source stop;
    counter done;
    client_ = std::make_unique<client>(lane_, quick_options(1, GetParam()), observer_);
    client_->publish(
        message("t", "x"),
        [&](const auto& d) {
            EXPECT_EQ(d.failed, error{errc::aborted});
            ++done;
        },
        stop.get_token());
    client_.reset();
    stop.request_stop();
    EXPECT_EQ(done, 1);
}

TEST_P(canceling, an_ack_tells_what_came_of_it) {
    const bool v5 = GetParam() == protocol_version::v5;
    auto script = conversation{}.accept().send(publish_packet("t", "x", qos::at_least_once, 1));
    ack expected;
    expected.packet_id = 1;
    if (v5) {
        expected.code = reason_code::quota_exceeded;
        expected.props.set(property_id::reason_string, "full");
    }
    test_broker broker{{script.expect(expected)}};
    auto o = quick_options(broker.port(), GetParam());
    o.auto_ack = false;
    start(o);
    ASSERT_TRUE(observer_.wait_for([](const auto& r) { return r.messages.size() == 1; }));
    const auto token = observer_.seen().messages[0].token;
    counter done;
    std::vector<error> outcomes;
    const auto note = [&](const error& e) {
        outcomes.push_back(e);
        ++done;
    };
    properties reason;
    reason.set(property_id::reason_string, "full");
    client_->acknowledge(token, reason_code::quota_exceeded, reason, note);
    client_->acknowledge(token, reason_code::success, {}, note);
    ASSERT_TRUE(done.wait_for(2));
    EXPECT_EQ(outcomes[0], v5 ? error{} : error{errc::unsupported_by_version});
    EXPECT_EQ(outcomes[1], v5 ? error{errc::already_acked} : error{});
    client_->stop();
    EXPECT_EQ(broker.finish(), "");
}

INSTANTIATE_TEST_SUITE_P(
    versions, canceling, ::testing::Values(protocol_version::v4, protocol_version::v5), version_name);

} // namespace
} // namespace weir::mqtt
