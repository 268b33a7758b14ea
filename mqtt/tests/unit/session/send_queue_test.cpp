#include "session/send_queue.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

queued_publish queued(operation_id operation, qos level, std::string_view payload = "x") {
    queued_publish m;
    m.operation = operation;
    m.packet.qos = level;
    m.packet.payload = bytes::copy(payload);
    return m;
}

std::vector<operation_id> drain(send_queue& queue, bool window_open) {
    std::vector<operation_id> order;
    while (auto* next = queue.next(window_open))
        order.push_back(queue.pop(*next).operation);
    return order;
}

TEST(send_queue, lets_go_of_any_message) {
    send_queue queue{{.messages = 4}};
    for (operation_id n = 1; n <= 4; ++n)
        queue.push(queued(n, n == 2 ? qos::at_most_once : qos::at_least_once));
    EXPECT_EQ(queue.remove(3)->operation, 3u);
    EXPECT_FALSE(queue.remove(3));
    EXPECT_FALSE(queue.remove(9));
    EXPECT_EQ(queue.size(), 3u);
    EXPECT_TRUE(queue.fits(1));
    EXPECT_EQ(queue.remove(1)->operation, 1u);
    EXPECT_EQ(drain(queue, true), (std::vector<operation_id>{2, 4}));
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.bytes(), 0u);
}

TEST(send_queue, does_not_grow_behind_a_front_that_waits) {
    send_queue queue{{.messages = 4}};
    queue.push(queued(1, qos::at_least_once));
    for (operation_id n = 2; n < 1'000; ++n) {
        queue.push(queued(n, n % 2 == 0 ? qos::at_least_once : qos::at_most_once));
        EXPECT_TRUE(queue.remove(n));
        EXPECT_EQ(queue.size(), 1u);
    }
    EXPECT_EQ(drain(queue, true), (std::vector<operation_id>{1}));
}

TEST(send_queue, keeps_the_order_of_the_calls) {
    send_queue queue{{}};
    queue.push(queued(1, qos::at_least_once));
    queue.push(queued(2, qos::at_most_once));
    queue.push(queued(3, qos::exactly_once));
    EXPECT_EQ(drain(queue, true), (std::vector<operation_id>{1, 2, 3}));
}

TEST(send_queue, qos0_overtakes_a_full_window) {
    send_queue queue{{}};
    queue.push(queued(1, qos::at_least_once));
    queue.push(queued(2, qos::at_most_once));
    queue.push(queued(3, qos::at_most_once));
    EXPECT_EQ(drain(queue, false), (std::vector<operation_id>{2, 3}));
    EXPECT_EQ(drain(queue, true), (std::vector<operation_id>{1}));
}

TEST(send_queue, what_is_sent_again_comes_first_and_ignores_the_bounds) {
    send_queue queue{{1, 1}};
    queue.push(queued(3, qos::at_most_once));
    queue.push_front(queued(2, qos::at_least_once));
    queue.push_front(queued(1, qos::at_least_once));
    EXPECT_FALSE(queue.fits(0));
    EXPECT_EQ(drain(queue, true), (std::vector<operation_id>{1, 2, 3}));
}

TEST(send_queue, is_bounded_in_messages_and_bytes) {
    send_queue queue{{2, 10}};
    EXPECT_TRUE(queue.fits(10));
    EXPECT_FALSE(queue.fits(11));
    queue.push(queued(1, qos::at_most_once, "12345"));
    EXPECT_TRUE(queue.fits(5));
    EXPECT_FALSE(queue.fits(6));
    queue.push(queued(2, qos::at_least_once, ""));
    EXPECT_FALSE(queue.fits(0));
    EXPECT_EQ(queue.drop_oldest_qos0()->operation, 1u);
    EXPECT_TRUE(queue.fits(10));
    EXPECT_FALSE(queue.drop_oldest_qos0());
}

} // namespace
} // namespace weir::mqtt
