// A member of a shared group that is killed with messages in hand.
#include "stored_payloads.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/mosquitto.hpp"
#include "support/publisher.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <csignal>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t count = 40;

class killed_member : public ::testing::TestWithParam<mqtt::qos> {
  protected:
    void SetUp() override {
        WEIR_NEEDS_MOSQUITTO();
        broker_.emplace("log_type all\n");
        source_.emplace(broker_->port());
    }

    /// A member that is subscribed, and stores in a database of its own.
    void begin(std::optional<child>& member, const std::string& id, const std::string& point = {}) {
        const auto subscribed = "Sending SUBACK to " + id + "_0";
        const auto before = broker_->times(subscribed);
        member.emplace(
            std::vector<std::string>{
                CHAOS_CONSUMER, std::to_string(broker_->port()), "v5", "2", database(id), "nobody", point,
                "100", id},
            folder_.file("log"));
        ASSERT_TRUE(eventually([&] { return broker_->times(subscribed) > before; }))
            << read_file(folder_.file("log"));
    }

    /// Of two members one keeps what it gets, and is killed.
    void kill_one_with_messages_in_hand() {
        ASSERT_NO_FATAL_FAILURE(begin(stays_, "stays"));
        ASSERT_NO_FATAL_FAILURE(begin(goes_, "goes", "stuck_before_commit"));
        source_->publish("numbers/a", 0, count, GetParam());
        ASSERT_TRUE(source_->wait());
        ASSERT_TRUE(eventually([&] { return sent_to("stays") + sent_to("goes") == count; }));
        in_hand_ = sent_to("goes");
        ASSERT_GT(in_hand_, 0u);
        ASSERT_LT(in_hand_, count);
        ASSERT_TRUE(eventually([&] { return stored("stays").size() == count - in_hand_; }));
        goes_->signal(SIGKILL);
        ASSERT_TRUE(goes_->wait(10s));
    }

    [[nodiscard]] std::size_t sent_to(const std::string& id) const {
        return broker_->times("Sending PUBLISH to " + id + "_0 (d0");
    }

    [[nodiscard]] std::vector<std::string> stored(const std::string& id) const {
        return stored_payloads(database(id));
    }

    void stop(std::optional<child>& member) {
        member->signal(SIGTERM);
        EXPECT_TRUE(member->wait(20s));
    }

    std::optional<mosquitto> broker_;
    std::optional<publisher> source_;
    std::optional<child> stays_;
    std::optional<child> goes_;
    std::size_t in_hand_{0};

  private:
    [[nodiscard]] std::string database(const std::string& id) const { return folder_.file(id + ".db"); }

    temp_folder folder_;
};

TEST_P(killed_member, that_comes_back_gets_what_it_had) {
    kill_one_with_messages_in_hand();
    begin(goes_, "goes");
    EXPECT_TRUE(eventually([&] { return stored("goes").size() == in_hand_; })) << stored("goes").size();
    stop(goes_);
    stop(stays_);
    auto all = stored("goes");
    const auto others = stored("stays");
    all.insert(all.end(), others.begin(), others.end());
    EXPECT_EQ(all.size(), count);
    EXPECT_EQ((std::set<std::string>{all.begin(), all.end()}.size()), count) << "each of them once";
}

/// What was sent with QoS 2 is nobody else's [MQTT-4.8.2-5]. With QoS 1 another member should get it;
/// Mosquitto lets it go.
TEST_P(killed_member, whose_session_ends_leaves_no_message_of_qos_2_to_others) {
    kill_one_with_messages_in_hand();
    ASSERT_TRUE(eventually([&] { return broker_->times("Expiring client goes_0") == 1; }));
    source_->publish("numbers/a", count, 1, GetParam());
    ASSERT_TRUE(source_->wait());
    EXPECT_TRUE(eventually([&] {
        const auto rows = stored("stays");
        return std::ranges::count(rows, std::to_string(count)) == 1;
    }));
    stop(stays_);
    const auto rows = stored("stays");
    EXPECT_EQ((std::set<std::string>{rows.begin(), rows.end()}.size()), rows.size()) << "none of them twice";
    if (GetParam() == mqtt::qos::exactly_once)
        EXPECT_EQ(rows.size(), count - in_hand_ + 1);
    else
        EXPECT_GE(rows.size(), count - in_hand_ + 1);
}

INSTANTIATE_TEST_SUITE_P(
    levels, killed_member, ::testing::Values(mqtt::qos::at_least_once, mqtt::qos::exactly_once),
    [](const auto& one) { return "qos" + std::to_string(static_cast<int>(one.param)); });

} // namespace
} // namespace weir::testing
