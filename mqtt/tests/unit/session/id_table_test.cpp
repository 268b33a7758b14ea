#include "session/id_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace weir::mqtt {
namespace {

TEST(id_table, finds_what_was_put_and_nothing_else) {
    id_table table;
    EXPECT_EQ(table.find(1), id_table::none);
    table.put(1, 10);
    table.put(65'535, 20);
    EXPECT_EQ(table.find(1), 10u);
    EXPECT_EQ(table.find(65'535), 20u);
    EXPECT_EQ(table.find(2), id_table::none);
    table.erase(1);
    EXPECT_EQ(table.find(1), id_table::none);
    EXPECT_EQ(table.size(), 1u);
    table.clear();
    EXPECT_EQ(table.find(65'535), id_table::none);
    EXPECT_EQ(table.size(), 0u);
}

TEST(id_table, behaves_as_a_map) {
    id_table table;
    std::map<std::uint16_t, std::uint32_t> model;
    std::mt19937 random{2};
    for (std::uint32_t step = 0; step < 100'000; ++step) {
        const auto id = static_cast<std::uint16_t>(random() % 2'000 + 1);
        if (model.erase(id) != 0) {
            table.erase(id);
        } else {
            model[id] = step;
            table.put(id, step);
        }
        const auto probe = static_cast<std::uint16_t>(random() % 2'000 + 1);
        const auto known = model.find(probe);
        ASSERT_EQ(table.find(probe), known == model.end() ? id_table::none : known->second);
        ASSERT_EQ(table.size(), model.size());
    }
}

} // namespace
} // namespace weir::mqtt
