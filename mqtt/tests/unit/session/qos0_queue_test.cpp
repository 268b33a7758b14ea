#include "session/qos0_queue.hpp"

#include <gmock/gmock.h>

#include <string>
#include <vector>

namespace weir::mqtt {
namespace {

using policy = qos0_buffer_policy;

class qos0_queue_of : public testing::Test {
  protected:
    static message_received message(std::string_view topic, std::string_view payload) {
        message_received m;
        m.received.topic = bytes::copy(topic);
        m.received.payload = bytes::copy(payload);
        return m;
    }

    std::size_t push(qos0_queue& queue, std::string_view topic, std::string_view payload) {
        return queue.push(message(topic, payload), ++order_).size();
    }

    static std::string drain(qos0_queue& queue) {
        std::string payloads;
        while (!queue.empty())
            payloads += queue.pop().received.payload.text();
        return payloads;
    }

    std::uint64_t order_{0};
};

TEST_F(qos0_queue_of, drop_oldest) {
    qos0_queue queue{{2, 100, policy::drop_oldest}};
    EXPECT_EQ(push(queue, "t", "1"), 0u);
    EXPECT_EQ(push(queue, "t", "2"), 0u);
    EXPECT_EQ(push(queue, "t", "3"), 1u);
    EXPECT_EQ(queue.next_order(), 2u);
    EXPECT_EQ(drain(queue), "23");
}

TEST_F(qos0_queue_of, messages_that_reached_its_bound_was_full_until_it_is_empty) {
    for (const auto how :
         {policy::drop_oldest, policy::drop_newest, policy::keep_latest, policy::pause_reading}) {
        qos0_queue queue{{2, 100, how}};
        push(queue, "t", "1");
        EXPECT_FALSE(queue.was_full());
        push(queue, "t", "2");
        EXPECT_TRUE(queue.was_full());
        static_cast<void>(queue.pop());
        EXPECT_TRUE(queue.was_full());
        static_cast<void>(queue.pop());
        EXPECT_FALSE(queue.was_full());
    }
}

TEST_F(qos0_queue_of, bytes_was_full_when_one_did_not_fit) {
    qos0_queue queue{{10, 6, policy::drop_newest}};
    push(queue, "t", "12");
    EXPECT_FALSE(queue.was_full());
    EXPECT_EQ(push(queue, "t", "345"), 1u);
    EXPECT_TRUE(queue.was_full());
}

TEST_F(qos0_queue_of, drop_newest) {
    qos0_queue queue{{2, 100, policy::drop_newest}};
    EXPECT_EQ(push(queue, "t", "1"), 0u);
    EXPECT_EQ(push(queue, "t", "2"), 0u);
    EXPECT_EQ(push(queue, "t", "3"), 1u);
    EXPECT_EQ(drain(queue), "12");
}

TEST_F(qos0_queue_of, keep_latest_lets_an_older_one_of_the_topic_go_first) {
    qos0_queue queue{{3, 100, policy::keep_latest}};
    push(queue, "a", "1");
    push(queue, "b", "2");
    push(queue, "a", "3");
    EXPECT_EQ(push(queue, "b", "4"), 1u); // 2 goes
    EXPECT_EQ(push(queue, "c", "5"), 1u); // none of c waits: the oldest of all goes
    EXPECT_EQ(drain(queue), "345");
}

TEST_F(qos0_queue_of, keep_latest_for_ever_keeps_one_of_each_topic) {
    qos0_queue queue{{4, 1'000, policy::keep_latest}};
    for (int round = 0; round < 1'000; ++round)
        for (const auto* topic : {"a", "b", "c", "d"})
            push(queue, topic, topic + std::to_string(round % 10));
    EXPECT_EQ(queue.size(), 4u);
    EXPECT_EQ(drain(queue), "a9b9c9d9");
}

TEST_F(qos0_queue_of, any_policy_names_the_topics_it_drops) {
    qos0_queue oldest{{1, 100, policy::drop_oldest}};
    EXPECT_TRUE(oldest.push(message("a", "1"), 1).empty());
    EXPECT_THAT(oldest.push(message("b", "2"), 2), testing::ElementsAre(bytes::copy("a")));
    qos0_queue newest{{1, 100, policy::drop_newest}};
    EXPECT_TRUE(newest.push(message("a", "1"), 1).empty());
    EXPECT_THAT(newest.push(message("b", "2"), 2), testing::ElementsAre(bytes::copy("b")));
}

TEST_F(qos0_queue_of, pause_reading_drops_nothing) {
    qos0_queue queue{{2, 100, policy::pause_reading}};
    push(queue, "t", "1");
    EXPECT_FALSE(queue.blocks_reading());
    push(queue, "t", "2");
    EXPECT_TRUE(queue.blocks_reading());
    EXPECT_EQ(push(queue, "t", "3"), 0u); // was read already
    (void)queue.pop();
    EXPECT_TRUE(queue.blocks_reading());
    (void)queue.pop();
    EXPECT_FALSE(queue.blocks_reading());
    EXPECT_EQ(drain(queue), "3");
}

TEST_F(qos0_queue_of, bytes_are_bounded_too) {
    qos0_queue queue{{100, 10, policy::drop_oldest}};
    push(queue, "t", "1234");
    push(queue, "t", "5678");
    EXPECT_EQ(push(queue, "t", "abcdefghi"), 2u);
    EXPECT_EQ(push(queue, "t", "larger than all"), 1u); // and what waits stays
    EXPECT_EQ(drain(queue), "abcdefghi");
}

} // namespace
} // namespace weir::mqtt
