// Every point at which a consumer of QoS 2 can be lost, with a real broker. What must not arrive is lost on
// its way, so that each point is met exactly.
#include "crash_point.hpp"
#include "packet_relay.hpp"
#include "support/mosquitto.hpp"
#include "support/publisher.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using mqtt::packet_type;
using ::testing::Contains;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

class crash_point_at_mosquitto : public crash_point {
  protected:
    void SetUp() override {
        WEIR_NEEDS_MOSQUITTO();
        broker_.emplace("log_type all\n");
        relay_.emplace(broker_->port());
        source_.emplace(broker_->port());
    }

    [[nodiscard]] bool broker_says(const std::string& text, std::size_t how_often = 1) const {
        return eventually([&] { return broker_->times(text) >= how_often; });
    }

    void publish(const std::string& content) {
        source_->publish("numbers/a", content, mqtt::qos::exactly_once);
        ASSERT_TRUE(source_->wait());
    }

    /// A new consumer, from its subscription on.
    void live(const std::string& point = {}, int window = 100) {
        const auto before = broker_->times(subscribed);
        start_consumer(relay_->port(), point, window);
        ASSERT_TRUE(broker_says(subscribed, before + 1)) << consumer_log();
    }

    /// A consumer that gets a message and dies.
    void live_until(const std::string& point, const std::string& content = "a") {
        ASSERT_NO_FATAL_FAILURE(live(point));
        ASSERT_NO_FATAL_FAILURE(publish(content));
        ASSERT_TRUE(has_died()) << "has not come to " << point << ": " << consumer_log();
    }

    /// A consumer that gets a message and is held up before it stores it, PUBREC with the broker.
    void live_until_answered_and_stuck() {
        ASSERT_NO_FATAL_FAILURE(live("stuck_before_commit"));
        ASSERT_NO_FATAL_FAILURE(publish("a"));
        ASSERT_TRUE(broker_says("Received PUBREC from chaos_0"));
        ASSERT_TRUE(eventually([this] { return is_stuck(); }));
        EXPECT_THAT(stored(), IsEmpty());
    }

    /// A consumer that gets a message, and all is written that success of it leads to, but for what comes
    /// with a packet that is lost.
    void live_until_stored_and_lost(packet_type type) {
        relay_->lose(type);
        if (takes_over()) return live_until_done_and_lost();
        ASSERT_NO_FATAL_FAILURE(live());
        ASSERT_NO_FATAL_FAILURE(publish("a"));
        ASSERT_TRUE(eventually([this] { return relay_->has_lost() && !stored().empty(); }));
        kill();
    }

    /// The last consumer gets one message more, and these are stored.
    void live_and_leave(const std::vector<std::string>& rows, const std::string& last = "b") {
        relay_->lose_nothing();
        ASSERT_NO_FATAL_FAILURE(live());
        ASSERT_NO_FATAL_FAILURE(publish(last));
        finish_and_leave(rows);
    }

    /// It is stored once, and the exchanges of both messages come to their ends.
    void live_and_answer_both() {
        relay_->lose_nothing();
        ASSERT_NO_FATAL_FAILURE(live());
        ASSERT_NO_FATAL_FAILURE(publish("b"));
        EXPECT_TRUE(broker_says("Received PUBCOMP from chaos_0", 2));
        finish_and_leave({"a", "b"});
    }

    void finish_and_leave(const std::vector<std::string>& rows) {
        EXPECT_TRUE(eventually([&] { return stored().size() >= rows.size(); })) << consumer_log();
        stop();
        EXPECT_THAT(stored(), UnorderedElementsAreArray(rows));
    }

    /// As it is when a message of the first life was stored, and neither record nor receipt tells the second.
    [[nodiscard]] static std::vector<std::string> twice_unless(bool known) {
        if (known) return {"a", "b"};
        return {"a", "a", "b"};
    }

    /// The broker goes, and when it is back it knows nothing.
    void lose_the_sessions() {
        broker_->kill();
        broker_->start();
    }

    void has_every_slot_of_the_window();

    std::optional<mosquitto> broker_;
    std::optional<packet_relay> relay_;
    std::optional<publisher> source_;

    static constexpr const char* subscribed = "Sending SUBACK to chaos_0";

  private:
    void live_until_done_and_lost() {
        ASSERT_NO_FATAL_FAILURE(live_until("after_message_done"));
        ASSERT_TRUE(eventually([this] { return relay_->has_lost(); }));
    }
};

TEST_P(crash_point_at_mosquitto, before_the_commit) {
    relay_->lose(packet_type::pubrec);
    live_until("before_commit");
    EXPECT_THAT(stored(), IsEmpty());
    live_and_leave({"a", "b"});
}

TEST_P(crash_point_at_mosquitto, before_the_message_is_in_the_store) {
    if (!takes_over()) GTEST_SKIP() << "it never is";
    live_until("before_message_stored");
    EXPECT_THAT(stored(), IsEmpty());
    live_and_leave({"a", "b"});
}

TEST_P(crash_point_at_mosquitto, between_the_store_and_pubrec) {
    if (!takes_over()) GTEST_SKIP() << "it is in no store";
    live_until("after_message_stored");
    EXPECT_THAT(stored(), IsEmpty());
    live_and_leave({"a", "b"});
}

TEST_P(crash_point_at_mosquitto, between_pubrec_and_the_commit) {
    if (!takes_over()) GTEST_SKIP() << "PUBREC follows the commit";
    live_until_answered_and_stuck();
    kill();
    live_and_leave({"a", "b"});
}

TEST_P(crash_point_at_mosquitto, inside_the_transaction) {
    live_until("inside_the_transaction");
    EXPECT_THAT(stored(), IsEmpty());
    live_and_leave({"a", "b"});
}

TEST_P(crash_point_at_mosquitto, inside_a_sink_that_works_in_parts) {
    if (sink_remembers()) GTEST_SKIP() << "in a transaction";
    work_in_parts();
    live_until("inside_the_sink");
    EXPECT_THAT(stored(), UnorderedElementsAreArray({"a begun"}));
    live_and_leave({"a begun", "a begun", "a done", "b begun", "b done"});
}

TEST_P(crash_point_at_mosquitto, between_the_commit_and_what_follows) {
    relay_->lose(packet_type::pubrec);
    live_until("after_commit");
    live_and_leave(twice_unless(sink_remembers()));
}

TEST_P(crash_point_at_mosquitto, before_success_is_recorded) {
    if (!has_store()) GTEST_SKIP() << "there is no record";
    relay_->lose(packet_type::pubrec);
    live_until(takes_over() ? "before_message_done" : "before_id_stored");
    live_and_leave(twice_unless(sink_remembers()));
}

TEST_P(crash_point_at_mosquitto, between_the_record_of_success_and_pubrec) {
    if (!has_store()) GTEST_SKIP() << "there is no record";
    relay_->lose(packet_type::pubrec);
    live_until(takes_over() ? "after_message_done" : "after_id_stored");
    live_and_leave({"a", "b"});
}

TEST_P(crash_point_at_mosquitto, before_pubrec_has_arrived) {
    live_until_stored_and_lost(packet_type::pubrec);
    EXPECT_EQ(broker_->times("Received PUBREC from chaos_0"), 0u);
    live_and_leave(twice_unless(who() != memory::nobody));
}

TEST_P(crash_point_at_mosquitto, between_pubrec_and_pubrel) {
    live_until_stored_and_lost(packet_type::pubrel);
    EXPECT_EQ(broker_->times("Received PUBREC from chaos_0"), 1u);
    EXPECT_EQ(broker_->times("Received PUBCOMP from chaos_0"), 0u);
    live_and_answer_both();
}

TEST_P(crash_point_at_mosquitto, before_pubcomp_has_arrived) {
    live_until_stored_and_lost(packet_type::pubcomp);
    EXPECT_EQ(broker_->times("Received PUBCOMP from chaos_0"), 0u);
    live_and_answer_both();
}

TEST_P(crash_point_at_mosquitto, between_the_release_and_pubcomp) {
    if (who() == memory::nobody) GTEST_SKIP() << "there is nothing to release";
    if (takes_over())
        live_until("stuck_before_commit,after_id_removed"); // else the commit may be behind, too
    else
        live_until(keeps_receipts() ? "after_release" : "after_id_removed");
    EXPECT_EQ(broker_->times("Received PUBCOMP from chaos_0"), 0u);
    live_and_answer_both();
}

TEST_P(crash_point_at_mosquitto, none_but_the_connection_is_lost_between_pubrec_and_pubrel) {
    relay_->lose(packet_type::pubrel, packet_relay::then::hang_up);
    live();
    publish("a");
    ASSERT_TRUE(eventually([this] { return relay_->has_lost(); }));
    publish("b");
    ASSERT_TRUE(broker_says("Received PUBCOMP from chaos_0", 2)) << "of both";
    finish_and_leave({"a", "b"});
}

TEST_P(crash_point_at_mosquitto, before_pubrec_and_the_session_is_lost) {
    relay_->lose(packet_type::pubrec);
    live_until("before_commit");
    lose_the_sessions();
    if (takes_over())
        live_and_leave({"a", "b"});
    else
        live_and_leave({"b"}); // what nobody has stored and the broker has forgotten is nowhere
}

TEST_P(crash_point_at_mosquitto, none_but_the_session_is_lost_before_pubrec) {
    relay_->lose(packet_type::pubrec);
    live("stuck_before_commit");
    publish("a");
    ASSERT_TRUE(eventually([this] { return is_stuck(); }));
    lose_the_sessions();
    ASSERT_TRUE(broker_says(subscribed, 2));
    let_go();
    publish("b");
    finish_and_leave({"a", "b"});
}

TEST_P(crash_point_at_mosquitto, after_pubrec_and_the_session_is_lost) {
    if (takes_over()) {
        live_until_answered_and_stuck();
        kill();
    } else {
        live_until_stored_and_lost(packet_type::pubrel);
    }
    lose_the_sessions();
    live_and_leave({"a", "b"});
}

TEST_P(crash_point_at_mosquitto, between_the_record_of_success_and_pubrec_and_the_disk_is_lost) {
    if (who() != memory::ids) GTEST_SKIP() << "no ids alone are on the disk";
    live_until("after_id_stored");
    lose_the_disk();
    live_and_leave({"a", "a", "b"});
}

TEST_P(crash_point_at_mosquitto, between_pubrec_and_the_commit_and_the_disk_is_lost) {
    if (!takes_over()) GTEST_SKIP() << "PUBREC follows the commit";
    live_until_answered_and_stuck();
    kill();
    lose_the_disk();
    live_and_leave({"b"});
}

/// A session began with nobody to void what is known of the one before, and in it a packet id comes again.
TEST_P(crash_point_at_mosquitto, before_the_loss_of_the_session_was_recorded) {
    if (who() == memory::nobody) GTEST_SKIP() << "there is nothing to record";
    relay_->lose(packet_type::pubrel);
    live_until(has_store() ? (takes_over() ? "after_message_done" : "after_id_stored") : "after_commit");
    lose_the_sessions();
    start_consumer(relay_->port(), has_store() ? "before_session_noted" : "before_reset");
    ASSERT_TRUE(has_died());
    live_until(takes_over() ? "before_message_stored" : "before_commit", "b");
    EXPECT_EQ(broker_->times("Sending PUBLISH to chaos_0 (d0, q2, r0, m1,"), 2u) << "the same id for both";
    live_and_leave({"a", "b", "c"}, "c");
    EXPECT_EQ(broker_->times("Sending PUBLISH to chaos_0 (d1, q2, r0, m1,"), 1u);
}

/// No crash of ours: a publisher that does not know whether its message has arrived gives it a second time.
TEST_P(crash_point_at_mosquitto, of_a_publisher_that_repeats_its_message) {
    live();
    publish("a");
    source_.emplace(broker_->port(), mqtt::protocol_version::v5, "the-next-one");
    publish("a");
    finish_and_leave({"a", "a"});
}

/// The broker may have two messages under way. When it has finished with those of the crash, it gives two
/// others, before it has an answer to either.
void crash_point_at_mosquitto::has_every_slot_of_the_window() {
    relay_->lose_nothing();
    ASSERT_NO_FATAL_FAILURE(live("", 2));
    ASSERT_TRUE(broker_says("Received PUBCOMP from chaos_0", 2));
    stop();
    const auto before = broker_->times("Sending PUBLISH to chaos_0");
    ASSERT_NO_FATAL_FAILURE(live("stuck_before_commit", 2));
    publish("b");
    publish("c");
    ASSERT_TRUE(broker_says("Sending PUBLISH to chaos_0", before + 2));
    let_go();
    EXPECT_TRUE(eventually([this] {
        const auto rows = stored();
        return std::ranges::count(rows, "b") == 1 && std::ranges::count(rows, "c") == 1;
    }));
    stop();
}

TEST_P(crash_point_at_mosquitto, between_the_commit_and_what_follows_costs_no_slot) {
    relay_->lose(packet_type::pubrec);
    live("after_commit", 2);
    publish("a");
    publish("a too");
    ASSERT_TRUE(has_died());
    has_every_slot_of_the_window();
}

TEST_P(crash_point_at_mosquitto, before_pubcomp_has_arrived_costs_no_slot) {
    relay_->lose(packet_type::pubcomp);
    live("", 2);
    publish("a");
    publish("a too");
    ASSERT_TRUE(eventually([this] { return relay_->has_lost() && stored().size() == 2; }));
    kill();
    has_every_slot_of_the_window();
}

TEST_P(crash_point_at_mosquitto, of_the_connection_alone_costs_no_slot) {
    relay_->lose(packet_type::pubrel, packet_relay::then::hang_up);
    live("", 2);
    publish("a");
    publish("a too");
    ASSERT_TRUE(eventually([this] { return relay_->has_lost() && stored().size() == 2; }));
    stop();
    has_every_slot_of_the_window();
}

INSTANTIATE_TEST_SUITE_P(
    remembered_by, crash_point_at_mosquitto,
    ::testing::Combine(every_memory(), ::testing::Values(mqtt::protocol_version::v5)), name_of_case);

} // namespace
} // namespace weir::testing
