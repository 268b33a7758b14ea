#include "client/delivery.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace weir::mqtt {
namespace {

message_received numbered(std::uint64_t delivery, qos level = qos::at_least_once) {
    return {
        .token = {.delivery = delivery, .packet_id = static_cast<std::uint16_t>(delivery), .level = level}};
}

class taking_observer final : public client_observer {
  public:
    void on_messages(std::span<message_received> messages) override {
        for (auto& m : messages)
            taken.push_back(std::move(m));
        if (fail) throw std::runtime_error{"no"};
    }

    void on_callback_error(const std::string& what) noexcept override { errors.push_back(what); }

    std::vector<message_received> taken;
    std::vector<std::string> errors;
    bool fail{false};
};

TEST(delivery, hands_over_everything_in_one_call) {
    taking_observer observer;
    delivery d{true};
    d.add(numbered(1));
    d.add(numbered(2));
    const auto acks = d.hand_over(observer);
    EXPECT_EQ(observer.taken.size(), 2u);
    ASSERT_EQ(acks.size(), 2u);
    EXPECT_EQ(acks[0].token.delivery, 1u);
    EXPECT_EQ(acks[1].verdict, ack_outcome::decision::acknowledge);
    EXPECT_TRUE(d.empty());
}

TEST(delivery, acknowledges_no_qos_0) {
    taking_observer observer;
    delivery d{true};
    d.add(numbered(0, qos::at_most_once));
    EXPECT_TRUE(d.hand_over(observer).empty());
}

TEST(delivery, leaves_acknowledging_to_the_application_when_told) {
    taking_observer observer;
    delivery d{false};
    d.add(numbered(1));
    EXPECT_TRUE(d.hand_over(observer).empty());
}

TEST(delivery, lets_go_what_the_observer_threw_on) {
    taking_observer observer;
    observer.fail = true;
    delivery d{true};
    d.add(numbered(1));
    const auto acks = d.hand_over(observer);
    ASSERT_EQ(acks.size(), 1u);
    EXPECT_EQ(acks[0].verdict, ack_outcome::decision::let_go);
    ASSERT_EQ(observer.errors.size(), 1u);
    EXPECT_EQ(observer.errors[0], "no");
}

TEST(delivery, is_full_at_its_bound) {
    delivery d{true};
    for (std::size_t i = 1; i < delivery::most_at_once; ++i)
        d.add(numbered(i));
    EXPECT_FALSE(d.full());
    d.add(numbered(delivery::most_at_once));
    EXPECT_TRUE(d.full());
}

} // namespace
} // namespace weir::mqtt
