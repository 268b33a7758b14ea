#include "system/wait_point.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace weir::tool {
namespace {

using namespace std::chrono_literals;
using wake = wait_point::wake;

class wait_point_test : public ::testing::Test {
  protected:
    wait_point_test() { wait_point::block_signals(); }
};

TEST_F(wait_point_test, times_out) {
    wait_point w;
    EXPECT_EQ(w.wait(1ms), wake::timeout);
    EXPECT_EQ(w.wait(-1ms), wake::timeout);
}

TEST_F(wait_point_test, a_notice_counts_once_even_when_it_came_before) {
    wait_point w;
    w.notify();
    w.notify();
    EXPECT_EQ(w.wait(10s), wake::notified);
    EXPECT_EQ(w.wait(0ms), wake::timeout);
}

TEST_F(wait_point_test, another_thread_wakes_it) {
    wait_point w;
    std::thread other([&] { w.notify(); });
    EXPECT_EQ(w.wait(10s), wake::notified);
    other.join();
}

TEST_F(wait_point_test, each_signal_is_taken_and_comes_before_all_else) {
    wait_point w;
    w.notify();
    ::kill(::getpid(), SIGTERM);
    ::kill(::getpid(), SIGINT);
    EXPECT_EQ(w.wait(10s), wake::signal);
    EXPECT_EQ(w.wait(10s), wake::signal);
    EXPECT_EQ(w.wait(10s), wake::notified);
}

TEST_F(wait_point_test, input_wakes_it_also_at_its_end) {
    wait_point w;
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    EXPECT_EQ(w.wait(0ms, ends[0]), wake::timeout);
    ::close(ends[1]);
    EXPECT_EQ(w.wait(10s, ends[0]), wake::input);
    ::close(ends[0]);
}

} // namespace
} // namespace weir::tool
