#include "dead_letter_message.hpp"

#include <gmock/gmock.h>

#include <string>

namespace weir::connector {
namespace {

using mqtt::property_id;
using ::testing::HasSubstr;

class dead_letter_message : public ::testing::Test {
  protected:
    dead_letter_message() {
        options.dead_letter.topic = "dead/{client_id}/{topic}";
        record.received = {
            .topic = bytes::copy("a/b"),
            .payload = bytes::copy("{\"x\":\n1}"),
            .qos = mqtt::qos::at_least_once,
            .packet_id = 9};
        record.attempt = 3;
        record.wall = system_time_point{std::chrono::microseconds{1'740'816'930'000'125}};
    }

    [[nodiscard]] mqtt::outgoing letter(std::string_view reason = "no number") const {
        return make_dead_letter(options, record, options.config.proto_ver, "me_0", reason);
    }

    producer_options options;
    inbound_record record;
};

TEST_F(dead_letter_message, goes_to_the_topic_that_the_pattern_names) {
    EXPECT_EQ(letter().topic, "dead/me_0/a/b");
    options.dead_letter.topic = "dead";
    EXPECT_EQ(letter().topic, "dead");
}

TEST_F(dead_letter_message, is_the_payload_with_the_reason_beside_it) {
    options.dead_letter.qos = mqtt::qos::exactly_once;
    options.dead_letter.retain = true;
    const auto m = letter();
    EXPECT_EQ(m.payload, record.received.payload);
    EXPECT_EQ(m.qos, mqtt::qos::exactly_once);
    EXPECT_TRUE(m.retain);
    EXPECT_EQ(m.props.user_property("weir-topic"), "a/b");
    EXPECT_EQ(m.props.user_property("weir-error"), "no number");
    EXPECT_EQ(m.props.user_property("weir-attempts"), "3");
    EXPECT_EQ(m.props.user_property("weir-received-at"), "2025-03-01T08:15:30.000125Z");
}

TEST_F(dead_letter_message, keeps_the_properties_but_those_of_the_connection) {
    record.received.props.set(property_id::content_type, "text/plain")
        .set(property_id::topic_alias, 4)
        .set(property_id::subscription_identifier, 5)
        .add_user_property("mine", "too");
    const auto m = letter();
    EXPECT_EQ(m.props.text(property_id::content_type), "text/plain");
    EXPECT_EQ(m.props.user_property("mine"), "too");
    EXPECT_EQ(m.props.number(property_id::topic_alias), std::nullopt);
    EXPECT_EQ(m.props.number(property_id::subscription_identifier), std::nullopt);
}

TEST_F(dead_letter_message, of_3_1_1_has_no_properties) {
    options.config.proto_ver = mqtt::protocol_version::v4;
    EXPECT_TRUE(letter().props.empty());
}

TEST_F(dead_letter_message, tells_a_reason_that_is_no_text_as_far_as_it_can) {
    EXPECT_EQ(letter(std::string("a\0b\n\x7F", 5)).props.user_property("weir-error"), "a b  ");
    EXPECT_EQ(letter("\xFF!").props.user_property("weir-error"), "?!");
    std::string umlauts;
    for (int i = 0; i < 600; ++i)
        umlauts += "\xC3\xBC";
    const auto m = letter("x" + umlauts);
    EXPECT_EQ(m.props.user_property("weir-error"), "x" + umlauts.substr(0, 998)) << "whole characters";
}

TEST_F(dead_letter_message, can_be_an_object_that_says_everything) {
    options.config.proto_ver = mqtt::protocol_version::v4;
    options.dead_letter.form = dead_letter_form::json;
    EXPECT_EQ(
        letter("say \"why\"").payload.text(),
        R"({"topic":"a/b","qos":1,"retain":false,"client_id":"me_0",)"
        R"("received_at":"2025-03-01T08:15:30.000125Z","attempts":3,"error":"say \"why\"",)"
        R"("payload":"{\"x\":\u000a1}"})");
    record.received.payload = bytes::copy("\xFF\xFE");
    EXPECT_THAT(std::string(letter().payload.text()), HasSubstr(R"("payload_base64":"//4=")"));
    EXPECT_TRUE(letter().props.empty());
    options.config.proto_ver = mqtt::protocol_version::v5;
    EXPECT_EQ(letter().props.text(property_id::content_type), "application/json");
}

} // namespace
} // namespace weir::connector
