#include "session/topic_aliases.hpp"

#include <gtest/gtest.h>

namespace weir::mqtt {
namespace {

using outcome = topic_aliases::outcome;

TEST(topic_aliases, map_use_and_remap) {
    topic_aliases aliases;
    aliases.reset(3);
    auto topic = bytes::over_static("a/b");
    EXPECT_EQ(aliases.resolve(3, topic), outcome::resolved);
    EXPECT_EQ(aliases.memory(), 3u);
    bytes none;
    EXPECT_EQ(aliases.resolve(3, none), outcome::resolved);
    EXPECT_EQ(none, "a/b");
    topic = bytes::over_static("longer");
    EXPECT_EQ(aliases.resolve(3, topic), outcome::resolved);
    EXPECT_EQ(aliases.memory(), 6u);
    none = {};
    EXPECT_EQ(aliases.resolve(3, none), outcome::resolved);
    EXPECT_EQ(none, "longer");
}

TEST(topic_aliases, out_of_range_and_unknown) {
    topic_aliases aliases;
    aliases.reset(2);
    auto topic = bytes::over_static("a");
    EXPECT_EQ(aliases.resolve(0, topic), outcome::out_of_range);
    EXPECT_EQ(aliases.resolve(3, topic), outcome::out_of_range);
    bytes none;
    EXPECT_EQ(aliases.resolve(1, none), outcome::unknown);
    EXPECT_EQ(aliases.resolve(2, topic), outcome::resolved);
    EXPECT_EQ(aliases.resolve(1, none), outcome::unknown);
}

TEST(topic_aliases, a_new_connection_forgets_them) {
    topic_aliases aliases;
    aliases.reset(2);
    auto topic = bytes::over_static("a");
    EXPECT_EQ(aliases.resolve(1, topic), outcome::resolved);
    aliases.reset(2);
    bytes none;
    EXPECT_EQ(aliases.resolve(1, none), outcome::unknown);
    EXPECT_EQ(aliases.memory(), 0u);
}

TEST(topic_aliases, hold_no_part_of_the_read_block) {
    topic_aliases aliases;
    aliases.reset(1);
    auto topic = bytes::copy("a/b");
    const auto* memory = topic.data();
    EXPECT_EQ(aliases.resolve(1, topic), outcome::resolved);
    bytes none;
    EXPECT_EQ(aliases.resolve(1, none), outcome::resolved);
    EXPECT_NE(none.data(), memory);
}

} // namespace
} // namespace weir::mqtt
