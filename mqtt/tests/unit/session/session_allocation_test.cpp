// What a received message costs in allocations. A program of its own, since it replaces operator new.
#include "support/counting_new.hpp"
#include "unit/session_driver.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using namespace test;

class session_allocations : public testing::TestWithParam<qos> {};

INSTANTIATE_TEST_SUITE_P(qos, session_allocations, testing::Values(qos::at_most_once, qos::at_least_once));

/// Messages that come one to a block, taken and acknowledged at once. The block itself is the reader's.
TEST_P(session_allocations, of_a_message_are_none_in_the_steady_state) {
    constexpr std::size_t count = 10'000;
    session_driver d{lasting()};
    d.accept(false);
    const auto block =
        encoded(message(GetParam(), GetParam() == qos::at_most_once ? 0 : 1, "payload"), d.options.proto_ver);
    output_buffer out;
    const auto one = [&] {
        d.client.received(block, d.now, d.happened);
        const auto token = std::get<message_received>(d.happened.front()).token;
        const ack_outcome done{token, ack_outcome::decision::acknowledge, reason_code::success};
        d.happened.clear();
        d.client.acknowledge({&done, 1}, d.now, d.happened);
        d.client.take_output(out);
        out.clear();
        d.client.written(d.now, d.happened);
        d.happened.clear();
    };
    d.happened.clear();
    for (int warm_up = 0; warm_up < 1'000; ++warm_up)
        one();
    const auto before = memory().allocations;
    for (std::size_t n = 0; n < count; ++n)
        one();
    // Queues take and give back a block now and then.
    EXPECT_LE(memory().allocations - before, count / 100);
    EXPECT_EQ(d.client.stats().messages_delivered, count + 1'000);
}

} // namespace
} // namespace weir::mqtt
