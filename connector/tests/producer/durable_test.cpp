#include "producer_fixture.hpp"
#include "support/temp_folder.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <stdexcept>

namespace weir::connector {
namespace {

using ::testing::ElementsAre;

/// Notes what it is asked for; can be made to fail.
class noted_tokens final : public delivery_tokens {
  public:
    void release(std::string_view store, std::span<const std::uint64_t> numbers) override {
        for (const auto n : numbers)
            note("release " + to_string({store, n}));
    }

    void reset(std::string_view store, std::uint64_t first) override {
        note("reset " + to_string({store, first}));
    }

    [[nodiscard]] std::vector<std::string> calls() const {
        const std::lock_guard lock(mutex_);
        return calls_;
    }

    void fail(int times) {
        const std::lock_guard lock(mutex_);
        failures_ = times;
    }

  private:
    void note(std::string call) {
        const std::lock_guard lock(mutex_);
        if (failures_ > 0) {
            --failures_;
            throw std::runtime_error("the disk is full");
        }
        calls_.push_back(std::move(call));
    }

    mutable std::mutex mutex_;
    std::vector<std::string> calls_;
    int failures_{0};
};

class durable : public producer_test {
  protected:
    durable() {
        options.qos2 = qos2_mode::durable;
        options.tokens = sink;
        options.config.store = {.path = folder_.file("sessions"), .qos1 = true};
    }

    ~durable() override { end_process(); }

    /// What the pipeline has not settled stays in the store.
    void end_process() {
        if (producer_) producer_->stop(clock::now() + 1s);
    }

    [[nodiscard]] std::string token_text(std::size_t index) {
        const auto t = intake.seen().entries.at(index).value.delivery_token();
        return t ? to_string(*t) : "none";
    }

    [[nodiscard]] bool wait_for_calls(std::size_t count) {
        return eventually([&] { return sink->calls().size() >= count; });
    }

    static std::function<bool(const mqtt::packet&)> leaves(std::string filter) {
        return [filter = std::move(filter)](const mqtt::packet& p) {
            const auto* one = std::get_if<mqtt::unsubscribe>(&p);
            return one != nullptr && one->filters == std::vector{filter};
        };
    }

    std::shared_ptr<noted_tokens> sink = std::make_shared<noted_tokens>();

  private:
    testing::temp_folder folder_;
};

TEST_F(durable, the_broker_is_answered_before_a_message_is_processed) {
    follow({ready().send(qos2(9)).expect(pubrec(9)).send(qos1(10)).expect(puback(10))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    EXPECT_EQ(script_result(), "");
    EXPECT_NE(token_text(0), "none");
    EXPECT_NE(token_text(0), token_text(1));
}

TEST_F(durable, a_token_is_released_when_the_store_has_forgotten_the_message) {
    follow({ready()
                .send(qos2(9))
                .send(qos2(10))
                .expect(pubrec(9))
                .expect(pubrec(10))
                .wait_until("released", [this] { return sink->calls().size() == 2; })});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    ASSERT_TRUE(wait_for_calls(1));
    EXPECT_EQ(sink->calls().size(), 1u) << "the store was opened";
    succeed(1);
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(sink->calls()[1], "release " + token_text(1));
}

TEST_F(durable, what_was_not_processed_comes_again_with_its_token_without_a_broker) {
    follow({ready().send(qos2(9)).send(qos2(10)).expect(pubrec(9)).expect(pubrec(10))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(2));
    const auto first = token_text(0);
    const auto second = token_text(1);
    succeed(0);
    ASSERT_TRUE(wait_for_calls(2));
    EXPECT_EQ(script_result(), "");
    end_process();
    follow({});
    start();
    ASSERT_TRUE(intake.wait_for_messages(3));
    EXPECT_THAT(intake.payloads(), ElementsAre("9", "10", "10"));
    EXPECT_EQ(token_text(2), second);
    ASSERT_TRUE(wait_for_calls(3));
    EXPECT_EQ(sink->calls()[2], "reset " + second) << "no token below is needed";
}

TEST_F(durable, a_failed_message_keeps_its_token_and_comes_once_though_the_connection_is_lost) {
    options.redelivery.skip_after = 1ms;
    follow(
        {ready()
             .send(qos2(9))
             .expect(pubrec(9))
             .wait_until("passed over", [this] { return sums().redelivered >= 1; })
             .close(),
         conversation{}.accept({.session_present = true}).send(qos2(10)).expect(pubrec(10))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    fail(0);
    ASSERT_TRUE(intake.wait_for_messages(3));
    EXPECT_EQ(script_result(), "");
    EXPECT_THAT(intake.payloads(), ElementsAre("9", "9", "10"));
    EXPECT_EQ(token_text(0), token_text(1));
}

TEST_F(durable, a_message_cannot_be_rejected_any_more) {
    options.failure_policy = [](const inbound&, std::string_view, std::uint32_t) {
        return failure_decision(on_failure::reject);
    };
    options.redelivery.min = 1ms;
    follow({ready().send(qos2(9)).expect(pubrec(9)).wait_until(
        "brought again", [this] { return sums().redelivered >= 1; })});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    fail(0);
    ASSERT_TRUE(intake.wait_for_messages(2));
    EXPECT_EQ(script_result(), "");
    EXPECT_EQ(sums().rejected, 0u);
}

TEST_F(durable, a_sink_that_fails_is_asked_again) {
    follow({ready().send(qos2(9)).expect(pubrec(9)).wait_until(
        "released", [this] { return sink->calls().size() == 2; })});
    sink->fail(3);
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    succeed(0);
    EXPECT_EQ(script_result(), "");
}

TEST_F(durable, without_a_store_a_message_has_no_token) {
    options.qos2 = qos2_mode::after_processing;
    options.tokens = nullptr;
    options.config.store = {};
    follow({ready().send(qos2(9))});
    start();
    ASSERT_TRUE(intake.wait_for_messages(1));
    EXPECT_EQ(token_text(0), "none");
}

TEST_F(durable, filters_of_an_older_configuration_are_left) {
    const auto wanted = options.topics;
    options.topics = {{"old/#", mqtt::qos::at_least_once}, {"older", mqtt::qos::at_least_once}, wanted[0]};
    follow({ready(false)});
    start();
    EXPECT_EQ(script_result(), "");
    ASSERT_TRUE(eventually([this] { return ready_.wait(1ms).has_value(); }));
    end_process();
    options.topics = wanted;
    options.unsubscribe = {"older"};
    follow({ready(true)
                .expect_where("UNSUBSCRIBE older", leaves("older"))
                .expect_where("UNSUBSCRIBE old/#", leaves("old/#"))});
    start();
    EXPECT_EQ(script_result(), "");
}

} // namespace
} // namespace weir::connector
