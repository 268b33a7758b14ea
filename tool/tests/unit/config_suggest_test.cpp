#include "config/suggest.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace weir::tool {
namespace {

const std::vector<std::string> keys{"host", "port", "clientid", "keepalive", "max_inflight"};

TEST(suggest, counts_the_edits) {
    EXPECT_EQ(edit_distance("", ""), 0u);
    EXPECT_EQ(edit_distance("abc", ""), 3u);
    EXPECT_EQ(edit_distance("host", "host"), 0u);
    EXPECT_EQ(edit_distance("hots", "host"), 1u);
    EXPECT_EQ(edit_distance("hst", "host"), 1u);
    EXPECT_EQ(edit_distance("clientId", "clientid"), 0u);
    EXPECT_EQ(edit_distance("max-inflight", "max_inflight"), 0u);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(suggest, names_the_near_word_and_no_far_one) {
    EXPECT_EQ(nearest("keep_alive", keys), "keepalive");
    EXPECT_EQ(nearest("ClientID", keys), "clientid");
    EXPECT_EQ(nearest("max_infligth", keys), "max_inflight");
    EXPECT_EQ(nearest("prot", keys), "port");
    EXPECT_EQ(nearest("banana", keys), std::nullopt);
    EXPECT_EQ(nearest("x", {}), std::nullopt);
}

} // namespace
} // namespace weir::tool
