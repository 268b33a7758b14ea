#include "demand_account.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace weir::connector {
namespace {

TEST(demand_account, passes_all_demand_on) {
    demand_account a;
    EXPECT_EQ(a.announced(10), 10u);
    EXPECT_EQ(a.announced(5), 5u);
    a.delivered(15);
    EXPECT_EQ(a.announced(1), 1u);
}

TEST(demand_account, takes_back_what_was_used_for_messages_brought_again) {
    demand_account a;
    EXPECT_EQ(a.announced(10), 10u);
    a.brought_again(3);
    EXPECT_EQ(a.announced(1), 0u);
    EXPECT_EQ(a.announced(4), 2u);
    EXPECT_EQ(a.announced(1), 1u);
}

TEST(demand_account, what_came_beyond_demand_is_the_pipelines_to_account_for) {
    demand_account a;
    EXPECT_EQ(a.announced(1), 1u);
    a.brought_again(1); // uses it
    a.delivered(1);     // waits in the pipeline's buffer; the next unit of demand goes to it, unannounced
    EXPECT_EQ(a.announced(1), 1u);
}

TEST(demand_account, messages_brought_again_without_demand_cost_the_client_nothing) {
    demand_account a;
    a.brought_again(5);
    EXPECT_EQ(a.announced(5), 5u);
}

TEST(demand_account, never_promises_less_than_is_wanted) {
    demand_account a;
    std::size_t promised = 0;
    std::size_t wanted = 0;
    for (std::size_t i = 1; i < 1'000; ++i) {
        const auto n = i * 7 % 5;
        promised += a.announced(n);
        wanted += n;
        const auto deliver = std::min(promised, i % 3);
        a.delivered(deliver);
        promised -= deliver;
        wanted -= std::min(wanted, deliver);
        const auto again = i % 2;
        a.brought_again(again);
        wanted -= std::min(wanted, again);
        ASSERT_GE(promised, wanted) << i;
    }
}

TEST(demand_account, endless_demand_stays_endless) {
    demand_account a;
    EXPECT_GT(a.announced(std::numeric_limits<std::size_t>::max()), 4'000'000'000u);
    EXPECT_EQ(a.announced(std::numeric_limits<std::size_t>::max()), 0u);
}

} // namespace
} // namespace weir::connector
