#include "session/subscription_table.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

const std::vector<subscription> both{{"a", qos::at_least_once}, {"b", qos::exactly_once}};

properties identified(std::uint32_t id) {
    properties props;
    props.set(property_id::subscription_identifier, id);
    return props;
}

TEST(subscription_table, holds_what_was_granted) {
    journal none{false, 0, {}};
    subscription_table table{none};
    table.answered(both, std::vector{reason_code::granted_qos_0, reason_code::not_authorized}, {});
    const granted_subscription lower{both[0], qos::at_most_once, std::nullopt};
    EXPECT_EQ(table.list(), std::vector{lower});
    table.removed("a");
    EXPECT_TRUE(table.empty());
}

TEST(subscription_table, subscribes_again_with_the_identifiers_of_before) {
    journal none{false, 0, {}};
    subscription_table table{none};
    const std::vector granted{reason_code::granted_qos_1, reason_code::granted_qos_2};
    table.answered(both, granted, identified(7));
    table.answered(std::vector<subscription>{{"c"}}, std::vector{reason_code::granted_qos_0}, {});
    const auto again = table.resubscriptions();
    ASSERT_EQ(again.size(), 2u);
    EXPECT_EQ(again[0].subscriptions, (std::vector<subscription>{{"c"}}));
    EXPECT_TRUE(again[0].props.empty());
    EXPECT_EQ(again[1].subscriptions, both);
    EXPECT_EQ(again[1].props, identified(7));
}

TEST(subscription_table, one_refused_after_a_loss_is_tried_again_at_the_next) {
    journal none{false, 0, {}};
    subscription_table table{none};
    table.answered(both, std::vector{reason_code::granted_qos_1, reason_code::granted_qos_2}, {});
    table.session_lost();
    EXPECT_TRUE(table.list().empty());
    table.answered(both, std::vector{reason_code::granted_qos_1, reason_code::not_authorized}, {});
    EXPECT_EQ(table.list().size(), 1u);
    EXPECT_EQ(table.resubscriptions()[0].subscriptions.size(), 2u);
}

} // namespace
} // namespace weir::mqtt
