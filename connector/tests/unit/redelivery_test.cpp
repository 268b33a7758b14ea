#include "redelivery.hpp"

#include <gmock/gmock.h>

namespace weir::connector {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class redelivery_test : public ::testing::Test {
  protected:
    redelivery::due due_now() {
        redelivery::due due;
        failing.take_due(now, due);
        return due;
    }

    redelivery failing{{.min = 1s, .max = 8s, .skip_after = 10s}, 1};
    time_point now{time_point{} + 1h};
};

TEST_F(redelivery_test, brings_a_message_again_after_its_delay) {
    const auto delay = failing.failed(7, 1, now);
    EXPECT_EQ(failing.deadline(), now + delay);
    now += delay - 1ns;
    EXPECT_THAT(due_now().again, IsEmpty());
    now += 1ns;
    EXPECT_THAT(due_now().again, ElementsAre(7));
    EXPECT_THAT(due_now().again, IsEmpty()) << "once per failure";
}

TEST_F(redelivery_test, doubles_the_delay_up_to_max_and_spreads_it_by_a_fifth) {
    const auto expect_about = [&](std::uint32_t attempt, duration middle) {
        for (int i = 0; i < 100; ++i) {
            const auto delay = failing.failed(static_cast<std::uint64_t>(i), attempt, now);
            EXPECT_GE(delay, middle * 4 / 5) << attempt;
            EXPECT_LE(delay, middle * 6 / 5) << attempt;
            failing.settled(static_cast<std::uint64_t>(i));
        }
    };
    expect_about(1, 1s);
    expect_about(2, 2s);
    expect_about(3, 4s);
    expect_about(4, 8s);
    expect_about(5, 8s);
    expect_about(4'000'000'000, 8s);
}

TEST_F(redelivery_test, delays_of_a_group_differ) {
    const auto first = failing.failed(1, 1, now);
    bool differs = false;
    for (std::uint64_t token = 2; token < 10; ++token)
        differs |= failing.failed(token, 1, now) != first;
    EXPECT_TRUE(differs);
}

TEST_F(redelivery_test, forgets_a_message_that_is_settled) {
    failing.failed(7, 1, now);
    failing.settled(7);
    now += 1min;
    EXPECT_THAT(due_now().again, IsEmpty());
    EXPECT_THAT(due_now().defer, IsEmpty());
    EXPECT_EQ(failing.size(), 0u);
    EXPECT_EQ(failing.deadline(), std::nullopt);
}

TEST_F(redelivery_test, defers_once_when_a_message_has_been_failing_for_too_long) {
    failing.failed(7, 1, now);
    now += 2s;
    EXPECT_THAT(due_now().again, ElementsAre(7));
    failing.failed(7, 2, now);
    now += 8s;
    EXPECT_THAT(due_now().defer, ElementsAre(7)) << "10 s after its first failure";
    failing.failed(7, 3, now);
    now += 1min;
    const auto later = due_now();
    EXPECT_THAT(later.again, ElementsAre(7)) << "still brought again";
    EXPECT_THAT(later.defer, IsEmpty());
}

TEST_F(redelivery_test, defers_a_message_that_is_in_the_pipeline_at_that_time) {
    failing.failed(7, 1, now);
    now += 2s;
    ASSERT_THAT(due_now().again, ElementsAre(7));
    EXPECT_EQ(failing.deadline(), now + 8s);
    now += 8s;
    EXPECT_THAT(due_now().defer, ElementsAre(7));
}

TEST_F(redelivery_test, a_token_used_anew_gets_its_full_time) {
    failing.failed(7, 1, now);
    failing.settled(7);
    now += 9s;
    failing.failed(7, 1, now); // another message in the same place
    now += 2s;
    EXPECT_THAT(due_now().defer, IsEmpty());
    now += 8s;
    EXPECT_THAT(due_now().defer, ElementsAre(7));
}

TEST_F(redelivery_test, giving_up_hands_back_what_waits_and_defers_everything) {
    failing.failed(1, 1, now);
    now += 2s;
    ASSERT_THAT(due_now().again, ElementsAre(1)); // in the pipeline
    failing.failed(2, 1, now);
    failing.failed(3, 1, now);
    redelivery::due due;
    failing.give_up(due);
    EXPECT_THAT(due.again, UnorderedElementsAre(2, 3));
    EXPECT_THAT(due.defer, UnorderedElementsAre(1, 2, 3));
    EXPECT_EQ(failing.size(), 1u) << "the one in the pipeline";
}

} // namespace
} // namespace weir::connector
