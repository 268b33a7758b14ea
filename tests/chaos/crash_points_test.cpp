// Every point at which a consumer of QoS 2 can be lost, and what is in its database afterwards. The broker
// follows a script, so that each point is met exactly.
#include "crash_point.hpp"

#include <weir/mqtt/testing/scripted_broker.hpp>

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using mqtt::testing::conversation;
using mqtt::testing::scripted_broker;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAreArray;

class scripted_crash_point : public crash_point {
  protected:
    static mqtt::publish message(std::string_view content, bool dup = false) {
        return {
            .topic = bytes::copy("numbers/a"),
            .payload = bytes::copy(content),
            .qos = mqtt::qos::exactly_once,
            .dup = dup,
            .packet_id = 1};
    }

    static mqtt::publish again(std::string_view content) { return message(content, true); }

    static mqtt::ack an(mqtt::ack_type type) { return {.type = type, .packet_id = 1}; }

    static mqtt::ack pubrec() { return an(mqtt::ack_type::pubrec); }

    static mqtt::ack pubrel() { return an(mqtt::ack_type::pubrel); }

    static mqtt::ack pubcomp() { return an(mqtt::ack_type::pubcomp); }

    static mqtt::ack pubcomp_of_unknown() {
        auto a = pubcomp();
        if (is_v5()) a.code = mqtt::reason_code::packet_identifier_not_found;
        return a;
    }

    /// Begins a connection of a new process; a process subscribes once.
    static conversation begin(bool session_present) {
        return conversation{}.accept({.session_present = session_present}).grant_subscribe();
    }

    static conversation resumed() { return begin(true); }

    static conversation fresh() { return begin(false); }

    /// The message that is meant, from end to end.
    static conversation exchange(conversation c, const mqtt::publish& m) {
        return c.send(m).expect(pubrec()).send(pubrel()).expect(pubcomp());
    }

    /// The broker has got so far that the test may go on.
    conversation then_over(conversation c) {
        c.run("over", [this](auto&) { over_ = true; });
        return c;
    }

    /// The client goes, whatever it leaves unread.
    static conversation lost(conversation c) {
        c.run("lost", [](mqtt::testing::broker_connection& client) {
            try {
                while (client.next(clock::now() + 10s)) {
                }
            } catch (const mqtt::testing::script_failure&) { // a reset will do
            }
            client.close();
        });
        return c;
    }

    void follow(std::vector<conversation> script) { broker_.emplace(std::move(script)); }

    /// Starts a consumer that dies at `point`, and waits until it has.
    void live_until(const std::string& point) {
        start(point);
        ASSERT_TRUE(has_died()) << "has not come to " << point;
    }

    /// Until the broker has got as far as the script says, and so many messages are stored; may be held up at
    /// `point` for ever.
    void live_until_killed(const std::string& point = {}, std::size_t rows = 0) {
        start(point);
        ASSERT_TRUE(eventually([&] { return over_ && stored().size() >= rows; })) << consumer_log();
        kill();
        over_ = false;
    }

    /// The broker has PUBREC, and what is written upon success is written.
    void live_until_answered() {
        if (!takes_over()) return live_until_killed();
        live_until("after_message_done");
        ASSERT_TRUE(eventually([this] { return over_.load(); }));
        over_ = false;
    }

    /// The last consumer sees the script to its end, and leaves these messages; may be held up at `point`.
    void live_and_leave(const std::vector<std::string>& rows, const std::string& point = {}) {
        start(point);
        EXPECT_TRUE(eventually([this] { return over_ || broker_->done(); })) << consumer_log();
        EXPECT_TRUE(eventually([&] { return stored().size() >= rows.size(); }));
        stop();
        EXPECT_EQ(broker_->finish(), "");
        EXPECT_THAT(stored(), UnorderedElementsAreArray(rows));
    }

    /// The answer to the PUBREL of a message that an earlier process has answered.
    static mqtt::ack pubcomp_of_earlier() { return has_store() ? pubcomp() : pubcomp_of_unknown(); }

    /// The message was lost between the commit and what would have kept it from being repeated.
    [[nodiscard]] static std::vector<std::string> repeated_unless_the_sink_remembers() {
        if (sink_remembers()) return {"a"};
        return {"a", "a"};
    }

  private:
    void start(const std::string& point = {}) { start_consumer(broker_->port(), point); }

    std::optional<scripted_broker> broker_;
    std::atomic<bool> over_{false};
};

TEST_P(scripted_crash_point, before_the_commit) {
    follow({lost(fresh().send(message("a"))), then_over(exchange(resumed(), again("a")))});
    live_until("before_commit");
    EXPECT_THAT(stored(), IsEmpty());
    live_and_leave({"a"});
}

/// A sink whose work is one transaction has done nothing.
TEST_P(scripted_crash_point, inside_the_transaction) {
    follow({lost(fresh().send(message("a"))), then_over(exchange(resumed(), again("a")))});
    live_until("inside_the_transaction");
    EXPECT_THAT(stored(), IsEmpty());
    live_and_leave({"a"});
}

/// Nothing can help a sink that works in parts.
TEST_P(scripted_crash_point, inside_a_sink_that_works_in_parts) {
    if (sink_remembers()) GTEST_SKIP() << "in a transaction";
    work_in_parts();
    follow({lost(fresh().send(message("a"))), then_over(exchange(resumed(), again("a")))});
    live_until("inside_the_sink");
    EXPECT_THAT(stored(), UnorderedElementsAreArray({"a begun"}));
    live_and_leave({"a begun", "a begun", "a done"});
}

/// The one point that receipts and tokens are for.
TEST_P(scripted_crash_point, between_the_commit_and_what_follows) {
    follow({lost(fresh().send(message("a"))), then_over(exchange(resumed(), again("a")))});
    live_until("after_commit");
    live_and_leave(repeated_unless_the_sink_remembers());
}

/// The broker is done with a message that is taken over before it is processed.
TEST_P(scripted_crash_point, between_pubrec_and_the_commit) {
    if (!takes_over()) GTEST_SKIP() << "PUBREC follows the commit";
    follow(
        {then_over(fresh().send(message("a")).expect(pubrec())),
         then_over(resumed().send(pubrel()).expect(pubcomp()).send(message("b")).expect(pubrec()))});
    live_until_killed("stuck_before_commit");
    EXPECT_THAT(stored(), IsEmpty());
    live_and_leave({"a", "b"});
}

TEST_P(scripted_crash_point, after_pubrec_between_the_commit_and_its_record) {
    if (!takes_over()) GTEST_SKIP() << "PUBREC is the record";
    follow(
        {then_over(fresh().send(message("a")).expect(pubrec())),
         then_over(resumed().send(pubrel()).expect(pubcomp()).send(message("b")).expect(pubrec()))});
    live_until_killed("stuck_after_commit", 1);
    if (who() == memory::tokens)
        live_and_leave({"a", "b"});
    else
        live_and_leave({"a", "a", "b"});
}

/// That the message is done with is not on the disk yet.
TEST_P(scripted_crash_point, before_success_is_recorded) {
    if (!has_store()) GTEST_SKIP() << "there is no record";
    follow({lost(fresh().send(message("a"))), then_over(exchange(resumed(), again("a")))});
    live_until(takes_over() ? "before_message_done" : "before_id_stored");
    live_and_leave(repeated_unless_the_sink_remembers());
}

TEST_P(scripted_crash_point, between_the_record_of_success_and_pubrec) {
    if (!has_store()) GTEST_SKIP() << "there is no record";
    follow({lost(fresh().send(message("a"))), then_over(exchange(resumed(), again("a")))});
    live_until(takes_over() ? "after_message_done" : "after_id_stored");
    live_and_leave({"a"});
}

TEST_P(scripted_crash_point, before_the_message_is_in_the_store) {
    if (!takes_over()) GTEST_SKIP() << "it never is";
    follow({lost(fresh().send(message("a"))), then_over(exchange(resumed(), again("a")))});
    live_until("before_message_stored");
    EXPECT_THAT(stored(), IsEmpty());
    live_and_leave({"a"});
}

TEST_P(scripted_crash_point, between_the_store_and_pubrec) {
    if (!takes_over()) GTEST_SKIP() << "it is in no store";
    follow({lost(fresh().send(message("a"))), then_over(exchange(resumed(), again("a")))});
    live_until("after_message_stored");
    EXPECT_THAT(stored(), IsEmpty());
    live_and_leave({"a"});
}

/// PUBREC is on its way, and the broker has not seen it when it resumes the session.
TEST_P(scripted_crash_point, before_pubrec_has_arrived) {
    follow(
        {then_over(fresh().send(message("a")).expect(pubrec())), then_over(exchange(resumed(), again("a")))});
    live_until_answered();
    if (who() == memory::nobody)
        live_and_leave({"a", "a"});
    else
        live_and_leave({"a"});
}

TEST_P(scripted_crash_point, between_pubrec_and_pubrel) {
    follow(
        {then_over(fresh().send(message("a")).expect(pubrec())),
         then_over(resumed().send(pubrel()).expect(pubcomp_of_earlier()))});
    live_until_answered();
    live_and_leave({"a"});
}

TEST_P(scripted_crash_point, before_pubcomp_has_arrived) {
    follow(
        {then_over(exchange(fresh(), message("a"))),
         then_over(resumed().send(pubrel()).expect(pubcomp_of_unknown()))});
    live_until_killed(takes_over() ? "stuck_before_commit" : "");
    live_and_leave({"a"});
}

TEST_P(scripted_crash_point, between_the_release_and_pubcomp) {
    if (who() == memory::nobody) GTEST_SKIP() << "there is nothing to release";
    follow(
        {lost(fresh().send(message("a")).expect(pubrec()).send(pubrel())),
         then_over(resumed().send(pubrel()).expect(pubcomp_of_unknown()))});
    if (takes_over())
        live_until("stuck_before_commit,after_id_removed"); // else the commit may be behind, too
    else
        live_until(keeps_receipts() ? "after_release" : "after_id_removed");
    live_and_leave({"a"});
}

/// The process lives on, only the connection is lost.
TEST_P(scripted_crash_point, none_but_the_connection_is_lost_between_pubrec_and_pubrel) {
    follow(
        {fresh().send(message("a")).expect(pubrec()).close(),
         then_over(conversation{}.accept({.session_present = true}).send(pubrel()).expect(pubcomp()))});
    live_and_leave({"a"});
}

/// The process lives on, and what it has it finishes; the next message has the same id.
TEST_P(scripted_crash_point, none_but_the_session_is_lost_before_pubrec) {
    follow(
        {fresh()
             .within(10s)
             .send(message("a"))
             .wait_until("it is about to be stored", [this] { return is_stuck(); })
             .close(),
         then_over(exchange(
             fresh()
                 .within(10s)
                 .run("go on", [this](auto&) { let_go(); })
                 .wait_until("it is stored", [this] { return stored().size() == 1; })
                 .expect_nothing(50ms),
             message("b")))});
    live_and_leave({"a", "b"}, "stuck_before_commit");
}

/// What nobody has stored and the broker has forgotten is nowhere.
TEST_P(scripted_crash_point, before_the_commit_and_the_session_is_lost) {
    follow({lost(fresh().send(message("a"))), then_over(exchange(fresh(), message("b")))});
    live_until("before_commit");
    if (takes_over())
        live_and_leave({"a", "b"});
    else
        live_and_leave({"b"});
}

TEST_P(scripted_crash_point, between_pubrec_and_the_commit_and_the_session_is_lost) {
    if (!takes_over()) GTEST_SKIP() << "PUBREC follows the commit";
    follow(
        {then_over(fresh().send(message("a")).expect(pubrec())), then_over(exchange(fresh(), message("b")))});
    live_until_killed("stuck_before_commit");
    live_and_leave({"a", "b"});
}

/// The broker is done with what is on no disk any more.
TEST_P(scripted_crash_point, between_pubrec_and_the_commit_and_the_disk_is_lost) {
    if (!takes_over()) GTEST_SKIP() << "PUBREC follows the commit";
    follow(
        {then_over(fresh().send(message("a")).expect(pubrec())),
         then_over(exchange(resumed().send(pubrel()).expect(pubcomp_of_unknown()), message("b")))});
    live_until_killed("stuck_before_commit");
    lose_the_disk();
    live_and_leave({"b"});
}

/// Without its ids it is like a consumer that remembers none.
TEST_P(scripted_crash_point, between_the_record_of_success_and_pubrec_and_the_disk_is_lost) {
    if (who() != memory::ids) GTEST_SKIP() << "no ids alone are on the disk";
    follow({lost(fresh().send(message("a"))), then_over(exchange(resumed(), again("a")))});
    live_until("after_id_stored");
    lose_the_disk();
    live_and_leave({"a", "a"});
}

/// No crash of ours: a publisher that does not know whether its message has arrived gives it a second time.
TEST_P(scripted_crash_point, of_a_publisher_that_repeats_its_message) {
    follow({then_over(exchange(exchange(fresh(), message("a")), message("a")))});
    live_and_leave({"a", "a"});
}

/// The id and even the content may come again: it is another message.
TEST_P(scripted_crash_point, after_pubrec_and_the_session_is_lost) {
    follow(
        {then_over(fresh().send(message("a")).expect(pubrec())), then_over(exchange(fresh(), message("a")))});
    live_until_answered();
    live_and_leave({"a", "a"});
}

/// Something is remembered that should have been voided: its packet id alone must not swallow a new message.
TEST_P(scripted_crash_point, before_the_loss_of_the_session_was_recorded) {
    if (who() == memory::nobody) GTEST_SKIP() << "there is nothing to record";
    // A session began with nobody to void what is known of the one before.
    follow(
        {lost(resumed().send(message("a"))), lost(conversation{}.accept()),
         then_over(exchange(resumed(), again("b")))});
    live_until(has_store() ? (takes_over() ? "after_message_done" : "after_id_stored") : "after_commit");
    live_until(has_store() ? "before_session_noted" : "before_reset");
    live_and_leave({"a", "b"});
}

INSTANTIATE_TEST_SUITE_P(
    remembered_by, scripted_crash_point,
    ::testing::Combine(
        every_memory(), ::testing::Values(mqtt::protocol_version::v5, mqtt::protocol_version::v4)),
    name_of_case);

} // namespace
} // namespace weir::testing
