#include <weir/sinks/json.hpp>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <chrono>
#include <string>

namespace weir::sinks {
namespace {

using namespace std::string_view_literals;
using nlohmann::json;
using id = mqtt::property_id;

constexpr auto a_moment = system_time_point{std::chrono::microseconds{1'740'816'930'000'125}};

TEST(json, line_has_every_fact_of_the_message) {
    const record r{
        .topic = "a/b",
        .payload = "{\"x\":\n1}",
        .qos = mqtt::qos::exactly_once,
        .retain = true,
        .dup = true,
        .client_id = "me_0",
        .received_at = a_moment,
        .attempt = 3};
    EXPECT_EQ(
        to_json_line(r),
        R"({"topic":"a/b","payload":"{\"x\":\n1}","qos":2,"retain":true,"dup":true,"client_id":"me_0",)"
        R"("received_at":"2025-03-01T08:15:30.000125Z","attempt":3,"properties":{}})");
}

TEST(json, line_of_a_dead_letter_says_why_and_after_how_many_attempts) {
    const record r{
        .topic = "a/b", .payload = "x", .client_id = "me_0", .received_at = a_moment, .attempt = 3};
    EXPECT_EQ(
        to_json_line(r, pipeline::failure_stage::handle_batch, "disk \"full\""),
        R"({"topic":"a/b","payload":"x","qos":0,"retain":false,"dup":false,"client_id":"me_0",)"
        R"("received_at":"2025-03-01T08:15:30.000125Z","attempts":3,"stage":"handle_batch",)"
        R"("reason":"disk \"full\"","properties":{}})");
}

TEST(json, payload_that_is_not_text_is_base64) {
    const auto line = json::parse(to_json_line({.topic = "t", .payload = "\xFF\x00\x01"sv}));
    EXPECT_FALSE(line.contains("payload"));
    EXPECT_EQ(line.at("payload_base64"), "/wAB");
}

TEST(json, payload_with_every_control_character_stays_on_one_line) {
    std::string all;
    for (char c = 0; c < 0x20; ++c)
        all += c;
    const auto line = to_json_line({.topic = "t", .payload = all});
    EXPECT_EQ(line.find('\n'), std::string::npos);
    EXPECT_EQ(json::parse(line).at("payload"), all);
}

TEST(json, no_properties_are_an_empty_object) {
    EXPECT_EQ(to_json(mqtt::properties{}), "{}");
}

TEST(json, properties_stand_under_the_names_of_the_standard) {
    mqtt::properties p;
    p.set(id::payload_format_indicator, 1);
    p.set(id::message_expiry_interval, 3'600);
    p.set(id::content_type, "application/json");
    p.set(id::response_topic, "answers/7");
    p.set(id::correlation_data, "c-17");
    EXPECT_EQ(
        to_json(p),
        R"({"payload_format_indicator":1,"message_expiry_interval":3600,)"
        R"("content_type":"application/json","response_topic":"answers/7","correlation_data":"c-17"})");
}

TEST(json, binary_correlation_data_is_marked_as_base64) {
    mqtt::properties p;
    p.set(id::correlation_data, "\x80\x81");
    EXPECT_EQ(to_json(p), R"({"correlation_data_base64":"gIE="})");
}

TEST(json, user_properties_keep_order_and_repetitions) {
    mqtt::properties p;
    p.add_user_property("b", "1");
    p.add_user_property("a", "2");
    p.add_user_property("b", "3");
    EXPECT_EQ(to_json(p), R"({"user_property":[["b","1"],["a","2"],["b","3"]]})");
}

TEST(json, subscription_identifiers_are_always_an_array) {
    mqtt::properties p;
    p.append({id::subscription_identifier, 5u});
    EXPECT_EQ(to_json(p), R"({"subscription_identifier":[5]})");
    p.append({id::subscription_identifier, 9u});
    EXPECT_EQ(to_json(p), R"({"subscription_identifier":[5,9]})");
}

} // namespace
} // namespace weir::sinks
