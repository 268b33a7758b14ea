#include "key_filter.hpp"

#include <gtest/gtest.h>

namespace weir::connector {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<shared_outcome> some() {
    return std::make_shared<shared_outcome>();
}

TEST(key_filter, knows_what_was_entered) {
    key_filter f{10, 1h};
    const auto a = some();
    f.enter("a", a, time_point{});
    EXPECT_EQ(f.find("a", time_point{}), a);
    EXPECT_EQ(f.find("b", time_point{}), nullptr);
}

TEST(key_filter, forgets_after_a_time) {
    key_filter f{10, 10s};
    f.enter("a", some(), time_point{});
    f.enter("b", some(), time_point{} + 5s);
    EXPECT_NE(f.find("a", time_point{} + 9s), nullptr);
    EXPECT_EQ(f.find("a", time_point{} + 10s), nullptr);
    EXPECT_NE(f.find("b", time_point{} + 10s), nullptr);
}

TEST(key_filter, the_oldest_makes_room) {
    key_filter f{2, 1h};
    for (const auto* key : {"a", "b", "c"})
        f.enter(key, some(), time_point{});
    EXPECT_EQ(f.size(), 2u);
    EXPECT_EQ(f.find("a", time_point{}), nullptr);
    EXPECT_NE(f.find("c", time_point{}), nullptr);
}

TEST(key_filter, one_that_is_entered_again_lives_as_long_as_a_new_one) {
    key_filter f{10, 10s};
    const auto again = some();
    f.enter("a", some(), time_point{});
    f.enter("a", again, time_point{} + 5s);
    EXPECT_EQ(f.find("a", time_point{} + 12s), again);
    EXPECT_EQ(f.find("a", time_point{} + 15s), nullptr);
    EXPECT_EQ(f.size(), 0u);
}

} // namespace
} // namespace weir::connector
