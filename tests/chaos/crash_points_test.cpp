// Every point at which a consumer of QoS 2 can be lost, and what is in its database afterwards. The broker
// follows a script, so that each point is met exactly.
#include "stored_payloads.hpp"
#include "support/child.hpp"
#include "support/eventually.hpp"
#include "support/temp_folder.hpp"

#include <weir/mqtt/testing/scripted_broker.hpp>

#include <gmock/gmock.h>

#include <atomic>
#include <csignal>
#include <optional>
#include <string>
#include <vector>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using mqtt::testing::conversation;
using mqtt::testing::scripted_broker;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

enum class memory { none, receipts };

class crash_point : public ::testing::TestWithParam<memory> {
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
        a.code = mqtt::reason_code::packet_identifier_not_found;
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
        ASSERT_TRUE(consumer_->wait(10s)) << "has not come to " << point;
    }

    void live_until_killed() {
        start();
        ASSERT_TRUE(eventually([this] { return over_.load(); }));
        consumer_->signal(SIGKILL);
        ASSERT_TRUE(consumer_->wait(5s));
        over_ = false;
    }

    /// The last consumer sees the script to its end.
    void live() {
        start();
        ASSERT_TRUE(eventually([this] { return over_ || broker_->done(); }))
            << read_file(folder_.file("log"));
        consumer_->signal(SIGTERM);
        EXPECT_THAT(consumer_->wait(10s), AnyOf(0, SIGTERM)) << "which may come before it minds signals";
        EXPECT_EQ(broker_->finish(), "");
    }

    [[nodiscard]] std::vector<std::string> stored() const { return stored_payloads(database()); }

    [[nodiscard]] static bool keeps_receipts() { return GetParam() == memory::receipts; }

  private:
    [[nodiscard]] std::string database() const {
        return folder_.file(keeps_receipts() ? "chaos.once.db" : "chaos.db");
    }

    void start(const std::string& point = {}) {
        consumer_.emplace(
            std::vector<std::string>{
                CHAOS_CONSUMER, std::to_string(broker_->port()), "v5", "2", database(), point},
            folder_.file("log"));
    }

    temp_folder folder_;
    std::optional<scripted_broker> broker_;
    std::optional<child> consumer_;
    std::atomic<bool> over_{false};
};

TEST_P(crash_point, before_the_commit) {
    follow({lost(fresh().send(message("a"))), then_over(exchange(resumed(), again("a")))});
    live_until("before_commit");
    EXPECT_THAT(stored(), IsEmpty());
    live();
    EXPECT_THAT(stored(), ElementsAre("a"));
}

/// The one point that receipts are for.
TEST_P(crash_point, between_the_commit_and_pubrec) {
    follow({lost(fresh().send(message("a"))), then_over(exchange(resumed(), again("a")))});
    live_until("after_commit");
    live();
    if (keeps_receipts())
        EXPECT_THAT(stored(), ElementsAre("a"));
    else
        EXPECT_THAT(stored(), ElementsAre("a", "a"));
}

/// PUBREC is on its way, and the broker has not seen it when it resumes the session.
TEST_P(crash_point, before_pubrec_has_arrived) {
    follow(
        {then_over(fresh().send(message("a")).expect(pubrec())), then_over(exchange(resumed(), again("a")))});
    live_until_killed();
    live();
    if (keeps_receipts())
        EXPECT_THAT(stored(), ElementsAre("a"));
    else
        EXPECT_THAT(stored(), ElementsAre("a", "a"));
}

TEST_P(crash_point, between_pubrec_and_pubrel) {
    follow(
        {then_over(fresh().send(message("a")).expect(pubrec())),
         then_over(resumed().send(pubrel()).expect(pubcomp_of_unknown()))});
    live_until_killed();
    live();
    EXPECT_THAT(stored(), ElementsAre("a"));
}

TEST_P(crash_point, before_pubcomp_has_arrived) {
    follow(
        {then_over(exchange(fresh(), message("a"))),
         then_over(resumed().send(pubrel()).expect(pubcomp_of_unknown()))});
    live_until_killed();
    live();
    EXPECT_THAT(stored(), ElementsAre("a"));
}

TEST_P(crash_point, between_the_release_and_pubcomp) {
    if (!keeps_receipts()) GTEST_SKIP() << "there is nothing to release";
    follow(
        {lost(fresh().send(message("a")).expect(pubrec()).send(pubrel())),
         then_over(resumed().send(pubrel()).expect(pubcomp_of_unknown()))});
    live_until("after_release");
    live();
    EXPECT_THAT(stored(), ElementsAre("a"));
}

/// The process lives on, only the connection is lost.
TEST_P(crash_point, none_but_the_connection_is_lost_between_pubrec_and_pubrel) {
    follow(
        {fresh().send(message("a")).expect(pubrec()).close(),
         then_over(conversation{}.accept({.session_present = true}).send(pubrel()).expect(pubcomp()))});
    live();
    EXPECT_THAT(stored(), ElementsAre("a"));
}

/// What nobody has stored and the broker has forgotten is nowhere.
TEST_P(crash_point, before_the_commit_and_the_session_is_lost) {
    follow({lost(fresh().send(message("a"))), then_over(exchange(fresh(), message("b")))});
    live_until("before_commit");
    live();
    EXPECT_THAT(stored(), ElementsAre("b"));
}

/// The id and even the content may come again: it is another message.
TEST_P(crash_point, after_pubrec_and_the_session_is_lost) {
    follow(
        {then_over(fresh().send(message("a")).expect(pubrec())), then_over(exchange(fresh(), message("a")))});
    live_until_killed();
    live();
    EXPECT_THAT(stored(), ElementsAre("a", "a"));
}

/// A receipt that should have been voided is there: its packet id alone must not swallow a new message.
TEST_P(crash_point, before_the_loss_of_the_session_was_recorded) {
    if (!keeps_receipts()) GTEST_SKIP() << "there is nothing to record";
    // A session began with nobody to void the receipts of the one before.
    follow(
        {lost(resumed().send(message("a"))), lost(conversation{}.accept()),
         then_over(exchange(resumed(), again("b")))});
    live_until("after_commit");
    live_until("before_reset");
    live();
    EXPECT_THAT(stored(), ElementsAre("a", "b"));
}

INSTANTIATE_TEST_SUITE_P(
    remembered_by, crash_point, ::testing::Values(memory::none, memory::receipts),
    [](const auto& one) { return std::string(one.param == memory::none ? "nobody" : "the_sink"); });

} // namespace
} // namespace weir::testing
