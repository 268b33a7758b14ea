#include <weir/mqtt/io_lane.hpp>

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <future>

namespace weir::mqtt {
namespace {

std::string thread_name() {
    std::array<char, 16> name{};
    pthread_getname_np(pthread_self(), name.data(), name.size());
    return name.data();
}

TEST(io_lane, runs_tasks_in_order_on_a_thread_of_its_name) {
    io_lane lane{"a-name-longer-than-fifteen"};
    std::promise<std::string> name;
    std::string order;
    lane.post([&] { order += '1'; });
    lane.post([&] { order += '2'; });
    lane.post([&] { name.set_value(thread_name()); });
    EXPECT_EQ(name.get_future().get(), "a-name-longer-t");
    EXPECT_EQ(order, "12");
}

TEST(io_lane, knows_its_own_thread) {
    io_lane lane;
    std::promise<bool> inside;
    lane.post([&] { inside.set_value(lane.is_current()); });
    EXPECT_TRUE(inside.get_future().get());
    EXPECT_FALSE(lane.is_current());
}

TEST(io_lane, runs_what_was_posted_before_it_ends) {
    int done = 0;
    {
        io_lane lane;
        for (int i = 0; i < 100; ++i)
            lane.post([&] { ++done; });
    }
    EXPECT_EQ(done, 100);
}

} // namespace
} // namespace weir::mqtt
