// Every interleaving to a small depth, and long random walks.
#include "lossy_world.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace weir::mqtt::model {
namespace {

using path = std::vector<lossy_world::move>;

std::string describe(const path& moves) {
    static constexpr const char* names[] = {"to_client", "to_server",  "offer",        "publish", "process",
                                            "defer",     "break_link", "lose_session", "expire"};
    std::string text;
    for (const auto& m : moves)
        text += std::string(names[static_cast<std::size_t>(m.what)]) + " " + std::to_string(m.which) + ", ";
    return text;
}

/// Walks every path of `depth` moves and lets each come to rest. A session cannot be copied, so each path
/// is walked from its beginning.
class exhaustive {
  public:
    exhaustive(const lossy_world::settings& s, std::size_t depth)
        : settings_(s)
        , depth_(depth) {}

    std::size_t run() {
        visit();
        return walked_;
    }

  private:
    void visit() {
        lossy_world world{settings_};
        for (const auto& m : path_)
            world.make(m);
        const auto next = world.moves();
        if (path_.size() == depth_ || !world.fault().empty()) {
            world.settle();
            ++walked_;
            ASSERT_EQ(world.fault(), "") << describe(path_);
            return;
        }
        for (const auto& m : next) {
            path_.push_back(m);
            visit();
            path_.pop_back();
            if (testing::Test::HasFatalFailure()) return;
        }
    }

    lossy_world::settings settings_;
    std::size_t depth_;
    path path_;
    std::size_t walked_{0};
};

class session_model : public testing::TestWithParam<protocol_version> {};

INSTANTIATE_TEST_SUITE_P(
    versions, session_model, testing::Values(protocol_version::v4, protocol_version::v5),
    [](const auto& tested) { return std::string(to_string(tested.param)); });

TEST_P(session_model, every_interleaving_of_three_received_messages) {
    exhaustive all{{GetParam(), 2, 3, 0, 1, true, 1}, 7};
    EXPECT_GT(all.run(), 1'000u);
}

TEST_P(session_model, every_interleaving_of_two_published_messages) {
    exhaustive all{{GetParam(), 2, 0, 2, 1, false, 0}, 8};
    EXPECT_GT(all.run(), 1'000u);
}

TEST_P(session_model, a_window_of_one) {
    exhaustive all{{GetParam(), 1, 2, 1, 1, true, 1}, 7};
    EXPECT_GT(all.run(), 1'000u);
}

TEST_P(session_model, random_walks) {
    for (std::uint32_t seed = 1; seed <= 400; ++seed) {
        std::mt19937 random{seed};
        const lossy_world::settings s{
            GetParam(), static_cast<std::uint16_t>(1 + seed % 4), 20, 10, 3, seed % 3 != 0, 3};
        lossy_world world{s};
        path moves;
        for (int i = 0; i < 300 && world.fault().empty(); ++i) {
            const auto choices = world.moves();
            auto m = choices[random() % choices.size()];
            // Breaks are rare, or nothing would ever get far.
            if (m.what >= lossy_world::step::break_link && random() % 4 != 0) m = choices.front();
            moves.push_back(m);
            world.make(m);
        }
        world.settle();
        ASSERT_EQ(world.fault(), "") << "seed " << seed << ": " << describe(moves);
    }
}

} // namespace
} // namespace weir::mqtt::model
