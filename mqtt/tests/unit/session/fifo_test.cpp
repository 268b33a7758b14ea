#include "session/fifo.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <random>

namespace weir::mqtt {
namespace {

TEST(fifo, behaves_as_a_deque) {
    fifo<int> queue;
    std::deque<int> model;
    std::mt19937 random{3};
    for (int step = 0; step < 50'000; ++step) {
        switch (random() % 5) {
        case 0:
        case 1:
            queue.push_back(step);
            model.push_back(step);
            break;
        case 2:
            queue.push_front(step);
            model.push_front(step);
            break;
        default:
            if (model.empty()) break;
            ASSERT_EQ(queue.pop_front(), model.front());
            model.pop_front();
        }
        ASSERT_EQ(queue.size(), model.size());
        for (std::size_t i = 0; i < std::min<std::size_t>(3, model.size()); ++i)
            ASSERT_EQ(queue[i], model[i]);
    }
}

TEST(fifo, lets_go_of_what_was_popped) {
    fifo<std::shared_ptr<int>> queue;
    auto held = std::make_shared<int>(1);
    queue.push_back(held);
    queue.drop_front();
    EXPECT_EQ(held.use_count(), 1);
    queue.push_back(held);
    queue.clear();
    EXPECT_EQ(held.use_count(), 1);
    EXPECT_TRUE(queue.empty());
}

} // namespace
} // namespace weir::mqtt
