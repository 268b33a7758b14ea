#include "producer_fixture.hpp"
#include "support/temp_folder.hpp"

#include <fstream>

namespace weir::connector {
namespace {

using ::testing::ElementsAre;

/// Keys of messages that are known in the next process.
class kept_keys : public producer_test {
  protected:
    kept_keys() {
        options.topics = {{"a", mqtt::qos::at_least_once}};
        options.idempotency_key = {.user_property = "id", .entries = 10};
        options.config.store.path = folder_.file("sessions");
    }

    ~kept_keys() override { end_process(); }

    void end_process() {
        if (producer_) producer_->stop(clock::now() + 1s);
    }

    static mqtt::publish keyed(std::string_view key, mqtt::publish p) {
        p.props.add_user_property("id", key);
        return p;
    }

    /// A process that is done with the message "k" when it ends.
    void process_one() {
        follow({ready().send(keyed("k", qos1(1))).expect(puback(1))});
        start();
        ASSERT_TRUE(intake.wait_for_messages(1));
        succeed(0);
        ASSERT_EQ(script_result(), "");
        end_process();
    }

    testing::temp_folder folder_;
};

TEST_F(kept_keys, a_copy_of_what_the_last_process_was_done_with_is_not_processed) {
    ASSERT_NO_FATAL_FAILURE(process_one());
    follow({ready(true).send(keyed("k", qos1(2))).expect(puback(2)).send(keyed("other", qos1(3)))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    EXPECT_EQ(script_result(), "");
    EXPECT_THAT(intake.payloads(), ElementsAre("1", "3"));
    EXPECT_EQ(sums().copies, 1u);
}

TEST_F(kept_keys, what_the_last_process_was_not_done_with_is) {
    follow({ready().send(keyed("k", qos1(1)))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    EXPECT_EQ(script_result(), "");
    end_process();
    follow({ready(true).send(keyed("k", qos1(1, true)))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(sums().copies, 0u);
}

TEST_F(kept_keys, one_that_was_acknowledged_late_is_known) {
    options.on_success = on_success::noop;
    follow({ready().send(keyed("k", qos1(1))).expect(puback(1))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    const auto handle = intake.seen().entries[0].value;
    succeed(0);
    handle.acknowledge();
    ASSERT_EQ(script_result(), "");
    end_process();
    follow({ready(true).send(keyed("k", qos1(2))).expect(puback(2))});
    start();
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(intake.messages(), 1u);
}

TEST_F(kept_keys, one_of_qos_0_is_known) {
    follow({ready()
                .send(keyed("k", publish_packet("x", mqtt::qos::at_most_once)))
                .send(qos1(1))
                .expect(puback(1))}); // which waits for the keys before it
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    succeed(0);
    succeed(1);
    EXPECT_EQ(script_result(), "");
    end_process();
    follow({ready(true).send(keyed("k", qos1(2))).expect(puback(2))});
    start();
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(intake.messages(), 2u);
}

TEST_F(kept_keys, are_in_memory_without_a_store) {
    options.config.store = {};
    ASSERT_NO_FATAL_FAILURE(process_one());
    follow({ready(true).send(keyed("k", qos1(2)))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    EXPECT_EQ(script_result(), "");
}

TEST_F(kept_keys, that_cannot_be_read_end_the_pipeline_before_it_takes_a_message) {
    ASSERT_NO_FATAL_FAILURE(process_one());
    std::ofstream{folder_.file("sessions/0/keys/session.db"), std::ios::trunc} << std::string(5'000, 'x');
    follow({});
    start();
    ASSERT_TRUE(intake.wait_for([](const auto& r) { return r.failure.has_value(); }));
    EXPECT_EQ(intake.messages(), 1u);
    EXPECT_EQ(script_result(), "");
}

} // namespace
} // namespace weir::connector
