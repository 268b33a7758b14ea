#include "conductor/broker.hpp"
#include "conductor/child_process.hpp"
#include "conductor/workspace.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>
#include <vector>

// The program that the README shows, as a user runs it: against a broker, with messages from elsewhere.
namespace weir::demo {
namespace {

using namespace std::chrono_literals;
using words = std::vector<std::string>;

class quickstart : public testing::Test {
  protected:
    /// Publishes until the program says that it has seen it: a first message may come before it has
    /// subscribed.
    bool says_after_publishing(
        const std::string& line, const std::string& topic, const std::string& payload) {
        const auto deadline = std::chrono::steady_clock::now() + 30s;
        words seen;
        while (std::chrono::steady_clock::now() < deadline && program_.is_running()) {
            child_process publisher(
                {WEIR_PROGRAM, "pub", "--host", "127.0.0.1", "--port", std::to_string(broker_.port()),
                 "--topic", topic, "--qos", "1", "--payload", payload},
                folder_.path("pub.log"));
            if (!publisher.wait(10s) || !publisher.ended_well()) return false;
            for (const auto& l : program_.read_lines())
                seen.push_back(l);
            if (std::find(seen.begin(), seen.end(), line) != seen.end()) return true;
        }
        return false;
    }

    workspace folder_;
    broker broker_{MOSQUITTO_PROGRAM, folder_};
    child_process program_{
        {QUICKSTART_PROGRAM, "127.0.0.1", std::to_string(broker_.port())}, folder_.path("quickstart.log")};
};

TEST_F(quickstart, HandlesMessagesByBatcherAndStopsOnRequest) {
    EXPECT_TRUE(says_after_publishing("default sensors/temperature 21.5", "sensors/temperature", "21.5"));
    EXPECT_TRUE(says_after_publishing("alarms sensors/humidity 95.0", "sensors/humidity", "95"));
    program_.signal(SIGTERM);
    ASSERT_TRUE(program_.wait(30s));
    EXPECT_TRUE(program_.ended_well()) << describe_wait_status(*program_.wait_status());
}

} // namespace
} // namespace weir::demo
