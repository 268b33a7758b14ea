// A consumer is killed, again and again, at moments of chance, while numbers come in through a real broker.
// WEIR_KILLS sets how often.
#include "stored_payloads.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/mosquitto.hpp"
#include "support/publisher.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <random>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

/// Handed over in one life of the consumer.
constexpr std::size_t portion = 250;

std::size_t kills() {
    const char* const asked = std::getenv("WEIR_KILLS");
    return asked == nullptr ? 23 : std::stoul(asked);
}

constexpr std::size_t first_number = 1'000'000;

/// The packet id in a line of Mosquitto's log; "" when it is not about `what`.
std::string packet_id_in(const std::string& line, const std::string& what, const std::string& before_id) {
    const auto begin = line.find(what);
    if (begin == std::string::npos) return {};
    const auto id = line.find(before_id, begin + what.size()) + before_id.size();
    return line.substr(id, line.find_first_not_of("0123456789", id) - id);
}

/// How often the broker has published a message again after it had PUBREC of it, against [MQTT-4.3.3-6]:
/// the receiver may have forgotten it by then, so it is a new message. Mosquitto does that when it could not
/// send PUBREL again on a connection that was lost at once, up to a whole window at a time.
std::size_t published_again_after_pubrec(const std::string& log) {
    std::size_t sum = 0;
    std::set<std::string> answered;
    std::istringstream lines(log);
    for (std::string line; std::getline(lines, line);) {
        const auto published = packet_id_in(line, "Sending PUBLISH to chaos_0", ", m");
        if (!published.empty()) sum += answered.erase(published);
        const auto received = packet_id_in(line, "Received PUBREC from chaos_0", "Mid: ");
        if (!received.empty()) answered.insert(received);
        answered.erase(packet_id_in(line, "Received PUBCOMP from chaos_0", "Mid: "));
    }
    return sum;
}

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

    /// Who remembers what was received, as the consumer calls it.
    [[nodiscard]] virtual std::string memory() const { return "nobody"; }

    /// How many messages were written again, how many the broker has sent again at all, and of how many it
    /// made new ones.
    struct repetitions {
        std::size_t written{0};
        std::size_t sent{0};
        std::size_t by_broker{0};
    };

    void publish_and_kill(repetitions& seen);

    void start_consumer() {
        consumer_.emplace(
            std::vector<std::string>{
                CHAOS_CONSUMER, std::to_string(broker_->port()), std::string(to_string(version())),
                std::to_string(static_cast<int>(level())), diary(), memory()},
            folder_.file("log"));
    }

    /// Kills after a random time, between a few messages and a few hundred.
    void let_live_and_kill() {
        std::this_thread::sleep_for(std::chrono::milliseconds{lifetime_(random_)});
        consumer_->signal(SIGKILL);
        ASSERT_TRUE(consumer_->wait(60s));
    }

    /// A line that follows a cut-off one is glued to it: no number of ours.
    void count(const std::string& line, std::vector<std::size_t>& times) const {
        const bool sound = line.size() == 7 && line.find_first_not_of("0123456789") == std::string::npos;
        if (const auto n = sound ? std::stoul(line) - first_number : messages_; n < messages_) ++times[n];
    }

    [[nodiscard]] std::vector<std::size_t> in_file() const {
        std::vector<std::size_t> times(messages_, 0);
        std::istringstream lines(read_file(diary()));
        for (std::string line; std::getline(lines, line) && !lines.eof();)
            count(line, times);
        return times;
    }

    [[nodiscard]] std::vector<std::size_t> in_database() const {
        std::vector<std::size_t> times(messages_, 0);
        for (const auto& payload : stored_payloads(diary()))
            count(payload, times);
        return times;
    }

    /// For all that is published to be handled; hundreds of kills may be on a machine with other work.
    [[nodiscard]] std::chrono::milliseconds limit() const { return 60s + kills_ * 1s; }

    [[nodiscard]] static std::vector<std::size_t> missing(const std::vector<std::size_t>& times) {
        std::vector<std::size_t> list;
        for (std::size_t n = 0; n < times.size(); ++n)
            if (times[n] == 0) list.push_back(n);
        return list;
    }

    const std::size_t kills_{kills()};
    const std::size_t messages_{(kills_ + 1) * portion};
    temp_folder folder_;
    std::optional<mosquitto> broker_;
    std::optional<child> consumer_;
    std::mt19937 random_{std::random_device{}()};
    std::uniform_int_distribution<int> lifetime_{20, 350};
};

void killed::publish_and_kill(repetitions& seen) {
    broker_.emplace("log_type all\n");
    start_consumer();
    publisher source(broker_->port(), version());
    ASSERT_TRUE(eventually([&] { return broker_->log().find("chaos_0") != std::string::npos; }));
    std::this_thread::sleep_for(200ms); // the first subscription must stand before anything is published

    std::size_t handed_over = 0;
    const auto hand_over = [&] {
        source.publish("numbers/a", first_number + handed_over, portion, level());
        handed_over += portion;
    };
    for (std::size_t n = 0; n < kills_; ++n) {
        hand_over();
        let_live_and_kill();
        start_consumer();
    }
    hand_over(); // once it has handled these, the last consumer minds signals
    ASSERT_EQ(handed_over, messages_);
    ASSERT_TRUE(source.wait(limit()));
    EXPECT_TRUE(eventually([&] { return missing(written()).empty(); }, limit()));

    consumer_->signal(SIGTERM);
    EXPECT_EQ(consumer_->wait(60s), 0) << "drains: " << read_file(folder_.file("log"));
    const auto times = written();
    EXPECT_THAT(missing(times), IsEmpty()) << "lost";
    for (const auto t : times)
        seen.written += t == 0 ? 0 : t - 1;
    seen.sent = broker_->times("Sending PUBLISH to chaos_0 (d1"); // DUP
    seen.by_broker = published_again_after_pubrec(broker_->log());
    RecordProperty("kills", static_cast<int>(kills_));
    RecordProperty("published", static_cast<int>(messages_));
    RecordProperty("lost", static_cast<int>(missing(times).size()));
    RecordProperty("repeated", static_cast<int>(seen.written));
    RecordProperty("repeated_by_broker", static_cast<int>(seen.by_broker));
}

class kill_9
    : public killed,
      public ::testing::WithParamInterface<std::tuple<mqtt::protocol_version, mqtt::qos, const char*>> {
  protected:
    [[nodiscard]] mqtt::protocol_version version() const override { return std::get<0>(GetParam()); }

    [[nodiscard]] mqtt::qos level() const override { return std::get<1>(GetParam()); }

    [[nodiscard]] std::string memory() const override { return std::get<2>(GetParam()); }

    [[nodiscard]] std::string diary() const override { return folder_.file("diary"); }

    [[nodiscard]] std::vector<std::size_t> written() const override { return in_file(); }
};

TEST_P(kill_9, of_the_consumer_loses_nothing) {
    WEIR_NEEDS_MOSQUITTO();
    repetitions seen;
    ASSERT_NO_FATAL_FAILURE(publish_and_kill(seen));
    // One that was taken over comes again only when it was in the window of a process that was killed. The
    // broker has a window, too, but Mosquitto minds it no more once a connection was lost at a bad moment.
    EXPECT_LE(seen.written, seen.sent + (memory() == "store" ? kills_ * 200 : 0));
}

/// The consumer's database remembers what it has taken of QoS 2.
class kill_9_with_a_sink_that_remembers
    : public killed,
      public ::testing::WithParamInterface<std::tuple<mqtt::protocol_version, const char*>> {
  protected:
    [[nodiscard]] mqtt::protocol_version version() const override { return std::get<0>(GetParam()); }

    [[nodiscard]] mqtt::qos level() const override { return mqtt::qos::exactly_once; }

    [[nodiscard]] std::string memory() const override { return std::get<1>(GetParam()); }

    [[nodiscard]] std::string diary() const override { return folder_.file("diary.db"); }

    [[nodiscard]] std::vector<std::size_t> written() const override { return in_database(); }
};

TEST_P(kill_9_with_a_sink_that_remembers, of_the_consumer_neither_loses_nor_repeats) {
    WEIR_NEEDS_MOSQUITTO();
    repetitions seen;
    ASSERT_NO_FATAL_FAILURE(publish_and_kill(seen));
    EXPECT_LE(seen.written, seen.by_broker) << "after " << kills_ << " kills";
}

std::string case_name(const ::testing::TestParamInfo<kill_9::ParamType>& info) {
    return std::string(to_string(std::get<0>(info.param))) + "_qos" +
           std::to_string(static_cast<int>(std::get<1>(info.param))) + '_' + std::get<2>(info.param);
}

INSTANTIATE_TEST_SUITE_P(
    versions, kill_9_with_a_sink_that_remembers,
    ::testing::Combine(
        ::testing::Values(mqtt::protocol_version::v4, mqtt::protocol_version::v5),
        ::testing::Values("receipts", "tokens")),
    [](const auto& one) {
        return std::string(to_string(std::get<0>(one.param))) + '_' + std::get<1>(one.param);
    });

INSTANTIATE_TEST_SUITE_P(
    versions, kill_9,
    ::testing::Combine(
        ::testing::Values(mqtt::protocol_version::v4, mqtt::protocol_version::v5),
        ::testing::Values(mqtt::qos::at_least_once, mqtt::qos::exactly_once), ::testing::Values("nobody")),
    case_name);

INSTANTIATE_TEST_SUITE_P(
    memories, kill_9,
    ::testing::Values(
        std::tuple{mqtt::protocol_version::v5, mqtt::qos::exactly_once, "ids"},
        std::tuple{mqtt::protocol_version::v4, mqtt::qos::exactly_once, "store"},
        std::tuple{mqtt::protocol_version::v5, mqtt::qos::exactly_once, "store"},
        std::tuple{mqtt::protocol_version::v5, mqtt::qos::at_least_once, "store"}),
    case_name);

} // namespace
} // namespace weir::testing
