#include <weir/mqtt/types/topic.hpp>

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::mqtt {
namespace {

TEST(topic, names) {
    for (const char* good :
         {"a", "/", "//", "a/b", "/a", "a/", " ", "a b", "$SYS/x", "$share", "$", "\xC3\xA9", "\x01"})
        EXPECT_TRUE(is_topic_name(good)) << good;
    for (const char* bad : {"", "+", "#", "a/+", "a/#", "a+b", "a#", "\xFF", "\xED\xA0\x80"})
        EXPECT_FALSE(is_topic_name(bad)) << bad;
    EXPECT_FALSE(is_topic_name(std::string("a\0b", 3)));
    EXPECT_TRUE(is_topic_name(std::string(65'535, 'a')));
    EXPECT_FALSE(is_topic_name(std::string(65'536, 'a')));
}

TEST(topic, filters) {
    for (const char* good :
         {"a",
          "/",
          "#",
          "+",
          "+/+",
          "/+",
          "+/",
          "a/#",
          "/#",
          "a/+/b",
          "+/#",
          "$SYS/#",
          "$share",
          "a//+//#",
          "$share/g/a",
          "$share/g/#",
          "$share/g/+/b",
          "$share/g//",
          "$share/g/$SYS/x",
          "$shared/+",
          "sport/+/player1"})
        EXPECT_TRUE(is_topic_filter(good)) << good;
    for (const char* bad :
         {"", "a#", "#/a", "a/#/b", "a+", "+a", "a/b+/c", "##", "++", "a/##", "\xFF", "$share/", "$share/g",
          "$share//f", "$share/g/", "$share/g+/a", "$share/#/a", "$share/g/a#", "sport/tennis#"})
        EXPECT_FALSE(is_topic_filter(bad)) << bad;
    EXPECT_TRUE(is_topic_filter(std::string(65'535, 'a')));
    EXPECT_FALSE(is_topic_filter(std::string(65'536, 'a')));
}

TEST(topic, matching) {
    struct row {
        const char* filter;
        const char* topic;
        bool expected;
    };

    const row rows[] = {
        {"a/#", "a", true},
        {"a/#", "a/b", true},
        {"a/#", "a/", true},
        {"a/#", "a/b/c", true},
        {"a/#", "ab", false},
        {"sport/tennis/player1/#", "sport/tennis/player1", true},
        {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
        {"sport/tennis/+", "sport/tennis/player1", true},
        {"sport/tennis/+", "sport/tennis/player1/ranking", false},
        {"sport/+", "sport", false},
        {"sport/+", "sport/", true},
        {"+/+", "/finance", true},
        {"/+", "/finance", true},
        {"+", "/finance", false},
        {"+", "a", true},
        {"#", "a/b", true},
        {"#", "/", true},
        {"#", "$SYS/x", false},
        {"+/monitor/Clients", "$SYS/monitor/Clients", false},
        {"$SYS/#", "$SYS/x", true},
        {"$SYS/#", "$SYS", true},
        {"$SYS/monitor/+", "$SYS/monitor/Clients", true},
        {"a", "A", false},
        {"a", "a/", false},
        {"a", "/a", false},
        {"a//b", "a//b", true},
        {"a/+/b", "a//b", true},
        {"$share/g/a/+", "a/b", true},
        {"$share/g/#", "$SYS/x", false},
        {"$share/g/a", "$share/g/a", false},
        {"a/+/#", "a", false},
        {"a/+/#", "a/b", true},
        {"+/#", "a", true},
    };
    for (const row& r : rows)
        EXPECT_EQ(matches(r.filter, r.topic), r.expected) << r.filter << " " << r.topic;
}

TEST(topic, inner_filter_of_a_shared_subscription) {
    EXPECT_EQ(inner_filter("$share/g/a/b"), "a/b");
    EXPECT_EQ(inner_filter("$share/g//"), "/");
    EXPECT_EQ(inner_filter("a/b"), "a/b");
    EXPECT_EQ(inner_filter("$share"), "$share");
}

/// All texts of 1..3 levels over `words`.
std::vector<std::string> texts_of(const std::vector<std::string>& words, int levels) {
    std::vector<std::string> all = words;
    std::vector<std::string> last = words;
    for (int i = 1; i < levels; ++i) {
        std::vector<std::string> longer;
        for (const auto& head : last)
            for (const auto& word : words)
                longer.push_back(head + "/" + word);
        all.insert(all.end(), longer.begin(), longer.end());
        last = std::move(longer);
    }
    return all;
}

TEST(topic, overlaps_agrees_with_trying_every_topic) {
    std::vector<std::string> topics;
    for (auto& t : texts_of({"", "a", "b", "$s"}, 4))
        if (is_topic_name(t)) topics.push_back(t);
    std::vector<std::string> filters;
    for (auto& f : texts_of({"", "a", "$s", "+", "#"}, 3))
        if (is_topic_filter(f)) filters.push_back(f);
    ASSERT_GT(filters.size(), 80u);
    for (const auto& x : filters)
        for (const auto& y : filters) {
            bool common = false;
            for (const auto& t : topics)
                common = common || (matches(x, t) && matches(y, t));
            ASSERT_EQ(overlaps(x, y), common) << x << " and " << y;
        }
}

TEST(topic, overlaps_looks_inside_shared_subscriptions) {
    EXPECT_TRUE(overlaps("$share/g/a/#", "a/b"));
    EXPECT_TRUE(overlaps("$share/g/a", "$share/h/+"));
    EXPECT_FALSE(overlaps("$share/g/a", "b"));
    EXPECT_FALSE(overlaps("$share/g/#", "$SYS/#"));
}

} // namespace
} // namespace weir::mqtt
