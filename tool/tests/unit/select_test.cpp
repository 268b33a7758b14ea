#include "run/json_field.hpp"
#include "run/payload_check.hpp"
#include "run/select.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace weir::tool {
namespace {

std::optional<std::string> field(std::string_view text, const std::vector<std::string>& path) {
    return json_field(text, path);
}

TEST(json_field, is_the_scalar_at_the_path) {
    EXPECT_EQ(field(R"({"id":"a b"})", {"id"}), "a b");
    EXPECT_EQ(field(R"({"v":{"x":1,"id":-17}})", {"v", "id"}), "-17");
    EXPECT_EQ(field(R"({"id":18446744073709551615})", {"id"}), "18446744073709551615");
    EXPECT_EQ(field(R"({"id":1.50})", {"id"}), "1.50");
    EXPECT_EQ(field(R"({"a":{"b":{"c":true}}})", {"a", "b", "c"}), "true");
    EXPECT_EQ(field(R"({"a":[{"id":1},[2]],"b":{"id":3},"id":4})", {"id"}), "4");
    EXPECT_EQ(field(R"({"a":{"id":1},"v":{"w":{"id":2},"id":3}})", {"v", "id"}), "3");
    EXPECT_EQ(field(R"({"v":{"a":1},"id":"x"})", {"id"}), "x");
}

TEST(json_field, is_nothing_where_there_is_none) {
    for (const auto* text :
         {"", "x", "7", "\"id\"", "[]", "[{\"id\":1}]", "{}", R"({"x":1})", R"({"id":null})",
          R"({"id":{"a":1}})", R"({"id":[1]})", R"({"v":{"id":1}})", R"({"id")", R"({"x":})"})
        EXPECT_EQ(field(text, {"id"}), std::nullopt) << text;
    EXPECT_EQ(field(R"({"v":1})", {"v", "id"}), std::nullopt);
    EXPECT_EQ(field(R"({"v":{},"id":1})", {"v", "id"}), std::nullopt);
    EXPECT_EQ(field(R"({"v":[{"id":1}]})", {"v", "id"}), std::nullopt);
}

TEST(json_field, reads_no_further_than_to_the_value) {
    EXPECT_EQ(field(R"({"id":1,"rest":)", {"id"}), "1");
}

TEST(select, counts_topic_levels_from_one) {
    const auto level = [](std::size_t n, std::string_view topic) {
        return select(selector{.level = n}, topic, {});
    };
    EXPECT_EQ(level(1, "a/b/c"), "a");
    EXPECT_EQ(level(3, "a/b/c"), "c");
    EXPECT_EQ(level(1, "/a"), "") << "a leading slash makes an empty first level";
    EXPECT_EQ(level(2, "/a"), "a");
    EXPECT_EQ(level(4, "a/b/c"), "") << "missing counts as empty";
    EXPECT_EQ(level(2, "a//c"), "");
}

TEST(select, takes_a_field_of_the_payload) {
    const selector s{.field = {"vehicle", "id"}};
    EXPECT_EQ(select(s, "t", R"({"vehicle":{"id":42}})"), "42");
    EXPECT_EQ(select(s, "t", "not JSON"), "");
}

TEST(payload, must_have_the_form_that_is_asked_for) {
    EXPECT_FALSE(fault_of(payload_form::bytes, "\xFF"));
    EXPECT_FALSE(fault_of(payload_form::text, "\xC3\xA4"));
    EXPECT_EQ(fault_of(payload_form::text, "\xFF").detail, "the payload is not UTF-8");
    EXPECT_FALSE(fault_of(payload_form::json, " {\"a\": [1]} "));
    EXPECT_FALSE(fault_of(payload_form::json, "7"));
    EXPECT_EQ(fault_of(payload_form::json, "{\"a\":").detail, "the payload is not JSON");
    EXPECT_TRUE(fault_of(payload_form::json, ""));
}

} // namespace
} // namespace weir::tool
