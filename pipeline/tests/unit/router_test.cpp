#include "stage/router.hpp"

#include <gtest/gtest.h>

namespace weir::pipeline {
namespace {

message_head head_for(std::string batcher) {
    message_head head;
    head.batcher = std::move(batcher);
    return head;
}

TEST(Router, SendsUnroutedMessagesToDefault) {
    const router r{{"alarms", "default"}};
    EXPECT_EQ(r.route(head_for("")), 1U);
    EXPECT_EQ(r.route(head_for("default")), 1U);
    EXPECT_EQ(r.route(head_for("alarms")), 0U);
}

TEST(Router, SendsUnroutedMessagesToTheOnlyBatcherWhateverItsName) {
    const router r{{"alarms"}};
    EXPECT_EQ(r.route(head_for("")), 0U);
    EXPECT_EQ(r.route(head_for("alarms")), 0U);
    EXPECT_EQ(r.route(head_for("default")), std::nullopt) << "a message that was routed there by name";
}

TEST(Router, NamesTheUnknownBatcherAndTheKnownOnes) {
    const router r{{"a", "b"}};
    EXPECT_EQ(r.route(head_for("c")), std::nullopt);
    EXPECT_EQ(r.unknown(head_for("c")), "unknown batcher \"c\"; known: \"a\", \"b\"");
    EXPECT_EQ(r.route(head_for("")), std::nullopt);
    EXPECT_EQ(r.unknown(head_for("")), "unknown batcher \"default\"; known: \"a\", \"b\"");
}

} // namespace
} // namespace weir::pipeline
