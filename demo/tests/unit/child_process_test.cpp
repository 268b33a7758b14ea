#include "conductor/child_process.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <optional>

namespace weir::demo {
namespace {

using namespace std::chrono_literals;
using words = std::vector<std::string>;

TEST(ChildProcess, GivesItsLinesWholeAndItsStatus) {
    child_process p({"sh", "-c", "printf 'one\\ntw'; printf 'o\\nrest'; exit 3"}, "/dev/null");
    ASSERT_TRUE(p.wait(10s));
    EXPECT_EQ(p.read_lines(), (words{"one", "two"}));
    EXPECT_FALSE(p.ended_well());
    EXPECT_EQ(describe_wait_status(p.wait_status().value()), "exit status 3");
}

TEST(ChildProcess, ReceivesSignals) {
    child_process p({"sleep", "60"}, "/dev/null");
    EXPECT_FALSE(p.wait(0ms));
    p.signal(SIGKILL);
    ASSERT_TRUE(p.wait(10s));
    EXPECT_EQ(describe_wait_status(p.wait_status().value()), "signal 9");
}

TEST(ChildProcess, EndsWithItsOwner) {
    std::optional<child_process> p;
    p.emplace(words{"sleep", "60"}, "/dev/null");
    const pid_t pid = p->pid();
    p.reset();
    EXPECT_EQ(kill(pid, 0), -1);
}

TEST(ChildProcess, WithoutAProgramEndsWithStatus127) {
    child_process p({"/no/such/program"}, "/dev/null");
    ASSERT_TRUE(p.wait(10s));
    EXPECT_EQ(describe_wait_status(p.wait_status().value()), "exit status 127");
}

} // namespace
} // namespace weir::demo
