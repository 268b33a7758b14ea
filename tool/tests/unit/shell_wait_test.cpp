#include "shell/backlog.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::tool {
namespace {

const json_value sample = json_value::parse(
    R"({"event":"message","topic":"a","qos":1,"retain":false,"properties":{"user_property":[["n","v"]]},
        "filters":[{"reason_code":135}]})");

bool fits(const std::string& name, std::vector<word> fields) {
    return event_match(name, std::move(fields)).fits(sample);
}

TEST(event_match, compares_texts_as_texts_and_the_rest_as_json) {
    EXPECT_TRUE(fits("message", {}));
    EXPECT_FALSE(fits("outcome", {}));
    EXPECT_TRUE(fits("message", {{"topic", "a"}, {"qos", "1"}, {"retain", "false"}}));
    EXPECT_FALSE(fits("message", {{"topic", "a"}, {"qos", "2"}}));
    EXPECT_FALSE(fits("message", {{"qos", "one"}}));
    EXPECT_FALSE(fits("message", {{"nothing", ""}}));
}

TEST(event_match, follows_a_path) {
    EXPECT_TRUE(fits("message", {{"properties.user_property", "[[\"n\", \"v\"]]"}}));
    EXPECT_TRUE(fits("message", {{"properties.user_property.0.1", "v"}}));
    EXPECT_TRUE(fits("message", {{"filters.0.reason_code", "135"}}));
    for (const auto* path :
         {"filters.1.reason_code", "filters.x", "topic.a", "properties..", ".", "filters.0."})
        EXPECT_FALSE(fits("message", {{path, "135"}})) << path;
}

json_value numbered(int n) {
    return {{"event", "message"}, {"number", n}};
}

TEST(backlog, gives_what_came_first_and_all_before_it) {
    backlog b;
    for (int n = 1; n <= 3; ++n)
        b.add(numbered(n), 10);
    EXPECT_FALSE(b.take(event_match("ready", {})));
    EXPECT_TRUE(b.take(event_match("message", {{"number", "2"}})));
    EXPECT_FALSE(b.take(event_match("message", {{"number", "1"}}))) << "it was before the other";
    EXPECT_TRUE(b.take(event_match("message", {})));
    EXPECT_FALSE(b.take(event_match("message", {})));
}

TEST(backlog, forgets_the_oldest) {
    backlog b;
    for (std::size_t n = 0; n < backlog::most_events + 2; ++n)
        b.add(numbered(static_cast<int>(n)), 10);
    EXPECT_EQ(b.forgotten(), 2u);
    EXPECT_FALSE(b.take(event_match("message", {{"number", "1"}})));
    EXPECT_TRUE(b.take(event_match("message", {{"number", "2"}})));
    EXPECT_EQ(b.forgotten(), 0u);
    b.add(numbered(1), backlog::most_bytes);
    b.add(numbered(2), 1);
    EXPECT_FALSE(b.take(event_match("message", {{"number", "1"}})));
    EXPECT_TRUE(b.take(event_match("message", {{"number", "2"}})));
}

} // namespace
} // namespace weir::tool
