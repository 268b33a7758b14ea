#include <weir/base/thread_name.hpp>

#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <string>
#include <thread>

namespace {

std::string name_after_setting(std::string_view wanted) {
    std::string seen;
    std::thread t{[&] {
        weir::set_thread_name(wanted);
        std::array<char, 32> text{};
        pthread_getname_np(pthread_self(), text.data(), text.size());
        seen = text.data();
    }};
    t.join();
    return seen;
}

TEST(ThreadName, IsWhatWasAskedFor) {
    EXPECT_EQ(name_after_setting("fleet.proc_3"), "fleet.proc_3");
}

TEST(ThreadName, IsCutToWhatTheSystemKeeps) {
    EXPECT_EQ(name_after_setting("abcdefghijklmnopqrstuvw"), "abcdefghijklmno");
}

} // namespace
