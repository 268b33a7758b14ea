#include "stored_payloads.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/mosquitto.hpp"
#include "support/publisher.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

constexpr std::size_t messages = 6'000;
constexpr auto time_limit = 20s;

/// A consumer process that dies at random moments and is started again, while numbers come in through a real
/// broker. A line may be cut off by a kill; its message was not acknowledged then.
class killed : public ::testing::Test {
  protected:
    virtual mqtt::protocol_version version() const = 0;
    virtual mqtt::qos level() const = 0;

    /// Where the consumer writes.
    [[nodiscard]] virtual std::string diary() const = 0;

    /// How often each number was written in full.
    [[nodiscard]] virtual std::vector<std::size_t> written() const = 0;

    void publish_and_kill(std::size_t& kills, std::size_t& repeated);

    void start_consumer() {
        consumer_.emplace(
            std::vector<std::string>{
                CHAOS_CONSUMER, std::to_string(broker_->port()), std::string(to_string(version())),
                std::to_string(static_cast<int>(level())), diary()},
            folder_.file("log"));
    }

    /// Kills after a random time, between a few messages and a few hundred.
    void let_live_and_kill() {
        std::this_thread::sleep_for(std::chrono::milliseconds{lifetime_(random_)});
        consumer_->signal(SIGKILL);
        ASSERT_TRUE(consumer_->wait(5s));
    }

    /// A line that follows a cut-off one is glued to it: no number of ours.
    static std::size_t number_in(const std::string& line) {
        const bool sound = line.size() == 6 && line.find_first_not_of("0123456789") == std::string::npos;
        return sound ? std::stoul(line) - 100'000 : messages;
    }

    [[nodiscard]] static std::vector<std::size_t> missing(const std::vector<std::size_t>& times) {
        std::vector<std::size_t> list;
        for (std::size_t n = 0; n < times.size(); ++n)
            if (times[n] == 0) list.push_back(n);
        return list;
    }

    temp_folder folder_;
    std::optional<mosquitto> broker_;
    std::optional<child> consumer_;
    std::mt19937 random_{std::random_device{}()};
    std::uniform_int_distribution<int> lifetime_{20, 350};
};

/// Fills in how often the consumer was killed and how many messages were written again.
void killed::publish_and_kill(std::size_t& kills, std::size_t& repeated) {
    broker_.emplace();
    start_consumer();
    publisher source(broker_->port(), version());
    ASSERT_TRUE(eventually([&] { return broker_->log().find("chaos_0") != std::string::npos; }));
    std::this_thread::sleep_for(200ms); // the first subscription must stand before anything is published

    constexpr std::size_t portion = 250;
    std::size_t handed_over = 0;
    const auto hand_over = [&] {
        source.publish("numbers/a", 100'000 + handed_over, portion, level());
        handed_over += portion;
    };
    kills = 0;
    const auto deadline = std::chrono::steady_clock::now() + time_limit;
    while (handed_over < messages - portion && std::chrono::steady_clock::now() < deadline) {
        hand_over();
        let_live_and_kill();
        ++kills;
        start_consumer();
    }
    hand_over(); // once it has handled these, the last consumer minds signals
    ASSERT_EQ(handed_over, messages);
    ASSERT_TRUE(source.wait());
    EXPECT_TRUE(eventually([&] { return missing(written()).empty(); }));

    consumer_->signal(SIGTERM);
    EXPECT_EQ(consumer_->wait(20s), 0) << "drains: " << read_file(folder_.file("log"));
    const auto times = written();
    EXPECT_THAT(missing(times), IsEmpty()) << "lost";
    repeated = 0;
    for (const auto t : times)
        repeated += t == 0 ? 0 : t - 1;
    RecordProperty("kills", static_cast<int>(kills));
    RecordProperty("repeated", static_cast<int>(repeated));
}

class kill_9 : public killed,
               public ::testing::WithParamInterface<std::tuple<mqtt::protocol_version, mqtt::qos>> {
  protected:
    [[nodiscard]] mqtt::protocol_version version() const override { return std::get<0>(GetParam()); }

    [[nodiscard]] mqtt::qos level() const override { return std::get<1>(GetParam()); }

    [[nodiscard]] std::string diary() const override { return folder_.file("diary"); }

    [[nodiscard]] std::vector<std::size_t> written() const override {
        std::vector<std::size_t> times(messages, 0);
        std::istringstream lines(read_file(diary()));
        for (std::string line; std::getline(lines, line) && !lines.eof();)
            if (const auto n = number_in(line); n < messages) ++times[n];
        return times;
    }
};

TEST_P(kill_9, of_the_consumer_loses_nothing) {
    WEIR_NEEDS_MOSQUITTO();
    std::size_t kills = 0;
    std::size_t repeated = 0;
    ASSERT_NO_FATAL_FAILURE(publish_and_kill(kills, repeated));
    // A message may come twice only when it was in the window of a process that was killed.
    EXPECT_LE(repeated, kills * 100);
}

/// The consumer's database keeps receipts of QoS 2.
class kill_9_with_receipts : public killed, public ::testing::WithParamInterface<mqtt::protocol_version> {
  protected:
    [[nodiscard]] mqtt::protocol_version version() const override { return GetParam(); }

    [[nodiscard]] mqtt::qos level() const override { return mqtt::qos::exactly_once; }

    [[nodiscard]] std::string diary() const override { return folder_.file("diary.once.db"); }

    [[nodiscard]] std::vector<std::size_t> written() const override {
        std::vector<std::size_t> times(messages, 0);
        for (const auto& payload : stored_payloads(diary()))
            if (const auto n = number_in(payload); n < messages) ++times[n];
        return times;
    }
};

TEST_P(kill_9_with_receipts, of_the_consumer_neither_loses_nor_repeats) {
    WEIR_NEEDS_MOSQUITTO();
    std::size_t kills = 0;
    std::size_t repeated = 0;
    ASSERT_NO_FATAL_FAILURE(publish_and_kill(kills, repeated));
    EXPECT_EQ(repeated, 0u) << "after " << kills << " kills";
}

std::string case_name(const ::testing::TestParamInfo<kill_9::ParamType>& info) {
    return std::string(to_string(std::get<0>(info.param))) + "_qos" +
           std::to_string(static_cast<int>(std::get<1>(info.param)));
}

INSTANTIATE_TEST_SUITE_P(
    versions, kill_9_with_receipts, ::testing::Values(mqtt::protocol_version::v4, mqtt::protocol_version::v5),
    [](const auto& one) { return std::string(to_string(one.param)); });

INSTANTIATE_TEST_SUITE_P(
    versions, kill_9,
    ::testing::Combine(
        ::testing::Values(mqtt::protocol_version::v4, mqtt::protocol_version::v5),
        ::testing::Values(mqtt::qos::at_least_once, mqtt::qos::exactly_once)),
    case_name);

} // namespace
} // namespace weir::testing
