#include <weir/mqtt/types/property.hpp>

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

TEST(properties, numbers_and_texts_by_id) {
    properties p;
    p.set(property_id::receive_maximum, 5).set(property_id::content_type, "json");
    EXPECT_EQ(p.number(property_id::receive_maximum), 5u);
    EXPECT_EQ(p.text(property_id::content_type), "json");
    EXPECT_EQ(p.number(property_id::topic_alias), std::nullopt);
    EXPECT_EQ(p.text(property_id::response_topic), std::nullopt);
    EXPECT_EQ(p.number(property_id::content_type), std::nullopt);
    EXPECT_EQ(p.text(property_id::receive_maximum), std::nullopt);
}

TEST(properties, set_replaces_and_keeps_the_place) {
    properties p;
    p.set(property_id::topic_alias, 1).set(property_id::content_type, "a").set(property_id::topic_alias, 2);
    ASSERT_EQ(p.size(), 2u);
    EXPECT_EQ(p.begin()->id, property_id::topic_alias);
    EXPECT_EQ(p.number(property_id::topic_alias), 2u);
}

TEST(properties, user_properties_repeat_in_order) {
    properties p;
    p.add_user_property("k", "1").add_user_property("other", "x").add_user_property("k", "2");
    EXPECT_EQ(p.size(), 3u);
    EXPECT_EQ(p.user_property("k"), "1");
    EXPECT_EQ(p.user_property("other"), "x");
    EXPECT_EQ(p.user_property("K"), std::nullopt);
    p.remove(property_id::user_property);
    EXPECT_TRUE(p.empty());
}

TEST(properties, equality_is_by_order_and_value) {
    properties a;
    properties b;
    a.set(property_id::topic_alias, 1).set(property_id::content_type, "x");
    b.set(property_id::content_type, "x").set(property_id::topic_alias, 1);
    EXPECT_FALSE(a == b);
    b.clear();
    b.set(property_id::topic_alias, 1).set(property_id::content_type, "x");
    EXPECT_TRUE(a == b);
}

TEST(property_id, has_a_name_or_is_unknown) {
    EXPECT_EQ(to_string(property_id::session_expiry_interval), "session_expiry_interval");
    EXPECT_EQ(to_string(static_cast<property_id>(0x04)), "unknown");
}

} // namespace
} // namespace weir::mqtt
