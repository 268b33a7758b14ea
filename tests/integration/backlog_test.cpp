#include "support/consumer.hpp"
#include "support/mosquitto.hpp"
#include "support/publisher.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <sstream>
#include <thread>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

/// QoS 2 exchanges with one client, as the broker's log tells them.
struct exchanges {
    std::size_t completed{0};
    std::ptrdiff_t most_open{0}; ///< at a time between PUBREC and PUBCOMP, on the last connection
};

exchanges exchanges_in(const std::string& log, const std::string& client) {
    std::istringstream lines(log);
    exchanges seen;
    std::ptrdiff_t open = 0;
    for (std::string line; std::getline(lines, line);) {
        if (line.find("Sending CONNACK to " + client) != std::string::npos) open = seen.most_open = 0;
        if (line.find("Received PUBREC from " + client) != std::string::npos)
            seen.most_open = std::max(seen.most_open, ++open);
        if (line.find("Received PUBCOMP from " + client) != std::string::npos) {
            --open;
            ++seen.completed;
        }
    }
    return seen;
}

/// Mosquitto 2.0 keeps to the Receive Maximum until the first message is complete, then sends all it has;
/// upon a resumption all of that comes at once. For each PUBREC it looks through the messages that are
/// between PUBREC and PUBCOMP, so that answering everything at once takes it minutes where it has little to
/// run on.
TEST(backlog, of_qos_2_in_flight_is_answered_a_window_at_a_time) {
    WEIR_NEEDS_MOSQUITTO();
    constexpr std::size_t count = 5'000;
    constexpr std::uint16_t window = 200;
    mosquitto broker("max_inflight_messages 0\nlog_type all\n");
    tally handled;
    auto options = consumer_options(broker.port(), mqtt::protocol_version::v5, weir::qos::exactly_once);
    options.producer.max_inflight = window;
    publisher source(broker.port());
    {
        std::atomic<bool> stuck{true};
        auto first = weir::start(
            function_handler{[&](weir::message<weir::bytes>& m) {
                handled.add(number_in(m.data));
                while (number_in(m.data) > 2 * window && stuck)
                    std::this_thread::sleep_for(1ms);
            }},
            options);
        ASSERT_TRUE(first.wait_until_ready(10s));
        source.publish("numbers/a", 0, count, weir::qos::exactly_once);
        ASSERT_TRUE(source.wait());
        ASSERT_TRUE(eventually([&] { return handled.size() > 2 * window; }));
        first.request_stop();
        stuck = false;
    }
    ASSERT_LT(handled.size(), count) << "stopped on the way";
    auto second = weir::start(counting(handled), options);
    EXPECT_TRUE(eventually([&] { return handled.size() == count; })) << handled.size();
    EXPECT_THAT(handled.missing(0, count), IsEmpty());
    exchanges seen;
    EXPECT_TRUE(eventually([&] {
        std::this_thread::sleep_for(50ms); // reading the log takes a while
        seen = exchanges_in(broker.log(), "consumer_0");
        return seen.completed == count;
    })) << seen.completed;
    EXPECT_LE(seen.most_open, window);
}

} // namespace
} // namespace weir::testing
