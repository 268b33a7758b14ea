#include "client_fixture.hpp"

#include <string>
#include <vector>

namespace weir::mqtt {
namespace {

class subscriptions : public client_version_test {
  protected:
    [[nodiscard]] std::vector<std::string> standing() const {
        std::vector<std::string> filters;
        for (const auto& s : client_->subscriptions())
            filters.push_back(s.asked.filter);
        return filters;
    }
};

// Asked on the lane, before its turn has ended.
TEST_P(subscriptions, who_is_told_of_a_change_finds_it) {
    accepting_broker broker;
    auto& c = start(quick_options(broker.port(), GetParam()));
    counter done;
    std::vector<std::vector<std::string>> seen;
    const auto look = [&](const auto&) {
        seen.push_back(standing());
        ++done;
    };
    c.subscribe({{"a"}, {"b"}}, look);
    ASSERT_TRUE(done.wait_for(1));
    c.unsubscribe({"a"}, look);
    ASSERT_TRUE(done.wait_for(2));
    EXPECT_EQ(seen, (std::vector<std::vector<std::string>>{{"a", "b"}, {"b"}}));
}

INSTANTIATE_TEST_SUITE_P(
    versions, subscriptions, ::testing::Values(protocol_version::v4, protocol_version::v5), version_name);

} // namespace
} // namespace weir::mqtt
