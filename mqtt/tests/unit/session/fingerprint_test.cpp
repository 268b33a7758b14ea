#include <weir/mqtt/session/fingerprint.hpp>

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

fingerprint of(std::string_view topic, std::string_view payload, const properties& props = {}) {
    return make_fingerprint(bytes::copy(topic), bytes::copy(payload), props);
}

TEST(fingerprint, depends_on_topic_and_payload_and_where_one_ends) {
    EXPECT_EQ(of("a", "b"), of("a", "b"));
    EXPECT_NE(of("a", "b"), of("a", "c"));
    EXPECT_NE(of("a", "b"), of("c", "b"));
    EXPECT_NE(of("ab", "c"), of("a", "bc"));
}

TEST(fingerprint, depends_on_the_properties_that_last) {
    properties props;
    props.set(property_id::content_type, "json");
    EXPECT_NE(of("a", "b"), of("a", "b", props));
    properties other;
    other.set(property_id::content_type, "text");
    EXPECT_NE(of("a", "b", props), of("a", "b", other));
    properties pair;
    pair.add_user_property("k", "v");
    EXPECT_NE(of("a", "b"), of("a", "b", pair));
    EXPECT_TRUE(same_lasting_properties(pair, pair));
    EXPECT_FALSE(same_lasting_properties(pair, props));
    EXPECT_FALSE(same_lasting_properties(pair, {}));
}

TEST(fingerprint, leaves_out_what_may_differ_between_two_sendings) {
    properties first;
    first.set(property_id::topic_alias, 1u);
    first.set(property_id::message_expiry_interval, 60u);
    first.set(property_id::content_type, "json");
    properties second;
    second.set(property_id::content_type, "json");
    second.set(property_id::message_expiry_interval, 7u);
    second.append({property_id::subscription_identifier, 9u});
    EXPECT_EQ(of("a", "b", first), of("a", "b", second));
    EXPECT_TRUE(same_lasting_properties(first, second));
}

} // namespace
} // namespace weir::mqtt
