#include "../support/decode.hpp"
#include "codec/property_table.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <string>

/// Each of the 27 properties in each packet: where the standard has it, it passes; elsewhere it does not.
namespace weir::mqtt {
namespace {

using test::raw;

using place_names = std::set<std::string>;

/// The table of the standard, written down again by the names of the packets [MQTT 5.0, 2.2.2.2].
struct expectation {
    int id;
    const char* hex;    ///< the property with an allowed value
    place_names places; ///< both directions
    std::vector<const char*> out_of_range;
};

const place_names everywhere{"CONNECT",     "CONNACK",  "PUBLISH",    "will",      "PUBACK",
                             "PUBREC",      "PUBREL",   "PUBCOMP",    "SUBSCRIBE", "SUBACK",
                             "UNSUBSCRIBE", "UNSUBACK", "DISCONNECT", "AUTH"};
const place_names reasons{"CONNACK", "PUBACK",   "PUBREC",     "PUBREL", "PUBCOMP",
                          "SUBACK",  "UNSUBACK", "DISCONNECT", "AUTH"};
const place_names message{"PUBLISH", "will"};
const place_names both_connects{"CONNECT", "CONNACK"};
const place_names authenticating{"CONNECT", "CONNACK", "AUTH"};

const std::vector<expectation> table{
    {0x01, "01 01", message, {"01 02", "01 FF"}},
    {0x02, "02 FFFFFFFF", message, {}},
    {0x03, "03 0001 't'", message, {}},
    {0x08, "08 0001 't'", message, {"08 0001 '#'", "08 0000"}},
    {0x09, "09 0001 FF", message, {}},
    {0x0B, "0B 01", {"PUBLISH", "SUBSCRIBE"}, {"0B 00"}},
    {0x11, "11 00000000", {"CONNECT", "CONNACK", "DISCONNECT"}, {}},
    {0x12, "12 0001 'i'", {"CONNACK"}, {}},
    {0x13, "13 0000", {"CONNACK"}, {}},
    {0x15, "15 0001 'm'", authenticating, {}},
    {0x16, "15 0001 'm' 16 0001 FF", authenticating, {}},
    {0x17, "17 00", {"CONNECT"}, {"17 02"}},
    {0x18, "18 00000000", {"will"}, {}},
    {0x19, "19 01", {"CONNECT"}, {"19 02"}},
    {0x1A, "1A 0001 'i'", {"CONNACK"}, {}},
    {0x1C, "1C 0001 's'", {"CONNACK", "DISCONNECT"}, {}},
    {0x1F, "1F 0001 'r'", reasons, {}},
    {0x21, "21 0001", both_connects, {"21 0000"}},
    {0x22, "22 0000", both_connects, {}},
    {0x23, "23 0001", {"PUBLISH"}, {"23 0000"}},
    {0x24, "24 00", {"CONNACK"}, {"24 02"}},
    {0x25, "25 01", {"CONNACK"}, {"25 02"}},
    {0x26, "26 0001 'k' 0000", everywhere, {}},
    {0x27, "27 00000001", both_connects, {"27 00000000"}},
    {0x28, "28 01", {"CONNACK"}, {"28 02"}},
    {0x29, "29 01", {"CONNACK"}, {"29 02"}},
    {0x2A, "2A 01", {"CONNACK"}, {"2A 02"}},
};

/// A packet with those properties in that place.
struct shape {
    std::string name;
    peer sender;
    unsigned char first;
    const char* before;
    const char* after;
};

const std::vector<shape> shapes{
    {"CONNECT", peer::client, 0x10, "0004 'MQTT' 05 02 003C", "0000"},
    {"will", peer::client, 0x10, "0004 'MQTT' 05 06 003C 00 0000", "0001 'w' 0000"},
    {"CONNACK", peer::server, 0x20, "00 00", ""},
    {"PUBLISH", peer::server, 0x30, "0001 't'", ""},
    {"PUBACK", peer::server, 0x40, "0001 00", ""},
    {"PUBREC", peer::client, 0x50, "0001 00", ""},
    {"PUBREL", peer::server, 0x62, "0001 00", ""},
    {"PUBCOMP", peer::client, 0x70, "0001 00", ""},
    {"SUBSCRIBE", peer::client, 0x82, "0001", "0001 'a' 00"},
    {"SUBACK", peer::server, 0x90, "0001", "00"},
    {"UNSUBSCRIBE", peer::client, 0xA2, "0001", "0001 'a'"},
    {"UNSUBACK", peer::server, 0xB0, "0001", "00"},
    {"DISCONNECT", peer::client, 0xE0, "00", ""},
    {"DISCONNECT", peer::server, 0xE0, "00", ""},
    {"AUTH", peer::client, 0xF0, "18", ""},
    {"AUTH", peer::server, 0xF0, "18", ""},
};

test::decoded decode_with(const shape& s, const std::string& properties) {
    const auto body = raw(s.before) + static_cast<char>(properties.size()) + properties + raw(s.after);
    const auto data = std::string(1, static_cast<char>(s.first)) + static_cast<char>(body.size()) + body;
    return test::decode(data, {.sender = s.sender, .version = protocol_version::v5});
}

const shape& shape_for(const expectation& e) {
    for (const shape& s : shapes)
        if (e.places.contains(s.name) && !decode_with(s, raw(e.hex)).failed) return s;
    throw std::logic_error("no packet takes property " + std::to_string(e.id));
}

/// Of the two ends only one sends Session Expiry Interval or Server Reference in a DISCONNECT.
bool is_one_sided(const expectation& e, const shape& s) {
    return s.name == "DISCONNECT" &&
           ((e.id == 0x11 && s.sender == peer::server) || (e.id == 0x1C && s.sender == peer::client));
}

TEST(property_table, has_the_27_of_the_standard) {
    int count = 0;
    for (std::uint32_t id = 0; id < 256; ++id)
        count += find_rule(id) != nullptr ? 1 : 0;
    EXPECT_EQ(count, 27);
    EXPECT_EQ(table.size(), 27u);
    EXPECT_EQ(find_rule(268'435'455), nullptr);
}

TEST(property_table, places_each_where_the_standard_does) {
    for (const expectation& e : table) {
        for (const shape& s : shapes) {
            const auto got = decode_with(s, raw(e.hex));
            const auto where = "property " + std::to_string(e.id) + " in " + s.name;
            if (is_one_sided(e, s)) {
                ASSERT_TRUE(got.failed) << where;
                EXPECT_EQ(got.failed->code, reason_code::protocol_error) << where;
            } else if (e.places.contains(s.name)) {
                EXPECT_FALSE(got.failed) << where << ": " << got.failed->text;
            } else {
                ASSERT_TRUE(got.failed) << where;
                EXPECT_EQ(got.failed->code, reason_code::malformed_packet) << where;
            }
        }
    }
}

TEST(property_table, refuses_values_out_of_range) {
    for (const expectation& e : table) {
        for (const char* bad : e.out_of_range) {
            const auto got = decode_with(shape_for(e), raw(bad));
            ASSERT_TRUE(got.failed) << bad;
            const auto code = e.id == 0x23 ? reason_code::topic_alias_invalid : reason_code::protocol_error;
            EXPECT_EQ(got.failed->code, code) << bad << ": " << got.failed->text;
        }
    }
}

TEST(property_table, refuses_a_single_value_twice) {
    for (const expectation& e : table) {
        const auto twice = raw(e.hex) + raw(e.hex);
        for (const shape& s : shapes) {
            if (!e.places.contains(s.name) || is_one_sided(e, s)) continue;
            const bool may_repeat = e.id == 0x26 || (e.id == 0x0B && s.name == "PUBLISH");
            const auto got = decode_with(s, twice);
            EXPECT_EQ(got.failed.has_value(), !may_repeat) << e.hex << " in " << s.name;
            if (got.failed) {
                EXPECT_EQ(got.failed->code, reason_code::protocol_error) << e.hex << " in " << s.name;
            }
        }
    }
}

TEST(property_table, refuses_each_cut_short) {
    for (const expectation& e : table) {
        const auto whole = raw(e.hex);
        const auto got = decode_with(shape_for(e), whole.substr(0, whole.size() - 1));
        ASSERT_TRUE(got.failed) << e.hex;
        EXPECT_EQ(got.failed->code, reason_code::malformed_packet) << e.hex;
    }
}

TEST(property_table, refuses_ids_the_standard_does_not_have) {
    for (const shape& s : shapes)
        for (const char* unknown :
             {"00 00", "04 00", "2B 00", "7F 00", "80 01 00", "81 00 01", "FF FF FF 7F"}) {
            const auto got = decode_with(s, raw(unknown));
            ASSERT_TRUE(got.failed) << unknown << " in " << s.name;
            EXPECT_EQ(got.failed->code, reason_code::malformed_packet) << unknown << " in " << s.name;
        }
}

} // namespace
} // namespace weir::mqtt
