#include "codec/property_table.hpp"

#include <weir/mqtt/codec/check_outgoing.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace weir::mqtt {
namespace {

using testing::HasSubstr;

constexpr auto v4 = protocol_version::v4;
constexpr auto v5 = protocol_version::v5;

bytes b(std::string_view text) {
    return bytes::copy(text);
}

void expect_fault(const std::optional<error>& found, errc code, const std::string& detail) {
    ASSERT_TRUE(found) << detail;
    EXPECT_EQ(found->code, make_error_code(code)) << found->message();
    EXPECT_THAT(found->detail, HasSubstr(detail));
}

properties only(property_id id, std::uint32_t value) {
    return {property{id, value}};
}

TEST(check_outgoing, a_property_the_packet_does_not_have) {
    expect_fault(
        check_properties(only(property_id::receive_maximum, 1), packet_type::publish, v5),
        errc::property_invalid, "receive_maximum is not a property of PUBLISH");
    expect_fault(
        check_properties(only(property_id::server_keep_alive, 1), packet_type::connect, v5),
        errc::property_invalid, "server_keep_alive is not a property of CONNECT");
    expect_fault(
        check_properties(only(property_id::subscription_identifier, 1), packet_type::publish, v5),
        errc::property_invalid, "subscription_identifier is not a property of PUBLISH sent by a client");
    expect_fault(
        check_properties(only(static_cast<property_id>(0x04), 1), packet_type::publish, v5),
        errc::property_invalid, "no property 4");
    expect_fault(
        check_properties(only(static_cast<property_id>(0xFF), 1), packet_type::publish, v5),
        errc::property_invalid, "no property 255");
}

TEST(check_outgoing, a_property_out_of_range_repeated_or_of_another_type) {
    expect_fault(
        check_properties(only(property_id::topic_alias, 65'536), packet_type::publish, v5),
        errc::property_invalid, "topic_alias must be 1..65535, got 65536");
    expect_fault(
        check_properties(only(property_id::receive_maximum, 0), packet_type::connect, v5),
        errc::property_invalid, "receive_maximum must be 1..65535, got 0");
    properties twice{{property_id::topic_alias, 1u}, {property_id::topic_alias, 2u}};
    expect_fault(
        check_properties(twice, packet_type::publish, v5), errc::property_invalid,
        "topic_alias may be given only once");
    properties ids{{property_id::subscription_identifier, 1u}, {property_id::subscription_identifier, 2u}};
    expect_fault(check_properties(ids, packet_type::subscribe, v5), errc::property_invalid, "only once");
    expect_fault(
        check_properties(only(property_id::content_type, 1), packet_type::publish, v5),
        errc::property_invalid, "content_type takes a string");
    expect_fault(
        check_properties({{property_id::topic_alias, b("1")}}, packet_type::publish, v5),
        errc::property_invalid, "topic_alias takes a number");
    expect_fault(
        check_properties({{property_id::user_property, b("k")}}, packet_type::publish, v5),
        errc::property_invalid, "user_property takes a name and a value");
}

TEST(check_outgoing, a_property_that_is_no_utf_8_or_too_long) {
    properties p;
    p.set(property_id::content_type, "\xFF");
    expect_fault(
        check_properties(p, packet_type::publish, v5), errc::property_invalid,
        "content_type is not a UTF-8 string");
    p.set(property_id::content_type, std::string(65'536, 'x'));
    expect_fault(
        check_properties(p, packet_type::publish, v5), errc::property_invalid,
        "content_type holds at most 65535 bytes, got 65536");
    properties user;
    user.add_user_property("k", "\xED\xA0\x80");
    expect_fault(
        check_properties(user, packet_type::publish, v5), errc::property_invalid, "user_property is not");
    properties binary;
    binary.set(property_id::correlation_data, "\xFF");
    EXPECT_FALSE(check_properties(binary, packet_type::publish, v5));
    properties response;
    response.set(property_id::response_topic, "a/#");
    expect_fault(check_properties(response, packet_type::publish, v5), errc::property_invalid, "got \"a/#\"");
}

TEST(check_outgoing, authentication_data_needs_a_method) {
    properties p;
    p.set(property_id::authentication_data, "d");
    expect_fault(
        check_properties(p, packet_type::connect, v5), errc::property_invalid,
        "without authentication_method");
    p.set(property_id::authentication_method, "m");
    EXPECT_FALSE(check_properties(p, packet_type::connect, v5));
}

TEST(check_outgoing, no_property_at_all_on_3_x) {
    for (std::uint32_t id = 0; id < 64; ++id) {
        if (find_rule(id) == nullptr) continue;
        const auto p = only(static_cast<property_id>(id), 1);
        for (const auto version : {protocol_version::v3, v4})
            expect_fault(
                check_properties(p, packet_type::publish, version), errc::unsupported_by_version,
                std::string(to_string(static_cast<property_id>(id))));
    }
    EXPECT_FALSE(check_properties({}, packet_type::publish, v4));
}

TEST(check_outgoing, publish) {
    EXPECT_FALSE(check_outgoing(publish{.topic = b("$SYS/a")}, v4));
    expect_fault(check_outgoing(publish{}, v5), errc::topic_name_invalid, "\"\"");
    expect_fault(check_outgoing(publish{.topic = b("a/+")}, v5), errc::topic_name_invalid, "\"a/+\"");
    expect_fault(
        check_outgoing(publish{.topic = b("$share/g/t")}, v5), errc::topic_name_invalid,
        "shared subscription");
    EXPECT_FALSE(check_outgoing(publish{.props = only(property_id::topic_alias, 1)}, v5));
    expect_fault(
        check_outgoing(publish{.props = only(property_id::topic_alias, 1)}, v4), errc::unsupported_by_version,
        "topic_alias needs v5, this is v4");
}

TEST(check_outgoing, publish_of_a_payload_the_protocol_cannot_carry) {
    static const char one = 'x';
    // Only the size is looked at, so no memory of that size is needed.
    const bytes huge{nullptr, reinterpret_cast<const std::byte*>(&one), 268'435'452};
    expect_fault(
        check_outgoing(publish{.topic = b("t"), .payload = huge}, v5), errc::payload_too_large, "268435452");
    const bytes just{nullptr, reinterpret_cast<const std::byte*>(&one), 268'435'451};
    EXPECT_FALSE(check_outgoing(publish{.topic = b("t"), .payload = just}, v5));
}

TEST(check_outgoing, subscribe_and_unsubscribe) {
    EXPECT_FALSE(check_outgoing(subscribe{.subscriptions = {{.filter = "a/#"}}}, v4));
    expect_fault(check_outgoing(subscribe{}, v5), errc::topic_filter_invalid, "at least one");
    expect_fault(
        check_outgoing(subscribe{.subscriptions = {{.filter = "a#"}}}, v5), errc::topic_filter_invalid,
        "\"a#\"");
    expect_fault(
        check_outgoing(subscription{.filter = "a", .no_local = true}, v4), errc::unsupported_by_version,
        "no_local");
    expect_fault(
        check_outgoing(subscription{.filter = "a", .retain_as_published = true}, v4),
        errc::unsupported_by_version, "retain_as_published");
    expect_fault(
        check_outgoing(subscription{.filter = "a", .retain_handling = retain_handling::send_if_new}, v4),
        errc::unsupported_by_version, "retain_handling");
    expect_fault(
        check_outgoing(subscription{.filter = "$share/g/a", .no_local = true}, v5), errc::option_invalid,
        "no_local on the shared subscription");
    expect_fault(check_outgoing(unsubscribe{}, v5), errc::topic_filter_invalid, "at least one");
    expect_fault(
        check_outgoing(unsubscribe{.filters = {"$share/g"}}, v5), errc::topic_filter_invalid, "$share/g");
    EXPECT_FALSE(check_outgoing(unsubscribe{.filters = {"$share/g/a"}}, v5));
}

TEST(check_outgoing, acks_disconnect_and_auth) {
    EXPECT_FALSE(check_outgoing(ack{.code = reason_code::quota_exceeded}, v5));
    expect_fault(
        check_outgoing(ack{.code = reason_code::quota_exceeded}, v4), errc::unsupported_by_version,
        "151 (quota_exceeded)");
    expect_fault(
        check_outgoing(ack{.type = ack_type::pubrel, .code = reason_code::quota_exceeded}, v5),
        errc::option_invalid, "PUBREL");
    EXPECT_FALSE(check_outgoing(disconnect{}, v4));
    EXPECT_FALSE(check_outgoing(disconnect{.code = reason_code::disconnect_with_will_message}, v5));
    expect_fault(
        check_outgoing(disconnect{.code = reason_code::server_moved}, v5), errc::option_invalid,
        "server_moved");
    expect_fault(
        check_outgoing(disconnect{.code = reason_code::disconnect_with_will_message}, v4),
        errc::unsupported_by_version, "disconnect_with_will_message");
    EXPECT_FALSE(check_outgoing(auth{.code = reason_code::reauthenticate}, v5));
    expect_fault(check_outgoing(auth{.code = reason_code::success}, v5), errc::option_invalid, "AUTH");
    expect_fault(
        check_outgoing(auth{.code = reason_code::reauthenticate}, v4), errc::unsupported_by_version, "AUTH");
}

TEST(check_outgoing, connect) {
    EXPECT_FALSE(check_outgoing(connect{.client_id = "c", .username = "u", .password = "\xFF"}));
    expect_fault(check_outgoing(connect{.client_id = "\xFF"}), errc::option_invalid, "client identifier");
    expect_fault(
        check_outgoing(connect{.client_id = std::string(65'536, 'c')}), errc::option_invalid, "65536");
    expect_fault(check_outgoing(connect{.username = "\xFF"}), errc::option_invalid, "user name");
    expect_fault(
        check_outgoing(connect{.password = std::string(65'536, 'p')}), errc::option_invalid, "password");
    expect_fault(
        check_outgoing(connect{.version = v4, .password = "p"}), errc::unsupported_by_version,
        "without a user name");
    EXPECT_FALSE(check_outgoing(connect{.version = v5, .password = "p"}));
    expect_fault(
        check_outgoing(connect{.version = v5, .bridge_mode = true}), errc::option_invalid, "bridge_mode");
    EXPECT_FALSE(check_outgoing(connect{.version = v4, .bridge_mode = true}));
    expect_fault(check_outgoing(connect{.will = will{.topic = "a/#"}}), errc::topic_name_invalid, "a/#");
    expect_fault(
        check_outgoing(connect{.will = will{.topic = "a", .payload = std::string(65'536, 'x')}}),
        errc::option_invalid, "will's payload");
    expect_fault(
        check_outgoing(connect{.will = will{.topic = "a", .props = only(property_id::topic_alias, 1)}}),
        errc::property_invalid, "topic_alias is not a property of will");
}

TEST(check_outgoing, never_repeats_a_secret) {
    const auto found = check_outgoing(connect{.password = "hunter2" + std::string(65'536, 'p')});
    ASSERT_TRUE(found);
    EXPECT_THAT(found->message(), testing::Not(HasSubstr("hunter2")));
}

} // namespace
} // namespace weir::mqtt
