#include "engine/settler.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace weir::pipeline::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class recorder final : public acknowledger {
  public:
    std::vector<std::vector<std::uint64_t>> calls;
    std::vector<std::string> reasons;
    bool throws = false;

    void settle(std::span<const settlement> settlements) override {
        auto& call = calls.emplace_back();
        for (const auto& s : settlements) {
            call.push_back(s.token);
            reasons.emplace_back(s.reason);
        }
        if (throws) throw std::runtime_error{"link down"};
    }
};

class SettlerTest : public ::testing::Test {
  protected:
    SettlerTest() { shared.bus = std::make_shared<telemetry>(); }

    void add(
        acknowledger& owner, std::uint64_t token, outcome o = outcome::successful,
        std::string_view why = {}) {
        accounts.count(0, ledger::entry::accepted, 1);
        s.add({{&owner, token}, false}, o, why);
    }

    std::vector<std::unique_ptr<source>> sources;
    control shared;
    ledger accounts{sources, 1, shared.progress};
    settler s{shared, accounts, 0};
    recorder a;
    recorder b;
};

TEST_F(SettlerTest, MakesOneCallForOneOwnerInOrder) {
    add(a, 3);
    add(a, 1, outcome::failed, "no");
    add(a, 2, outcome::abandoned);
    s.flush();
    EXPECT_THAT(a.calls, ElementsAre(ElementsAre(3, 1, 2)));
    EXPECT_THAT(a.reasons, ElementsAre("", "no", ""));
    EXPECT_EQ(accounts.settled().successful, 1U);
    EXPECT_EQ(accounts.settled().failed, 1U);
    EXPECT_EQ(accounts.settled().abandoned, 1U);
    EXPECT_EQ(accounts.in_flight(), 0U);
}

TEST_F(SettlerTest, MakesOneCallForEachOwner) {
    add(a, 1);
    add(b, 2);
    add(a, 3);
    add(b, 4);
    s.flush();
    EXPECT_THAT(a.calls, ElementsAre(ElementsAre(1, 3)));
    EXPECT_THAT(b.calls, ElementsAre(ElementsAre(2, 4)));
}

TEST_F(SettlerTest, CallsNobodyForNothing) {
    s.flush();
    EXPECT_THAT(a.calls, IsEmpty());
    add(a, 1);
    s.flush();
    s.flush();
    EXPECT_THAT(a.calls, ElementsAre(ElementsAre(1)));
}

TEST_F(SettlerTest, ServesTheOthersWhenOneThrows) {
    a.throws = true;
    add(a, 1);
    add(b, 2);
    s.flush();
    EXPECT_THAT(b.calls, ElementsAre(ElementsAre(2)));
    EXPECT_EQ(accounts.in_flight(), 0U) << "its messages count as settled";
    EXPECT_EQ(accounts.sum(ledger::entry::settle_failures), 1U);
}

} // namespace
} // namespace weir::pipeline::engine
