#include "session/packet_ids.hpp"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

namespace weir::mqtt {
namespace {

TEST(packet_ids, count_up_from_one_and_skip_what_is_in_use) {
    packet_ids ids;
    EXPECT_EQ(ids.take(), 1);
    for (int i = 0; i < 70'000; ++i) {
        const auto id = ids.take();
        ASSERT_TRUE(id);
        ASSERT_NE(*id, 0);
        ASSERT_NE(*id, 1); // never answered, so never given out again [MQTT-2.2.1-3]
        ids.release(*id);
    }
    EXPECT_EQ(ids.used(), 1u);
}

TEST(packet_ids, all_of_them_can_be_taken_and_no_more) {
    packet_ids ids;
    std::set<std::uint16_t> taken;
    for (int i = 0; i < 65'535; ++i)
        taken.insert(ids.take().value());
    EXPECT_EQ(taken.size(), 65'535u);
    EXPECT_EQ(taken.count(0), 0u);
    EXPECT_FALSE(ids.take());
    ids.release(40'000);
    EXPECT_FALSE(ids.in_use(40'000));
    EXPECT_EQ(ids.take(), 40'000);
    EXPECT_FALSE(ids.take());
}

TEST(packet_ids, random_use_never_gives_an_id_twice) {
    packet_ids ids;
    std::mt19937 random{1};
    std::vector<std::uint16_t> held;
    std::set<std::uint16_t> known;
    for (int step = 0; step < 200'000; ++step) {
        if (held.size() < 60'000 && (held.empty() || random() % 3 != 0)) {
            const auto id = ids.take().value();
            ASSERT_TRUE(known.insert(id).second) << id;
            held.push_back(id);
        } else {
            const auto at = random() % held.size();
            ids.release(held[at]);
            known.erase(held[at]);
            held[at] = held.back();
            held.pop_back();
        }
        ASSERT_EQ(ids.used(), held.size());
    }
}

TEST(packet_ids, none_is_in_use_at_first) {
    const packet_ids ids;
    EXPECT_FALSE(ids.in_use(0));
    EXPECT_FALSE(ids.in_use(1));
}

} // namespace
} // namespace weir::mqtt
