#include "client/itinerary.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace weir::mqtt {
namespace {

client_options three(host_order order = host_order::ordered) {
    client_options o;
    o.hosts = {"a", "b", "c"};
    o.host_order = order;
    return o;
}

/// The hosts of one attempt, in order.
std::string attempt(itinerary& i) {
    i.begin();
    std::string order = i.here().host;
    while (i.advance())
        order += i.here().host;
    return order;
}

TEST(itinerary, goes_in_the_order_given) {
    itinerary i{three(), 1};
    EXPECT_EQ(attempt(i), "abc");
    EXPECT_EQ(attempt(i), "abc");
}

TEST(itinerary, round_robin_begins_one_further_each_time) {
    itinerary i{three(host_order::round_robin), 1};
    EXPECT_EQ(attempt(i), "abc");
    EXPECT_EQ(attempt(i), "bca");
    EXPECT_EQ(attempt(i), "cab");
    EXPECT_EQ(attempt(i), "abc");
}

TEST(itinerary, random_visits_each_once_in_every_order) {
    itinerary i{three(host_order::random), 7};
    std::set<std::string> orders;
    for (int n = 0; n < 200; ++n)
        orders.insert(attempt(i));
    EXPECT_EQ(orders.size(), 6u);
}

TEST(itinerary, a_host_that_lasted_comes_first) {
    itinerary i{three(), 1};
    i.begin();
    ASSERT_TRUE(i.advance());
    i.settle();
    EXPECT_EQ(attempt(i), "bac");
    EXPECT_EQ(attempt(i), "bac");
}

TEST(itinerary, unless_it_is_not_to_stick) {
    auto o = three();
    o.sticky = false;
    itinerary i{o, 1};
    i.begin();
    ASSERT_TRUE(i.advance());
    i.settle();
    EXPECT_EQ(attempt(i), "abc");
}

TEST(itinerary, counts_what_is_left) {
    itinerary i{three(), 1};
    i.begin();
    EXPECT_EQ(i.left(), 3u);
    ASSERT_TRUE(i.advance());
    EXPECT_EQ(i.left(), 2u);
    ASSERT_TRUE(i.advance());
    EXPECT_EQ(i.left(), 1u);
    EXPECT_FALSE(i.advance());
}

TEST(itinerary, a_reference_is_followed_once) {
    itinerary i{three(), 1};
    i.begin();
    ASSERT_TRUE(i.refer("other:77"));
    i.begin();
    EXPECT_EQ(i.here().text(), "other:77");
    EXPECT_FALSE(i.advance());
    EXPECT_EQ(attempt(i), "abc");
}

TEST(itinerary, a_reference_keeps_the_transport) {
    client_options o;
    o.host = "wss://a/path";
    itinerary i{o, 1};
    i.begin();
    ASSERT_TRUE(i.refer("mqtt://plain [::1]:9 later"));
    i.begin();
    EXPECT_EQ(i.here(), (endpoint{transport_kind::wss, "::1", 9, "/path"}));
}

TEST(itinerary, a_reference_that_names_nothing_is_not_followed) {
    itinerary i{three(), 1};
    i.begin();
    EXPECT_FALSE(i.refer(""));
    EXPECT_FALSE(i.refer("  "));
    EXPECT_FALSE(i.refer("x:0"));
}

TEST(itinerary, three_references_in_a_row_are_enough) {
    itinerary i{three(), 1};
    i.begin();
    for (int n = 0; n < 3; ++n) {
        ASSERT_TRUE(i.refer("other"));
        i.begin();
    }
    EXPECT_FALSE(i.refer("other"));
    i.settle();
    EXPECT_TRUE(i.refer("other"));
}

} // namespace
} // namespace weir::mqtt
