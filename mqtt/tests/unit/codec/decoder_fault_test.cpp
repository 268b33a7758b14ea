#include "../support/decode.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

/// Every packet in every way it can be wrong without knowledge of the session: the code to be sent to the
/// peer.
namespace weir::mqtt {
namespace {

using test::raw;

constexpr auto v3 = protocol_version::v3;
constexpr auto v4 = protocol_version::v4;
constexpr auto v5 = protocol_version::v5;

constexpr auto malformed = reason_code::malformed_packet;
constexpr auto protocol = reason_code::protocol_error;

struct fault {
    const char* hex;
    reason_code code;
};

void expect_faults(peer sender, protocol_version version, std::initializer_list<fault> faults) {
    for (const fault& f : faults) {
        const auto got = test::decode(raw(f.hex), {.sender = sender, .version = version});
        ASSERT_TRUE(got.failed) << f.hex << " of " << to_string(version) << " was accepted";
        EXPECT_EQ(got.failed->code, f.code) << f.hex << ": " << got.failed->text;
        EXPECT_FALSE(got.failed->text.empty()) << f.hex;
        EXPECT_TRUE(got.packets.empty()) << f.hex;
    }
}

void expect_accepted(peer sender, protocol_version version, std::initializer_list<const char*> list) {
    for (const char* hex : list) {
        const auto got = test::decode(raw(hex), {.sender = sender, .version = version});
        EXPECT_FALSE(got.failed) << hex << ": " << got.failed->text;
        EXPECT_EQ(got.packets.size(), 1u) << hex;
    }
}

TEST(decoder_fault, a_type_the_sender_may_not_send) {
    for (const auto version : {v3, v4, v5}) {
        expect_faults(
            peer::server, version,
            {{"00 00", protocol},
             {"10 00", protocol},
             {"82 00", protocol},
             {"A2 00", protocol},
             {"C0 00", protocol}});
        expect_faults(
            peer::client, version,
            {{"00 00", protocol},
             {"20 02 00 00", protocol},
             {"90 00", protocol},
             {"B0 00", protocol},
             {"D0 00", protocol}});
    }
    for (const auto version : {v3, v4}) {
        expect_faults(peer::server, version, {{"E0 00", protocol}, {"F0 00", protocol}});
        expect_faults(peer::client, version, {{"F0 00", protocol}});
    }
}

TEST(decoder_fault, the_type_is_judged_by_the_first_byte_alone) {
    expect_faults(peer::server, v5, {{"10", protocol}, {"21", malformed}, {"60", malformed}});
}

TEST(decoder_fault, reserved_flags) {
    for (const auto version : {v4, v5}) {
        expect_faults(
            peer::server, version,
            {{"21 02", malformed},
             {"41 02", malformed},
             {"5F 02", malformed},
             {"60 02", malformed},
             {"63 02", malformed},
             {"6A 02", malformed},
             {"71 02", malformed},
             {"91 03", malformed},
             {"B2 02", malformed},
             {"D1 00", malformed}});
        expect_faults(
            peer::client, version,
            {{"11 00", malformed},
             {"80 00", malformed},
             {"8A 00", malformed},
             {"A0 00", malformed},
             {"C1 00", malformed},
             {"E1 00", malformed}});
    }
    expect_faults(peer::server, v5, {{"E1 00", malformed}, {"F1 00", malformed}});
}

TEST(decoder_fault, mqtt_3_1_marks_repeated_packets_with_dup) {
    expect_accepted(peer::server, v3, {"62 02 0001", "6A 02 0001"});
    expect_accepted(peer::client, v3, {"8A 06 0001 0001 'a' 00", "AA 05 0001 0001 'a'"});
    expect_faults(peer::server, v3, {{"68 02 0001", malformed}, {"48 02 0001", malformed}});
}

TEST(decoder_fault, remaining_length) {
    for (const auto version : {v3, v4, v5})
        expect_faults(peer::server, version, {{"30 FF FF FF FF", malformed}, {"30 80 80 80 80", malformed}});
    expect_faults(peer::server, v5, {{"D0 80 00", malformed}, {"40 82 00 0001", malformed}});
    expect_accepted(peer::server, v4, {"D0 80 00", "40 82 80 00 0001"}); // only v5 asks for the shortest form
}

TEST(decoder_fault, connack) {
    for (const auto version : {v4, v5}) {
        const bool is_v5 = version == v5;
        expect_faults(
            peer::server, version,
            {{is_v5 ? "20 03 02 00 00" : "20 02 02 00", malformed},
             {is_v5 ? "20 03 80 00 00" : "20 02 80 00", malformed},
             {is_v5 ? "20 03 01 87 00" : "20 02 01 05", protocol},
             {"20 00", malformed},
             {"20 01 00", malformed}});
    }
    expect_faults(
        peer::server, v4,
        {{"20 02 00 06", protocol}, {"20 02 00 87", protocol}, {"20 03 00 00 00", malformed}});
    expect_faults(
        peer::server, v5,
        {{"20 02 00 00", malformed},
         {"20 02 00 02", protocol},
         {"20 03 00 01 00", protocol},
         {"20 03 00 8E 00", protocol},
         {"20 03 00 FF 00", protocol},
         {"20 04 00 00 00 00", malformed},
         {"20 04 00 00 02 24", malformed}});
    expect_accepted(peer::server, v3, {"20 02 FF 00"}); // a reserved byte in 3.1
}

TEST(decoder_fault, publish) {
    for (const auto version : {v3, v4}) {
        expect_faults(
            peer::server, version,
            {{"36 05 0001 't' 0001", malformed},
             {"38 03 0001 't'", malformed},
             {"32 05 0001 't' 0000", protocol},
             {"34 05 0001 't' 0000", protocol},
             {"32 04 0001 't' 00", malformed},
             {"30 03 0001 '+'", reason_code::topic_name_invalid},
             {"30 05 0003 'a/#'", reason_code::topic_name_invalid},
             {"30 02 0000", protocol},
             {"30 03 0002 't'", malformed},
             {"30 01 00", malformed},
             {"30 00", malformed}});
    }
    expect_faults(
        peer::server, v5,
        {{"36 06 0001 't' 0001 00", malformed},
         {"38 04 0001 't' 00", malformed},
         {"32 06 0001 't' 0000 00", protocol},
         {"30 04 0001 '#' 00", reason_code::topic_name_invalid},
         {"30 03 0000 00", protocol},
         {"30 06 0000 03 23 0000", reason_code::topic_alias_invalid},
         {"30 07 0001 't' 03 23 0000", reason_code::topic_alias_invalid},
         {"30 03 0001 't'", malformed},
         {"30 05 0001 't' 02 01", malformed},
         {"30 05 0001 't' 01 01", malformed},
         {"30 08 0001 't' 04 08 0001 '+'", protocol},
         {"30 07 0001 't' 03 08 0000", protocol},
         {"30 06 0001 't' 02 0B 00", protocol}});
    expect_faults(peer::client, v5, {{"30 06 0001 't' 02 0B 01", protocol}}); // only servers send it
}

TEST(decoder_fault, acks) {
    for (const char* type : {"40", "50", "62", "70"}) {
        const auto with = [type](const char* rest) { return std::string(type) + rest; };
        const auto zero = with("02 0000");
        const auto one_byte = with("01 00");
        const auto empty = with("00");
        const auto with_code = with("03 0001 00");
        const auto code_of_another = with("03 0001 01");
        const auto properties_cut = with("04 0001 00 01");
        const auto left_over = with("05 0001 00 00 00");
        const auto unknown_code = with("03 0001 A5");
        for (const auto version : {v3, v4, v5})
            expect_faults(
                peer::server, version,
                {{zero.c_str(), protocol}, {one_byte.c_str(), malformed}, {empty.c_str(), malformed}});
        for (const auto version : {v3, v4})
            expect_faults(peer::server, version, {{with_code.c_str(), malformed}});
        expect_faults(
            peer::server, v5,
            {{code_of_another.c_str(), protocol},
             {unknown_code.c_str(), protocol},
             {properties_cut.c_str(), malformed},
             {left_over.c_str(), malformed}});
    }
    expect_faults(
        peer::server, v5,
        {{"62 03 0001 97", protocol}, {"70 03 0001 10", protocol}, {"40 03 0001 92", protocol}});
    expect_accepted(peer::server, v5, {"40 03 0001 10", "50 03 0001 97", "62 03 0001 92", "70 03 0001 92"});
}

TEST(decoder_fault, suback_and_unsuback) {
    for (const auto version : {v3, v4}) {
        expect_faults(
            peer::server, version,
            {{"90 03 0000 00", protocol},
             {"90 03 0001 03", protocol},
             {"90 03 0001 87", protocol},
             {"90 02 0001", protocol},
             {"90 01 00", malformed},
             {"B0 03 0001 00", malformed},
             {"B0 02 0000", protocol},
             {"B0 01 00", malformed}});
        expect_accepted(peer::server, version, {"90 04 0001 00 80"});
    }
    expect_faults(
        peer::server, v5,
        {{"90 04 0000 00 00", protocol},
         {"90 04 0001 00 03", protocol},
         {"90 04 0001 00 11", protocol},
         {"90 03 0001 00", protocol},
         {"90 02 0001", malformed},
         {"90 04 0001 01 00", malformed},
         {"B0 03 0001 00", protocol},
         {"B0 02 0001", malformed},
         {"B0 04 0001 00 01", protocol},
         {"B0 04 0000 00 00", protocol}});
}

TEST(decoder_fault, pings) {
    for (const auto version : {v3, v4, v5}) {
        expect_faults(peer::server, version, {{"D0 01 00", malformed}, {"D0 FF 7F", malformed}});
        expect_faults(peer::client, version, {{"C0 01 00", malformed}});
    }
}

TEST(decoder_fault, disconnect) {
    expect_faults(
        peer::server, v5,
        {{"E0 01 04", protocol},
         {"E0 01 01", protocol},
         {"E0 07 00 05 11 00000000", protocol},
         {"E0 02 00 01", malformed},
         {"E0 03 00 00 00", malformed}});
    expect_faults(
        peer::client, v5,
        {{"E0 01 8B", protocol}, {"E0 01 8E", protocol}, {"E0 06 00 04 1C 0001 'h'", protocol}});
    expect_faults(peer::client, v4, {{"E0 01 00", malformed}});
    expect_accepted(peer::server, v5, {"E0 01 8B", "E0 01 8E", "E0 01 00"});
    expect_accepted(peer::client, v5, {"E0 01 04", "E0 01 93", "E0 07 00 05 11 00000000"});
}

TEST(decoder_fault, auth) {
    expect_faults(
        peer::server, v5,
        {{"F0 01 18", malformed},
         {"F0 02 19 00", protocol},
         {"F0 02 80 00", protocol},
         {"F0 03 18 00 00", malformed},
         {"F0 06 18 04 16 0001 'd'", protocol}});
    expect_faults(peer::client, v5, {{"F0 02 00 00", protocol}, {"F0 00", malformed}});
    expect_accepted(peer::client, v5, {"F0 06 19 04 15 0001 'm'"});
}

TEST(decoder_fault, connect) {
    expect_faults(
        peer::client, v4,
        {{"10 0C 0004 'MQTT' 06 02 003C 0000", reason_code::unsupported_protocol_version},
         {"10 0C 0004 'MQTX' 04 02 003C 0000", reason_code::unsupported_protocol_version},
         {"10 0C 0004 'MQTT' 03 02 003C 0000", reason_code::unsupported_protocol_version},
         {"10 0D 0004 'MQTT' 85 02 003C 00 0000", reason_code::unsupported_protocol_version},
         {"10 0C 0004 'MQTT' 04 03 003C 0000", malformed},
         {"10 0C 0004 'MQTT' 04 0A 003C 0000", malformed},
         {"10 0C 0004 'MQTT' 04 22 003C 0000", malformed},
         {"10 0C 0004 'MQTT' 04 1E 003C 0000", malformed},
         {"10 0F 0004 'MQTT' 04 42 003C 0000 0001 'p'", malformed},
         {"10 11 0004 'MQTT' 04 06 003C 0000 0001 '+' 0000", reason_code::topic_name_invalid},
         {"10 0D 0004 'MQTT' 04 02 003C 0000 00", malformed},
         {"10 0B 0004 'MQTT' 04 02 003C 00", malformed},
         {"10 0C 0004 'MQTT' 04 82 003C 0000", malformed},
         {"10 00", malformed}});
    expect_faults(
        peer::client, v5,
        {{"10 0C 0004 'MQTT' 05 02 003C 0000", malformed},
         {"10 10 0004 'MQTT' 05 02 003C 03 21 0000 0000", protocol},
         {"10 0F 0004 'MQTT' 05 02 003C 02 24 01 0000", malformed},
         {"10 11 0004 'MQTT' 05 02 003C 04 16 0001 'd' 0000", protocol},
         {"10 12 0004 'MQTT' 05 02 003C 05 18 00000001 0000", malformed}});
}

TEST(decoder_fault, subscribe_and_unsubscribe) {
    expect_faults(
        peer::client, v4,
        {{"82 06 0000 0001 'a' 00", protocol},
         {"82 02 0001", protocol},
         {"82 06 0001 0001 'a' 03", malformed},
         {"82 06 0001 0001 'a' 04", malformed},
         {"82 05 0001 0001 'a'", malformed},
         {"82 05 0001 0000 00", reason_code::topic_filter_invalid},
         {"82 07 0001 0002 'a#' 00", reason_code::topic_filter_invalid},
         {"A2 02 0001", protocol},
         {"A2 05 0000 0001 'a'", protocol},
         {"A2 06 0001 0002 '#a'", reason_code::topic_filter_invalid}});
    expect_faults(
        peer::client, v5,
        {{"82 07 0001 00 0001 'a' 03", protocol},
         {"82 07 0001 00 0001 'a' 30", protocol},
         {"82 07 0001 00 0001 'a' 40", malformed},
         {"82 10 0001 00 000A '$share/g/a' 04", protocol},
         {"82 0B 0001 04 0B 01 0B 02 0001 'a' 00", protocol},
         {"82 09 0001 02 0B 00 0001 'a' 00", protocol},
         {"82 0D 0001 06 0B FFFFFFFF 01 0001 'a' 00", malformed}});
}

TEST(decoder_fault, problem_information_that_was_not_asked_for) {
    const decoder::settings quiet{.sender = peer::server, .version = v5, .problem_information = false};
    for (const char* hex :
         {"40 08 0001 00 04 1F 0001 'n'", "50 0B 0001 00 07 26 0001 'k' 0001 'v'",
          "90 08 0001 04 1F 0001 'n' 00", "F0 0A 18 08 15 0001 'm' 1F 0001 'n'"}) {
        const auto got = test::decode(raw(hex), quiet);
        ASSERT_TRUE(got.failed) << hex;
        EXPECT_EQ(got.failed->code, protocol) << hex;
        EXPECT_FALSE(test::decode(raw(hex), test::from_server(v5)).failed) << hex;
    }
    for (const char* hex :
         {"30 0B 0001 't' 07 26 0001 'k' 0001 'v'", "20 07 00 00 04 1F 0001 'n'", "E0 06 00 04 1F 0001 'n'"})
        EXPECT_FALSE(test::decode(raw(hex), quiet).failed) << hex;
}

TEST(decoder_fault, strings_that_are_not_utf_8) {
    for (const char* bad : {"FF", "C080", "C3", "EDA080", "EDBFBF", "F8888080", "F4908080", "E282", "00"}) {
        const auto text = raw(bad);
        const auto length = static_cast<char>(text.size());
        const auto field = std::string(1, '\0') + length + text;
        const auto publish_v4 = std::string("\x30") + static_cast<char>(field.size()) + field;
        EXPECT_EQ(test::decode(publish_v4, test::from_server(v4)).failed.value().code, malformed) << bad;
        const auto reason = std::string("\x1F") + field;
        const auto ack_v5 = std::string("\x40") + static_cast<char>(4 + reason.size()) + raw("0001 00") +
                            static_cast<char>(reason.size()) + reason;
        EXPECT_EQ(test::decode(ack_v5, test::from_server(v5)).failed.value().code, malformed) << bad;
        const auto pair = std::string("\x26") + raw("0001 'k'") + field;
        const auto user = std::string("\x40") + static_cast<char>(4 + pair.size()) + raw("0001 00") +
                          static_cast<char>(pair.size()) + pair;
        EXPECT_EQ(test::decode(user, test::from_server(v5)).failed.value().code, malformed) << bad;
    }
    const auto good = test::decode(raw("30 0A 0008 EFBBBF 01 F09D849E"), test::from_server(v4));
    ASSERT_EQ(good.packets.size(), 1u); // U+FEFF stays, control characters are allowed
    EXPECT_EQ(std::get<publish>(good.packets[0]).topic, raw("EFBBBF 01 F09D849E"));
}

TEST(decoder_fault, nothing_more_is_taken_after_a_fault) {
    decoder d{test::from_server(v5)};
    d.feed(bytes::copy(raw("D0 00 00 00 D0 00")));
    packet p;
    EXPECT_EQ(d.next(p), decoder::outcome::ready);
    EXPECT_EQ(d.next(p), decoder::outcome::failed);
    EXPECT_EQ(d.next(p), decoder::outcome::failed);
    EXPECT_EQ(d.last_error().code, protocol);
    EXPECT_EQ(d.buffered(), 0u);
    d.feed(bytes::copy(raw("D0 00")));
    EXPECT_EQ(d.buffered(), 0u);
    d.reset(test::from_server(v5));
    d.feed(bytes::copy(raw("D0 00")));
    EXPECT_EQ(d.next(p), decoder::outcome::ready);
}

TEST(decoder_fault, a_larger_packet_is_refused_by_its_fixed_header) {
    const decoder::settings small{.sender = peer::server, .version = v4, .maximum_packet_size = 1'024};
    decoder d{small};
    d.feed(bytes::copy(raw("30 80 80 80 32 0003 'a/b' 'the payload begins'")));
    packet p;
    ASSERT_EQ(d.next(p), decoder::outcome::failed);
    EXPECT_EQ(d.last_error().code, reason_code::packet_too_large);
    EXPECT_EQ(d.last_error().packet_size, 104'857'605u);
    EXPECT_EQ(d.last_error().topic, "a/b");
    EXPECT_THAT(d.last_error().text, testing::HasSubstr("104857605 bytes, the limit is 1024, topic \"a/b\""));
}

TEST(decoder_fault, the_limit_counts_the_whole_packet) {
    const auto data = raw("30 05 0001 't' 'ab'");
    decoder::settings s{.sender = peer::server, .version = v4, .maximum_packet_size = 7};
    EXPECT_EQ(test::decode(data, s).packets.size(), 1u);
    s.maximum_packet_size = 6;
    EXPECT_EQ(test::decode(data, s).failed.value().code, reason_code::packet_too_large);
}

} // namespace
} // namespace weir::mqtt
