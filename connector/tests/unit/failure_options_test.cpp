#include "some_options.hpp"

namespace weir::connector {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

std::vector<option_fault> with_dead_letter(const std::string& topic, const std::string& filter) {
    return faults([&](options& o) {
        o.producer.topics = {{filter}};
        o.producer.dead_letter.topic = topic;
    });
}

TEST(failure_options, redelivery_times_are_checked) {
    EXPECT_THAT(
        faults([](options& o) { o.producer.redelivery.min = 0ms; }),
        fault_at("producer.redelivery.min", "0ms"));
    EXPECT_THAT(
        faults([](options& o) { o.producer.redelivery.max = 10ms; }),
        fault_at("producer.redelivery.max", "10ms"));
    EXPECT_THAT(
        faults([](options& o) { o.producer.redelivery.skip_after = -1ms; }),
        fault_at("producer.redelivery.skip_after", "-1ms"));
}

TEST(failure_options, only_v5_can_reject) {
    const auto rejecting = [](mqtt::protocol_version version) {
        return faults([=](options& o) {
            o.producer.config.proto_ver = version;
            o.producer.on_failure = on_failure::reject;
            o.producer.redelivery.then = after_attempts::reject;
        });
    };
    EXPECT_THAT(rejecting(mqtt::protocol_version::v5), IsEmpty());
    EXPECT_THAT(rejecting(mqtt::protocol_version::v4), fault_at("producer.on_failure", "reject"));
    EXPECT_THAT(rejecting(mqtt::protocol_version::v3), fault_at("producer.redelivery.then", "reject"));
}

TEST(failure_options, what_is_taken_over_at_once_cannot_be_rejected) {
    const auto rejecting = [](qos2_mode mode) {
        return faults([=](options& o) {
            o.producer.qos2 = mode;
            o.producer.config.store.path = "somewhere";
            o.producer.on_failure = on_failure::reject;
            o.producer.redelivery.then = after_attempts::reject;
        });
    };
    EXPECT_THAT(rejecting(qos2_mode::after_processing), IsEmpty());
    EXPECT_THAT(rejecting(qos2_mode::durable), fault_at("producer.on_failure", "reject"));
    EXPECT_THAT(rejecting(qos2_mode::durable), fault_at("producer.redelivery.then", "reject"));
}

TEST(failure_options, a_rejection_has_a_code_of_an_acknowledgement) {
    for (const auto code : {mqtt::reason_code::success, mqtt::reason_code::server_busy})
        EXPECT_THAT(
            faults([=](options& o) { o.producer.reject_code = code; }), fault_at("producer.reject_code"));
    EXPECT_THAT(
        faults([](options& o) { o.producer.reject_code = mqtt::reason_code::payload_format_invalid; }),
        IsEmpty());
}

TEST(failure_options, dead_letters_need_a_topic) {
    EXPECT_THAT(
        faults([](options& o) { o.producer.on_failure = on_failure::dead_letter; }),
        fault_at("producer.dead_letter.topic", "\"\""));
    EXPECT_THAT(
        faults([](options& o) { o.producer.redelivery.then = after_attempts::dead_letter; }),
        fault_at("producer.dead_letter.topic"));
    EXPECT_THAT(with_dead_letter("dead/+", "a"), fault_at("producer.dead_letter.topic", "dead/+"));
    EXPECT_THAT(
        faults(
            [](options& o) { o.producer.dead_letter = {.topic = "dead", .qos = mqtt::qos::at_most_once}; }),
        fault_at("producer.dead_letter.qos", "0"));
}

TEST(failure_options, dead_letters_must_not_come_back) {
    const auto loops = fault_at("producer.dead_letter.topic");
    EXPECT_THAT(with_dead_letter("dead", "#"), loops);
    EXPECT_THAT(with_dead_letter("dead", "dead"), loops);
    EXPECT_THAT(with_dead_letter("dead", "$share/g/dead"), loops);
    EXPECT_THAT(with_dead_letter("dead/{topic}", "+/#"), loops);
    EXPECT_THAT(with_dead_letter("{topic}/dead", "a/#"), loops);
    EXPECT_THAT(with_dead_letter("{topic}", "a"), loops);
    EXPECT_THAT(with_dead_letter("x/{client_id}", "x/my-pipeline_0"), loops);
    EXPECT_THAT(with_dead_letter("d-{topic}", "+/a"), loops);

    EXPECT_THAT(with_dead_letter("dead/{topic}", "a/#"), IsEmpty());
    EXPECT_THAT(with_dead_letter("{topic}/dead", "a/+"), IsEmpty());
    EXPECT_THAT(with_dead_letter("x/{client_id}", "x/other"), IsEmpty());
    EXPECT_THAT(with_dead_letter("$dead/{topic}", "#"), IsEmpty()) << "a wildcard selects no topic with $";
}

TEST(failure_options, every_filter_counts) {
    EXPECT_THAT(
        faults([](options& o) {
            o.producer.topics = {{"a"}, {"dead/+"}};
            o.producer.dead_letter.topic = "dead/{topic}";
        }),
        fault_at("producer.dead_letter.topic"));
}

TEST(dead_letter_options, have_a_session_of_their_own) {
    auto o = effective(good()).producer;
    o.config.will.emplace();
    const auto c = dead_letter_client_options(o, 0);
    EXPECT_EQ(c.clientid, "my-pipeline_0_dl");
    EXPECT_EQ(c.clean_start, true);
    EXPECT_EQ(c.session_expiry, std::nullopt);
    EXPECT_FALSE(c.will) << "one of the two connections is enough to tell";
    EXPECT_TRUE(c.auto_ack);
    EXPECT_THAT(mqtt::check(c), IsEmpty());
}

} // namespace
} // namespace weir::connector
