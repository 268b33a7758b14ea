#include "engine/in_hand.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace weir::pipeline::engine {
namespace {

class three_messages final : public parcel {
  public:
    [[nodiscard]] std::size_t size() const noexcept override { return 3; }

    void obligations(std::vector<obligation>& into) const override {
        for (std::uint64_t token = 1; token <= 3; ++token)
            into.push_back({{nullptr, token}, true});
    }

    void clear() noexcept override {}
};

TEST(InHand, IsSettledByTheWorkerThatClaimsIt) {
    in_hand hand;
    hand.begin(three_messages{});
    EXPECT_TRUE(hand.busy());
    EXPECT_TRUE(hand.claim());
    std::vector<obligation> owed;
    EXPECT_FALSE(hand.revoke(owed));
    EXPECT_TRUE(owed.empty());
    hand.end();
    EXPECT_FALSE(hand.busy());
}

TEST(InHand, IsSettledByWhoeverRevokesItFirst) {
    in_hand hand;
    hand.begin(three_messages{});
    std::vector<obligation> owed;
    EXPECT_TRUE(hand.revoke(owed));
    ASSERT_EQ(owed.size(), 3U);
    EXPECT_EQ(owed[2].ack.token, 3U);
    EXPECT_FALSE(hand.claim());
    EXPECT_FALSE(hand.revoke(owed));
}

TEST(InHand, HasNothingToRevokeWhenTheWorkerIsIdle) {
    in_hand hand;
    std::vector<obligation> owed;
    EXPECT_FALSE(hand.revoke(owed));
}

TEST(InHand, GoesToExactlyOneSide) {
    in_hand hand;
    std::atomic<bool> done{false};
    std::size_t claimed = 0;
    std::size_t revoked = 0;
    std::thread reaper{[&] {
        std::vector<obligation> owed;
        while (!done)
            if (hand.revoke(owed)) ++revoked;
        EXPECT_EQ(owed.size(), 3 * revoked);
    }};
    constexpr std::size_t rounds = 20'000;
    for (std::size_t i = 0; i < rounds; ++i) {
        hand.begin(three_messages{});
        if (hand.claim()) ++claimed;
        hand.end();
    }
    done = true;
    reaper.join();
    EXPECT_EQ(claimed + revoked, rounds);
}

TEST(InHand, ExpiresOnlyWhenItsCallbackBeganByThen) {
    const time_point began{std::chrono::hours{1}};
    in_hand hand;
    std::vector<obligation> owed;
    hand.begin(three_messages{});
    EXPECT_FALSE(hand.began());
    EXPECT_FALSE(hand.expire(began, owed)) << "its time is not limited";
    hand.time_from(began);
    EXPECT_EQ(hand.began(), began);
    EXPECT_FALSE(hand.expire(began - std::chrono::milliseconds{1}, owed));
    EXPECT_TRUE(hand.expire(began, owed));
    EXPECT_EQ(owed.size(), 3U);
    EXPECT_TRUE(hand.has_expired());
    EXPECT_FALSE(hand.revoke(owed));
    EXPECT_FALSE(hand.claim());
    EXPECT_TRUE(hand.end());
    EXPECT_FALSE(hand.has_expired());
}

TEST(InHand, WhatWasClaimedDoesNotExpire) {
    const time_point began{std::chrono::hours{1}};
    in_hand hand;
    std::vector<obligation> owed;
    hand.begin(three_messages{});
    hand.time_from(began);
    EXPECT_TRUE(hand.claim());
    EXPECT_FALSE(hand.expire(began, owed));
    EXPECT_FALSE(hand.end());
}

TEST(InHand, KeepsTheRestOfWhatIsClaimedInPart) {
    in_hand hand;
    hand.begin(three_messages{});
    EXPECT_TRUE(hand.claim_all_but({{{nullptr, 3}, true}}));
    std::vector<obligation> owed;
    EXPECT_TRUE(hand.revoke(owed));
    ASSERT_EQ(owed.size(), 1U);
    EXPECT_EQ(owed[0].ack.token, 3U);
    EXPECT_FALSE(hand.claim_all_but({}));
}

} // namespace
} // namespace weir::pipeline::engine
