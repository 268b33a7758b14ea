#include "engine/in_hand.hpp"

#include <gtest/gtest.h>

#include <atomic>
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

} // namespace
} // namespace weir::pipeline::engine
