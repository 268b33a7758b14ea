#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;
using namespace std::chrono_literals;

class session_ping : public testing::TestWithParam<protocol_version> {
  protected:
    session_driver d{of_version(GetParam())};
};

INSTANTIATE_TEST_SUITE_P(
    versions, session_ping, testing::Values(protocol_version::v4, protocol_version::v5),
    [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST_P(session_ping, measures_the_way_there_and_back) {
    d.accept();
    const auto operation = d.client.ping(d.now).value();
    EXPECT_EQ(d.sent(), packets(pingreq{}));
    d.wait(20ms);
    d.server(pingresp{});
    EXPECT_EQ(d.all<ping_done>(), (std::vector<ping_done>{{operation, {}, 20ms}}));
}

TEST_P(session_ping, answers_belong_to_the_questions_in_their_order) {
    d.accept();
    d.wait(60s); // the keep alive asks first
    const auto operation = d.client.ping(d.now).value();
    EXPECT_EQ(d.sent(), packets(pingreq{}, pingreq{}));
    d.server(pingresp{});
    EXPECT_EQ(d.count<ping_done>(), 0u);
    d.wait(1s);
    d.server(pingresp{});
    EXPECT_EQ(d.last<ping_done>(), (ping_done{operation, {}, 1s}));
    d.server(pingresp{});
    EXPECT_EQ(d.let_go(dropped::what::unexpected_ack), 1u);
}

TEST_P(session_ping, without_an_answer_it_times_out_once) {
    d.options.keepalive = 0s;
    d.options.ack_timeout = 5s;
    session_driver off{d.options};
    off.accept();
    EXPECT_TRUE(off.client.ping(off.now));
    off.wait(5s);
    EXPECT_EQ(off.last<ping_done>().failed, error{errc::ack_timeout});
    off.server(pingresp{});
    EXPECT_EQ(off.count<ping_done>(), 1u);
    EXPECT_EQ(off.let_go(dropped::what::unexpected_ack), 0u);
}

TEST_P(session_ping, has_an_outcome_in_every_state) {
    EXPECT_EQ(d.client.ping(d.now).error(), error{errc::not_connected});
    d.accept();
    EXPECT_TRUE(d.client.ping(d.now));
    d.lose();
    EXPECT_EQ(d.last<ping_done>().failed, error{errc::disconnected});
    d.accept();
    EXPECT_TRUE(d.client.ping(d.now));
    d.client.abort(d.happened);
    EXPECT_EQ(d.last<ping_done>().failed, error{errc::aborted});
}

} // namespace
} // namespace weir::mqtt
