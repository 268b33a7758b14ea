// How far PUBRECs run ahead of the server's PUBRELs: one window, however much the server has sent.
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;

constexpr std::uint16_t window = 100;

client_options with_window(protocol_version version) {
    auto o = lasting(version);
    o.receive_maximum = window;
    o.receive_window = window;
    return o;
}

std::vector<packet> pubrecs(std::uint16_t first, std::uint16_t last) {
    std::vector<packet> list;
    for (auto id = first; id <= last; ++id)
        list.emplace_back(pubrec(id));
    return list;
}

/// A server that resends twice the window as in flight.
class session_qos2_pace : public testing::TestWithParam<protocol_version> {
  protected:
    session_driver d{with_window(GetParam())};

    void SetUp() override {
        d.accept(true);
        d.forget();
    }

    /// Messages of these ids come, and the application is done with each at once.
    void serve(std::uint16_t first, std::uint16_t last) {
        for (auto id = first; id <= last; ++id) {
            d.server(qos2(id));
            d.ack({d.last<message_received>().token});
        }
    }
};

INSTANTIATE_TEST_SUITE_P(
    versions, session_qos2_pace, testing::Values(protocol_version::v4, protocol_version::v5),
    [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST_P(session_qos2_pace, is_a_window_of_exchanges) {
    serve(1, window + 3);
    EXPECT_EQ(d.sent(), pubrecs(1, window));
    d.server(pubrel(1));
    EXPECT_EQ(d.sent(), packets(pubcomp(1), pubrec(window + 1)));
    d.server({pubrel(2), pubrel(3)});
    EXPECT_EQ(d.sent(), packets(pubcomp(2), pubrec(window + 2), pubcomp(3), pubrec(window + 3)));
    EXPECT_EQ(d.client.stats().acks_held, 0u);
}

/// The PUBRELs may lie behind messages that are not read while the window is full: waiting for them would
/// never end.
TEST_P(session_qos2_pace, takes_no_place_in_the_window) {
    serve(1, 3 * window);
    EXPECT_EQ(d.count<message_received>(), 3u * window);
    EXPECT_EQ(d.client.stats().window_used, 0u);
    EXPECT_EQ(d.client.stats().acks_held, 2u * window);
    EXPECT_TRUE(d.client.is_connected());
}

TEST_P(session_qos2_pace, holds_up_no_puback) {
    serve(1, window + 1);
    d.server(qos1(1'000));
    (void)d.sent();
    d.ack({d.last<message_received>().token});
    EXPECT_EQ(d.sent(), packets(puback(1'000)));
}

TEST_P(session_qos2_pace, answers_a_repetition_within_the_window_at_once) {
    serve(1, window + 1);
    (void)d.sent();
    d.server(dup(qos2(1)));
    EXPECT_EQ(d.sent(), packets(pubrec(1)));
}

TEST_P(session_qos2_pace, knows_the_messages_whose_answer_waits) {
    serve(1, window + 1);
    (void)d.sent();
    const auto delivered = d.count<message_received>();
    d.server(dup(qos2(window + 1)));
    d.reconnect(true);
    d.server(dup(qos2(window + 1)));
    EXPECT_EQ(d.count<message_received>(), delivered);
    EXPECT_EQ(d.sent(), packets(pubrec(window + 1)));
}

TEST_P(session_qos2_pace, remembers_all_of_them_across_connections) {
    serve(1, 4 * window);
    d.reconnect(true);
    d.forget();
    for (std::uint16_t id = window + 1; id <= 4 * window; ++id)
        d.server(dup(qos2(id)));
    EXPECT_EQ(d.count<message_received>(), 0u);
}

TEST_P(session_qos2_pace, does_not_count_exchanges_of_before) {
    serve(1, window);
    d.reconnect(true); // their PUBRELs may never come
    serve(window + 1, 2 * window);
    EXPECT_EQ(d.sent(), pubrecs(window + 1, 2 * window));
}

TEST_P(session_qos2_pace, is_given_up_when_the_connection_is_left) {
    serve(1, window + 1);
    (void)d.sent();
    d.client.disconnect(reason_code::success, {}, d.now, d.happened);
    EXPECT_EQ(d.sent(), packets(pubrec(window + 1), disconnect{}));
}

TEST_P(session_qos2_pace, is_given_up_when_the_application_takes_its_leave) {
    serve(1, window + 1);
    (void)d.sent();
    d.client.drain(false, d.now, d.happened);
    d.client.acknowledge({}, d.now, d.happened);
    EXPECT_EQ(d.sent(), packets(pubrec(window + 1)));
}

} // namespace
} // namespace weir::mqtt
