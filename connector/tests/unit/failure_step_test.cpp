#include "failure_step.hpp"
#include "record_pool.hpp"

#include <weir/connector/testing.hpp>

#include <gmock/gmock.h>

#include <memory>
#include <stdexcept>

namespace weir::connector {
namespace {

using namespace std::chrono_literals;
using kind = failure_step::kind;

class failure_step_test : public ::testing::Test {
  protected:
    [[nodiscard]] failure_step step(std::uint32_t attempt = 1) {
        const auto message = testing::make_inbound({.topic = "a", .payload = "x"});
        auto& record = const_cast<inbound_record&>(*message.record());
        record.attempt = attempt;
        const_cast<record_origin&>(record.pool->origin()).version = version;
        return next_step(
            {.pipeline = "p",
             .index = 0,
             .client_id = "c",
             .options = options,
             .bus = std::make_shared<telemetry>(),
             .time = real_time()},
            record, "why");
    }

    mqtt::protocol_version version{mqtt::protocol_version::v5}; ///< in force

    producer_options options{[] {
        producer_options o;
        o.dead_letter.topic = "dead";
        return o;
    }()};
};

TEST_F(failure_step_test, follows_the_policy) {
    EXPECT_EQ(step(1'000).what, kind::again) << "for ever, by default";
    options.on_failure = on_failure::ack;
    EXPECT_EQ(step().what, kind::ack);
    options.on_failure = on_failure::reject;
    options.reject_code = mqtt::reason_code::quota_exceeded;
    EXPECT_EQ(step().what, kind::reject);
    EXPECT_EQ(step().code, mqtt::reason_code::quota_exceeded);
    options.on_failure = on_failure::dead_letter;
    EXPECT_EQ(step().what, kind::dead_letter);
    options.on_failure = on_failure::stop;
    EXPECT_EQ(step().what, kind::stop);
}

TEST_F(failure_step_test, ends_after_the_last_attempt_as_configured) {
    options.redelivery.max_attempts = 3;
    EXPECT_EQ(step(2).what, kind::again);
    EXPECT_EQ(step(3).what, kind::hold);
    using enum after_attempts;
    for (const auto& [then, expected] :
         {std::pair{after_attempts::dead_letter, kind::dead_letter}, std::pair{ack, kind::ack},
          std::pair{reject, kind::reject}, std::pair{stop, kind::stop}}) {
        options.redelivery.then = then;
        EXPECT_EQ(step(3).what, expected) << to_string(then);
    }
}

TEST_F(failure_step_test, asks_a_function_instead) {
    options.failure_policy = [](const inbound& m, std::string_view reason, std::uint32_t attempt) {
        EXPECT_EQ(m.topic(), "a");
        EXPECT_EQ(reason, "why");
        if (attempt == 1) return failure_decision::retry(7ms);
        if (attempt == 2) return failure_decision::reject(mqtt::reason_code::payload_format_invalid);
        return failure_decision(on_failure::dead_letter);
    };
    EXPECT_EQ(step(1).what, kind::again);
    EXPECT_EQ(step(1).delay, 7ms);
    EXPECT_EQ(step(2).what, kind::reject);
    EXPECT_EQ(step(2).code, mqtt::reason_code::payload_format_invalid);
    EXPECT_EQ(step(3).what, kind::dead_letter);
    options.redelivery.max_attempts = 1;
    EXPECT_EQ(step(1).what, kind::hold) << "the limit holds for its retries, too";
}

TEST_F(failure_step_test, a_function_that_throws_decides_nothing) {
    options.failure_policy = [](const auto&, auto, auto) -> failure_decision {
        throw std::runtime_error("oh");
    };
    EXPECT_EQ(step().what, kind::again);
}

TEST_F(failure_step_test, a_function_cannot_choose_what_there_is_not) {
    options.failure_policy = [](const auto&, auto, auto) { return failure_decision(on_failure::reject); };
    version = mqtt::protocol_version::v4;
    EXPECT_EQ(step().what, kind::again);
    options.redelivery.max_attempts = 1;
    options.redelivery.then = after_attempts::reject;
    EXPECT_EQ(step().what, kind::hold) << "fallen back to a version that cannot";
    options.redelivery.max_attempts = 0;
    version = mqtt::protocol_version::v5;
    options.failure_policy = [](const auto&, auto, auto) {
        return failure_decision::reject(mqtt::reason_code::server_busy);
    };
    EXPECT_EQ(step().code, mqtt::reason_code::unspecified_error) << "not a code of an acknowledgement";
    options.dead_letter.topic.clear();
    options.failure_policy = [](const auto&, auto, auto) {
        return failure_decision(on_failure::dead_letter);
    };
    EXPECT_EQ(step().what, kind::again);
}

} // namespace
} // namespace weir::connector
