#include "overlap_filter.hpp"

#include <gtest/gtest.h>

namespace weir::connector {
namespace {

using namespace std::chrono_literals;

class overlap_filter_test : public ::testing::Test {
  protected:
    /// A message of the topic that both filters select, sent for some of them.
    [[nodiscard]] static mqtt::publish message(
        const std::string& payload, std::initializer_list<std::uint32_t> ids) {
        mqtt::publish p{.topic = bytes::copy("a/1"), .payload = bytes::copy(payload)};
        for (const auto id : ids)
            p.props.append({mqtt::property_id::subscription_identifier, id});
        return p;
    }

    /// Whether the pipeline is to have it; then its outcome is added.
    [[nodiscard]] bool is_new(const mqtt::publish& p, time_point now) {
        auto* const place = filter.find(p, now);
        if (place == nullptr) return true;
        if (overlap_filter::copy_of(*place, p)) return false;
        filter.add(*place, std::make_shared<shared_outcome>());
        return true;
    }

    overlap_filter filter{{{"a/#", 7}, {"a/+", 8}}};
    const time_point begin{time_point{} + 1h};
};

TEST_F(overlap_filter_test, forgets_a_message_after_its_time) {
    EXPECT_TRUE(is_new(message("x", {7}), begin));
    EXPECT_FALSE(is_new(message("x", {8}), begin + overlap_filter::memory - 1ns));
    EXPECT_TRUE(is_new(message("x", {8}), begin + overlap_filter::memory)) << "the publisher's next";
    EXPECT_FALSE(is_new(message("x", {7}), begin + overlap_filter::memory + 1ns));
}

TEST_F(overlap_filter_test, takes_what_it_has_no_room_for_as_new) {
    for (std::size_t i = 0; i < overlap_filter::most; ++i)
        ASSERT_TRUE(is_new(message(std::to_string(i), {7}), begin)) << i;
    EXPECT_TRUE(is_new(message("one more", {7}), begin));
    EXPECT_TRUE(is_new(message("one more", {8}), begin)) << "in doubt a duplicate, never a loss";
    EXPECT_FALSE(is_new(message("0", {8}), begin)) << "which it knows";
    const auto later = begin + overlap_filter::memory;
    EXPECT_TRUE(is_new(message("one more", {7}), later));
    EXPECT_FALSE(is_new(message("one more", {8}), later)) << "there is room again";
}

TEST_F(overlap_filter_test, counts_messages_of_one_content_as_others) {
    for (std::size_t i = 0; i < overlap_filter::most; ++i)
        ASSERT_TRUE(is_new(message("x", {7}), begin)) << i;
    EXPECT_FALSE(is_new(message("x", {8}), begin)) << "of the first";
    EXPECT_TRUE(is_new(message("x", {7}), begin));
    EXPECT_TRUE(is_new(message("y", {7}), begin));
    EXPECT_TRUE(is_new(message("y", {8}), begin)) << "no room";
}

} // namespace
} // namespace weir::connector
