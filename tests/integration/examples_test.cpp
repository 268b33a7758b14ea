#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/mosquitto.hpp"
#include "support/publisher.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <string>
#include <string_view>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;

/// An example's program between a real broker and a publisher.
class example {
  public:
    explicit example(const std::string& program)
        : program_({program, "127.0.0.1", std::to_string(broker_.port())}, folder_.file("output")) {}

    /// Publishes until the program has written `text`: a first message may come before it has subscribed.
    bool writes_after(
        const std::string& topic, const std::string& payload, mqtt::qos level, std::string_view text) {
        return eventually([&] {
            source_.publish(topic, payload, level);
            return source_.wait() &&
                   eventually([&] { return output().find(text) != std::string::npos; }, 200ms);
        });
    }

    /// How it ends when asked to.
    std::optional<int> stop() {
        program_.signal(SIGTERM);
        return program_.wait(20s);
    }

    [[nodiscard]] std::string output() const { return read_file(folder_.file("output")); }

  private:
    mosquitto broker_;
    temp_folder folder_;
    publisher source_{broker_.port()};
    child program_;
};

TEST(examples, typed_json_reads_positions_and_says_what_it_cannot_read) {
    WEIR_NEEDS_MOSQUITTO();
    example e(TYPED_JSON);
    const auto topic = "vehicles/7/position";
    const auto level = mqtt::qos::at_least_once;
    EXPECT_TRUE(e.writes_after(
        topic, R"({"vehicle": "tram 7", "lat": 60.17, "lon": 24.94})", level,
        "tram 7 is at 60.17000, 24.94000"));
    EXPECT_TRUE(e.writes_after(topic, "no JSON", level, "parse error"));
    EXPECT_TRUE(e.writes_after(
        topic, R"({"vehicle": "tram 8", "lat": 0, "lon": 0})", level, "vehicles/7/position: no fix yet"));
    EXPECT_EQ(e.stop(), 0) << e.output();
}

TEST(examples, many_batchers_sends_alarms_at_once_and_archives_by_site) {
    WEIR_NEEDS_MOSQUITTO();
    example e(MANY_BATCHERS);
    EXPECT_TRUE(e.writes_after("oulu/alarm", "!", mqtt::qos::exactly_once, "alarms: 1 messages of oulu"));
    EXPECT_TRUE(e.writes_after("espoo/measurement", "1", mqtt::qos::at_least_once, "messages of espoo"));
    EXPECT_EQ(e.stop(), 0) << e.output();
}

TEST(examples, coroutine_lookup_awaits_an_answer_for_each_message) {
    WEIR_NEEDS_MOSQUITTO();
    example e(COROUTINE_LOOKUP);
    EXPECT_TRUE(
        e.writes_after("doors/north/badge", "17", mqtt::qos::at_least_once, "the owner of badge 17 came in"));
    EXPECT_EQ(e.stop(), 0) << e.output();
}

TEST(examples, plain_client_publishes_what_came_of_each_reading) {
    WEIR_NEEDS_MOSQUITTO();
    example e(PLAIN_CLIENT);
    EXPECT_TRUE(e.writes_after("readings/boiler", "21.5", mqtt::qos::at_least_once, "doubled/boiler is 43"));
    EXPECT_EQ(e.stop(), 0) << e.output();
}

} // namespace
} // namespace weir::testing
