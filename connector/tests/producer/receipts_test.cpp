#include "producer_fixture.hpp"

#include <condition_variable>
#include <mutex>
#include <stdexcept>

namespace weir::connector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Notes what it is asked for, in the order of the calls; can be made to fail or to take its time.
class noted_receipts final : public receipts {
  public:
    void release(std::string_view client_id, std::span<const std::uint16_t> packet_ids) override {
        for (const auto id : packet_ids)
            note("release " + std::string(client_id) + ' ' + std::to_string(id));
    }

    void reset(std::string_view client_id) override { note("reset " + std::string(client_id)); }

    [[nodiscard]] std::vector<std::string> calls() const {
        const std::lock_guard lock(mutex_);
        return calls_;
    }

    void fail(int times) {
        const std::lock_guard lock(mutex_);
        failures_ = times;
    }

    void block(bool on) {
        const std::lock_guard lock(mutex_);
        blocked_ = on;
        changed_.notify_all();
    }

  private:
    void note(std::string call) {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] { return !blocked_; });
        if (failures_ > 0) {
            --failures_;
            throw std::runtime_error("the disk is full");
        }
        calls_.push_back(std::move(call));
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<std::string> calls_;
    int failures_{0};
    bool blocked_{false};
};

class receipts_of_a_sink : public producer_test {
  protected:
    receipts_of_a_sink() {
        options.qos2 = qos2_mode::sink;
        options.receipts = store;
    }

    ~receipts_of_a_sink() override { store->block(false); }

    static mqtt::ack pubrel(std::uint16_t id) { return {.type = mqtt::ack_type::pubrel, .packet_id = id}; }

    static mqtt::ack pubcomp(std::uint16_t id, mqtt::reason_code code = mqtt::reason_code::success) {
        return {.type = mqtt::ack_type::pubcomp, .packet_id = id, .code = code};
    }

    [[nodiscard]] bool wait_for_calls(std::size_t count) {
        return eventually([&] { return store->calls().size() >= count; });
    }

    std::shared_ptr<noted_receipts> store = std::make_shared<noted_receipts>();
};

TEST_F(receipts_of_a_sink, pubcomp_follows_the_release) {
    follow({ready(true)
                .send(qos2(9))
                .wait_until("delivered", [this] { return intake.messages() == 1; })
                .expect(pubrec(9))
                .send(pubrel(9))
                .expect(pubcomp(9))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    const auto proof = intake.seen().entries[0].value.receipt();
    ASSERT_TRUE(proof);
    EXPECT_EQ(proof->client_id, "tester_0");
    EXPECT_EQ(proof->packet_id, 9);
    succeed(0);
    EXPECT_EQ(script_result(), "");
    EXPECT_THAT(store->calls(), ElementsAre("release tester_0 9"));
}

TEST_F(receipts_of_a_sink, there_is_no_pubcomp_as_long_as_the_store_has_not_forgotten) {
    follow({ready(true)
                .send(qos2(9))
                .wait_until("delivered", [this] { return intake.messages() == 1; })
                .expect(pubrec(9))
                .send(pubrel(9))
                .expect_nothing(100ms)});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    store->block(true);
    succeed(0);
    EXPECT_EQ(script_result(), "");
}

TEST_F(receipts_of_a_sink, a_store_that_fails_is_asked_again) {
    follow({ready(true)
                .send(qos2(9))
                .wait_until("delivered", [this] { return intake.messages() == 1; })
                .expect(pubrec(9))
                .send(pubrel(9))
                .expect(pubcomp(9))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    store->fail(2);
    succeed(0);
    EXPECT_EQ(script_result(), "");
    EXPECT_THAT(store->calls(), ElementsAre("release tester_0 9"));
}

/// The process that received the message was killed before the PUBREL came.
TEST_F(receipts_of_a_sink, a_message_of_an_earlier_process_is_released_too) {
    follow({ready(true).send(pubrel(4)).expect(pubcomp(4, mqtt::reason_code::packet_identifier_not_found))});
    start();
    EXPECT_EQ(script_result(), "");
    EXPECT_THAT(store->calls(), ElementsAre("release tester_0 4"));
}

TEST_F(receipts_of_a_sink, a_new_session_voids_them_before_its_first_message) {
    store->block(true);
    follow({ready(false)
                .send(qos2(9))
                .send(qos2(10))
                .expect_nothing(50ms)
                .wait_until("delivered", [this] { return intake.messages() == 2; })
                .expect_nothing(50ms)
                .run(
                    "succeed",
                    [this](auto&) {
                        succeed(0);
                        succeed(1);
                    })
                .expect(pubrec(9))
                .expect(pubrec(10))});
    start();
    wait_for_connection(1);
    EXPECT_FALSE(intake.wait_for([](const auto& r) { return !r.entries.empty(); }, 60ms));
    store->block(false);
    EXPECT_EQ(script_result(), "");
    EXPECT_THAT(store->calls(), ElementsAre("reset tester_0"));
    EXPECT_THAT(intake.payloads(), ElementsAre("9", "10"));
}

TEST_F(receipts_of_a_sink, a_resumed_session_keeps_them) {
    follow({ready(true).send(qos2(9)).close(), ready(true)});
    start();
    wait_for_connection(2);
    EXPECT_THAT(store->calls(), IsEmpty());
}

TEST_F(receipts_of_a_sink, there_are_none_for_a_session_that_is_lost) {
    follow(
        {ready(true).send(qos2(9)).wait_until("delivered", [this] { return intake.messages() == 1; }).close(),
         ready(false)});
    start();
    wait_for_connection(2);
    ASSERT_TRUE(wait_for_calls(1));
    EXPECT_FALSE(intake.seen().entries[0].value.receipt());
}

TEST_F(receipts_of_a_sink, only_qos_2_has_one) {
    follow({ready(true).send(qos1(3)).expect_nothing(20ms)});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    EXPECT_FALSE(intake.seen().entries[0].value.receipt());
    EXPECT_EQ(script_result(), "");
}

TEST_F(receipts_of_a_sink, a_drain_hands_on_what_was_held_back) {
    store->block(true);
    options.config.clean_start = true;
    follow({ready(false).send(qos2(9)).wait_until("over", [this] { return intake.messages() == 1; })});
    start();
    wait_for_connection(1);
    EXPECT_FALSE(intake.wait_for([](const auto& r) { return !r.entries.empty(); }, 60ms));
    producer_->drain();
    EXPECT_FALSE(intake.wait_for([](const auto& r) { return r.drained; }, 60ms));
    store->block(false);
    EXPECT_TRUE(intake.wait_for([](const auto& r) { return r.drained && r.entries.size() == 1; }));
}

TEST_F(receipts_of_a_sink, a_stop_does_not_wait_for_a_store_that_does_not_return) {
    store->block(true);
    follow({ready(false).expect(mqtt::disconnect{})});
    start();
    wait_for_connection(1);
    const auto before = clock::now();
    producer_->stop(clock::now() + 100ms);
    EXPECT_LT(clock::now() - before, 3s);
    EXPECT_EQ(script_result(), "");
    store->block(false);
}

TEST_F(receipts_of_a_sink, a_stop_does_not_wait_for_a_store_that_hangs_in_failures) {
    store->fail(1'000'000);
    follow({ready(false)});
    start();
    wait_for_connection(1);
    const auto before = clock::now();
    producer_->stop(clock::now() + 10s);
    EXPECT_LT(clock::now() - before, 3s);
}

} // namespace
} // namespace weir::connector
