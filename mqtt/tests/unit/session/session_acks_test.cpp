// Acknowledging received messages: order, deferring, late and repeated decisions.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;

class session_acks : public testing::TestWithParam<protocol_version> {
  protected:
    session_driver d{lasting(GetParam())};

    void SetUp() override {
        d.accept(false);
        d.forget();
    }
};

INSTANTIATE_TEST_SUITE_P(
    versions, session_acks, testing::Values(protocol_version::v4, protocol_version::v5),
    [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST_P(session_acks, pubacks_leave_in_the_order_of_arrival) {
    d.server({qos1(1), qos1(2), qos1(3), qos1(4), qos1(5)});
    d.ack({d.token(4), d.token(2)});
    EXPECT_EQ(d.sent(), packets());
    d.ack({d.token(0)});
    EXPECT_EQ(d.sent(), packets(puback(1)));
    d.ack({d.token(1)});
    EXPECT_EQ(d.sent(), packets(puback(2), puback(3)));
    d.ack({d.token(3)});
    EXPECT_EQ(d.sent(), packets(puback(4), puback(5)));
}

TEST_P(session_acks, pubrecs_have_an_order_of_their_own) {
    d.server({qos1(1), qos2(2), qos1(3), qos2(4)});
    d.ack({d.token(3)});
    EXPECT_EQ(d.sent(), packets());
    d.ack({d.token(1)});
    EXPECT_EQ(d.sent(), packets(pubrec(2), pubrec(4))); // the PUBACK of 1 is still missing
    d.ack({d.token(2), d.token(0)});
    EXPECT_EQ(d.sent(), packets(puback(1), puback(3)));
}

TEST_P(session_acks, pubrec_waits_for_the_application_and_pubrel_does_not) {
    d.server(qos2(7));
    EXPECT_EQ(d.sent(), packets());
    d.ack({d.token(0)});
    EXPECT_EQ(d.sent(), packets(pubrec(7)));
    d.server(pubrel(7));
    EXPECT_EQ(d.sent(), packets(pubcomp(7)));
}

} // namespace
} // namespace weir::mqtt
