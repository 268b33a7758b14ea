#include "../support/decode.hpp"

#include <gtest/gtest.h>

#include <string>

/// Every packet of every version beside its bytes as the standard has them, read and written.
namespace weir::mqtt {
namespace {

using test::raw;
using test::to_hex;

constexpr auto v3 = protocol_version::v3;
constexpr auto v4 = protocol_version::v4;
constexpr auto v5 = protocol_version::v5;

bytes b(std::string_view text) {
    return bytes::copy(text);
}

struct sample {
    const char* name;
    peer sender;
    protocol_version version;
    const char* hex;
    packet value;
};

std::vector<sample> connects() {
    connect full{.version = v5, .clean_start = false, .keep_alive = 10, .client_id = "c"};
    full.will =
        will{.topic = "w", .payload = std::string("\0x", 2), .qos = qos::exactly_once, .retain = true};
    full.will->props.set(property_id::will_delay_interval, 5);
    full.username = "u";
    full.password = "p";
    full.props.set(property_id::session_expiry_interval, 0xFFFFFFFF).set(property_id::receive_maximum, 20);
    const connect plain{.version = v4, .clean_start = true, .keep_alive = 60, .client_id = "abc"};
    return {
        {"v3 name", peer::client, v3, "10 0F 0006 'MQIsdp' 03 02 003C 0001 'c'",
         connect{.version = v3, .client_id = "c"}},
        {"v4 plain", peer::client, v4, "10 0F 0004 'MQTT' 04 02 003C 0003 'abc'", plain},
        {"v4 bridge", peer::client, v4, "10 0D 0004 'MQTT' 84 00 0000 0001 'c'",
         connect{
             .version = v4, .bridge_mode = true, .clean_start = false, .keep_alive = 0, .client_id = "c"}},
        {"v4 user and password", peer::client, v4, "10 12 0004 'MQTT' 04 C2 003C 0000 0001 'u' 0001 70",
         connect{.version = v4, .username = "u", .password = "p"}},
        {"v4 will", peer::client, v4, "10 15 0004 'MQTT' 04 0E 003C 0000 0003 'a/b' 0002 'hi'",
         connect{.version = v4, .will = will{.topic = "a/b", .payload = "hi", .qos = qos::at_least_once}}},
        {"v5 plain", peer::client, v5, "10 0D 0004 'MQTT' 05 02 003C 00 0000", connect{.version = v5}},
        {"v5 password without user", peer::client, v5, "10 10 0004 'MQTT' 05 42 003C 00 0000 0001 'p'",
         connect{.version = v5, .password = "p"}},
        {"v5 full", peer::client, v5,
         "10 29 0004 'MQTT' 05 F4 000A 08 11 FFFFFFFF 21 0014 0001 'c'"
         " 05 18 00000005 0001 'w' 0002 00 'x' 0001 'u' 0001 'p'",
         full},
    };
}

std::vector<sample> connacks() {
    connack full{.session_present = true};
    full.props.set(property_id::assigned_client_identifier, "id").set(property_id::maximum_qos, 1);
    full.props.add_user_property("k", "v").add_user_property("k", "w");
    return {
        {"v3", peer::server, v3, "20 02 00 00", connack{}},
        {"v3 refusal", peer::server, v3, "20 02 00 05", connack{.code = 5}},
        {"v4 session present", peer::server, v4, "20 02 01 00", connack{.session_present = true}},
        {"v4 refusal", peer::server, v4, "20 02 00 01", connack{.code = 1}},
        {"v5", peer::server, v5, "20 03 00 00 00", connack{}},
        {"v5 refusal", peer::server, v5, "20 03 00 87 00", connack{.code = 0x87}},
        {"v5 full", peer::server, v5,
         "20 18 01 00 15 12 0002 'id' 24 01 26 0001 'k' 0001 'v' 26 0001 'k' 0001 'w'", full},
    };
}

std::vector<sample> publishes() {
    publish full{
        .topic = b("t"),
        .payload = b("data"),
        .qos = qos::exactly_once,
        .retain = true,
        .dup = true,
        .packet_id = 0x1234};
    full.props.set(property_id::topic_alias, 3)
        .set(property_id::correlation_data, std::string_view("\0\1", 2));
    publish identified{.topic = b("t")};
    identified.props.append({property_id::subscription_identifier, 1u});
    identified.props.append({property_id::subscription_identifier, 268'435'455u});
    publish aliased{.payload = b("x")};
    aliased.props.set(property_id::topic_alias, 1);
    return {
        {"v4 QoS 0", peer::server, v4, "30 06 0003 'a/b' 'x'", publish{.topic = b("a/b"), .payload = b("x")}},
        {"v4 empty payload", peer::client, v4, "31 03 0001 't'", publish{.topic = b("t"), .retain = true}},
        {"v4 QoS 1", peer::server, v4, "32 06 0001 't' 000A 'x'",
         publish{.topic = b("t"), .payload = b("x"), .qos = qos::at_least_once, .packet_id = 10}},
        {"v3 QoS 2 repeated", peer::server, v3, "3C 05 0001 't' FFFF",
         publish{.topic = b("t"), .qos = qos::exactly_once, .dup = true, .packet_id = 0xFFFF}},
        {"v5 without properties", peer::server, v5, "30 05 0001 't' 00 'x'",
         publish{.topic = b("t"), .payload = b("x")}},
        {"v5 full", peer::server, v5, "3D 12 0001 't' 1234 08 23 0003 09 0002 0001 'data'", full},
        {"v5 two subscription identifiers", peer::server, v5, "30 0B 0001 't' 07 0B 01 0B FFFFFF7F",
         identified},
        {"v5 alias only", peer::client, v5, "30 07 0000 03 23 0001 'x'", aliased},
    };
}

std::vector<sample> acks() {
    ack explained{.type = ack_type::pubrec, .packet_id = 1, .code = reason_code::quota_exceeded};
    explained.props.set(property_id::reason_string, "no");
    ack noted{.type = ack_type::puback, .packet_id = 1};
    noted.props.add_user_property("k", "v");
    return {
        {"v4 PUBACK", peer::server, v4, "40 02 0001", ack{.type = ack_type::puback, .packet_id = 1}},
        {"v4 PUBREC", peer::client, v4, "50 02 FFFE", ack{.type = ack_type::pubrec, .packet_id = 0xFFFE}},
        {"v3 PUBREL", peer::server, v3, "62 02 0001", ack{.type = ack_type::pubrel, .packet_id = 1}},
        {"v4 PUBCOMP", peer::server, v4, "70 02 0100", ack{.type = ack_type::pubcomp, .packet_id = 256}},
        {"v5 PUBACK", peer::client, v5, "40 02 0001", ack{.type = ack_type::puback, .packet_id = 1}},
        {"v5 PUBREL", peer::client, v5, "62 02 0001", ack{.type = ack_type::pubrel, .packet_id = 1}},
        {"v5 PUBCOMP code", peer::server, v5, "70 03 0001 92",
         ack{.type = ack_type::pubcomp, .packet_id = 1, .code = reason_code::packet_identifier_not_found}},
        {"v5 PUBREC code and reason", peer::server, v5, "50 09 0001 97 05 1F 0002 'no'", explained},
        {"v5 success with properties", peer::server, v5, "40 0B 0001 00 07 26 0001 'k' 0001 'v'", noted},
    };
}

std::vector<sample> subscriptions() {
    subscribe full{.packet_id = 1};
    full.subscriptions = {
        {.filter = "a/+",
         .qos = qos::exactly_once,
         .no_local = true,
         .retain_as_published = true,
         .retain_handling = retain_handling::do_not_send},
        {.filter = "$share/g/#"}};
    full.props.set(property_id::subscription_identifier, 128);
    return {
        {"v4 SUBSCRIBE", peer::client, v4, "82 0A 0001 0001 'a' 01 0001 '#' 02",
         subscribe{.packet_id = 1, .subscriptions = {{"a", qos::at_least_once}, {"#", qos::exactly_once}}}},
        {"v5 SUBSCRIBE", peer::client, v5, "82 19 0001 03 0B 8001 0003 'a/+' 2E 000A '$share/g/#' 00", full},
        {"v3 SUBACK", peer::server, v3, "90 03 0001 02",
         suback{.packet_id = 1, .codes = {reason_code::granted_qos_2}}},
        {"v4 SUBACK", peer::server, v4, "90 04 0001 00 80",
         suback{.packet_id = 1, .codes = {reason_code::granted_qos_0, reason_code::unspecified_error}}},
        {"v5 SUBACK", peer::server, v5, "90 05 0001 00 01 9E",
         suback{
             .packet_id = 1,
             .codes = {reason_code::granted_qos_1, reason_code::shared_subscriptions_not_supported}}},
        {"v4 UNSUBSCRIBE", peer::client, v4, "A2 08 0001 0001 'a' 0001 'b'",
         unsubscribe{.packet_id = 1, .filters = {"a", "b"}}},
        {"v5 UNSUBSCRIBE", peer::client, v5, "A2 06 0001 00 0001 'a'",
         unsubscribe{.packet_id = 1, .filters = {"a"}}},
        {"v4 UNSUBACK", peer::server, v4, "B0 02 0001", unsuback{.packet_id = 1}},
        {"v5 UNSUBACK", peer::server, v5, "B0 05 0001 00 00 11",
         unsuback{.packet_id = 1, .codes = {reason_code::success, reason_code::no_subscription_existed}}},
    };
}

std::vector<sample> others() {
    disconnect moved{.code = reason_code::server_moved};
    moved.props.set(property_id::server_reference, "h");
    disconnect expiring{};
    expiring.props.set(property_id::session_expiry_interval, 0);
    auth step{.code = reason_code::continue_authentication};
    step.props.set(property_id::authentication_method, "m").set(property_id::authentication_data, "d");
    return {
        {"PINGREQ", peer::client, v4, "C0 00", pingreq{}},
        {"PINGRESP", peer::server, v5, "D0 00", pingresp{}},
        {"v4 DISCONNECT", peer::client, v4, "E0 00", disconnect{}},
        {"v5 DISCONNECT", peer::client, v5, "E0 00", disconnect{}},
        {"v5 DISCONNECT with will", peer::client, v5, "E0 01 04",
         disconnect{.code = reason_code::disconnect_with_will_message}},
        {"v5 DISCONNECT with properties", peer::server, v5, "E0 06 9D 04 1C 0001 'h'", moved},
        {"v5 DISCONNECT with expiry", peer::client, v5, "E0 07 00 05 11 00000000", expiring},
        {"v5 AUTH success", peer::server, v5, "F0 00", auth{}},
        {"v5 AUTH step", peer::server, v5, "F0 0A 18 08 15 0001 'm' 16 0001 'd'", step},
    };
}

std::vector<sample> all_samples() {
    std::vector<sample> all;
    for (auto part : {connects(), connacks(), publishes(), acks(), subscriptions(), others()})
        all.insert(all.end(), part.begin(), part.end());
    return all;
}

TEST(packet_bytes, are_written_as_the_standard_has_them) {
    for (const sample& s : all_samples()) {
        EXPECT_EQ(to_hex(test::encoded(s.value, s.version)), to_hex(raw(s.hex))) << s.name;
        EXPECT_EQ(encoded_size(s.value, s.version), raw(s.hex).size()) << s.name;
    }
}

TEST(packet_bytes, are_read_as_the_standard_has_them) {
    for (const sample& s : all_samples()) {
        const auto got = test::decode(raw(s.hex), {.sender = s.sender, .version = s.version});
        ASSERT_FALSE(got.failed) << s.name << ": " << got.failed->text;
        ASSERT_EQ(got.packets.size(), 1u) << s.name;
        EXPECT_TRUE(got.packets[0] == s.value) << s.name;
    }
}

TEST(packet_bytes, fields_a_version_does_not_know_are_left_out) {
    publish p{.topic = b("t")};
    p.props.set(property_id::topic_alias, 1);
    EXPECT_EQ(to_hex(test::encoded(p, v4)), "30 03 00 01 74");
    const ack refused{.packet_id = 1, .code = reason_code::quota_exceeded};
    EXPECT_EQ(to_hex(test::encoded(refused, v4)), "40 02 00 01");
    EXPECT_EQ(to_hex(test::encoded(disconnect{.code = reason_code::protocol_error}, v4)), "E0 00");
    const subscribe s{.packet_id = 1, .subscriptions = {{.filter = "a", .no_local = true}}};
    EXPECT_EQ(to_hex(test::encoded(s, v4)), "82 06 00 01 00 01 61 00");
}

TEST(packet_bytes, longer_forms_of_the_same_packet_are_read) {
    const ack success{.type = ack_type::puback, .packet_id = 1};
    for (const char* hex : {"40 02 0001", "40 03 0001 00", "40 04 0001 00 00"}) {
        const auto got = test::decode(raw(hex), test::from_server(v5));
        ASSERT_EQ(got.packets.size(), 1u) << hex;
        EXPECT_TRUE(got.packets[0] == packet{success}) << hex;
    }
    for (const char* hex : {"E0 00", "E0 01 00", "E0 02 00 00"}) {
        const auto got = test::decode(raw(hex), test::from_server(v5));
        ASSERT_EQ(got.packets.size(), 1u) << hex;
        EXPECT_TRUE(got.packets[0] == packet{disconnect{}}) << hex;
    }
}

TEST(packet_bytes, the_refusal_of_a_server_that_knows_no_v5_is_understood) {
    const auto got = test::decode(raw("20 02 00 01"), test::from_server(v5));
    ASSERT_EQ(got.packets.size(), 1u);
    EXPECT_EQ(std::get<connack>(got.packets[0]).code, 0x84);
}

TEST(packet_bytes, a_packet_longer_than_the_protocol_can_say_is_not_begun) {
    output_buffer out;
    EXPECT_THROW(encode(publish{.topic = b(std::string(65'536, 't'))}, v5, out), std::length_error);
    EXPECT_TRUE(out.empty());
}

TEST(packet_bytes, a_large_payload_is_shared_and_a_small_one_copied) {
    const auto large = b(std::string(output_buffer::share_threshold, 'x'));
    output_buffer out;
    encode(publish{.topic = b("t"), .payload = large}, v4, out);
    encode(publish{.topic = b("t"), .payload = b("small")}, v4, out);
    ASSERT_EQ(out.segments().size(), 3u);
    EXPECT_EQ(out.segments()[1].data(), large.data());
    EXPECT_EQ(
        test::content(out),
        raw("30 83 20 0001 't'") + std::string(4096, 'x') + raw("30 08 0001 't' 'small'"));
}

} // namespace
} // namespace weir::mqtt
