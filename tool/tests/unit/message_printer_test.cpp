#include "client/message_printer.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace weir::tool {
namespace {

mqtt::publish message(std::string_view payload) {
    return {.topic = bytes::over_static("a/b"), .payload = bytes::copy(payload)};
}

std::string line(std::string_view payload, print_mode mode, bool with_topic = false) {
    return to_line(message(payload), mode, with_topic, "me", {});
}

TEST(message_printer, text_stays_on_one_line) {
    EXPECT_EQ(line("21.5", print_mode::payload), "21.5\n");
    EXPECT_EQ(line("a\nb\r\tc\\", print_mode::payload), "a\\nb\\r\\tc\\\\\n");
    EXPECT_EQ(line("Gr\xC3\xBC\xC3\x9F", print_mode::payload), "Gr\xC3\xBC\xC3\x9F\n");
    EXPECT_EQ(line({"\x00\x7F\xFF", 3}, print_mode::payload), "\\x00\\x7f\\xff\n");
}

TEST(message_printer, nothing_commands_the_terminal) {
    EXPECT_EQ(line("\x1B[2J \xC2\x9B 2J \xC2\xA0", print_mode::payload), "\\x1b[2J \\u009b 2J \xC2\xA0\n");
    auto m = message("x");
    m.topic = bytes::over_static("a\x1B");
    EXPECT_EQ(to_line(m, print_mode::payload, true, "me", {}), "a\\x1b x\n");
    EXPECT_EQ(to_line(m, print_mode::raw, true, "me", {}), "a\x1B x\n");
}

TEST(message_printer, raw_changes_nothing) {
    EXPECT_EQ(line({"\x00\n\xFF", 3}, print_mode::raw), std::string("\x00\n\xFF\n", 4));
}

TEST(message_printer, hex_and_size) {
    EXPECT_EQ(line({"\x0F\xA0", 2}, print_mode::hex), "0fa0\n");
    EXPECT_EQ(line("12345", print_mode::size), "5\n");
}

TEST(message_printer, the_topic_stands_in_front_but_of_json) {
    EXPECT_EQ(line("x", print_mode::payload, true), "a/b x\n");
    const auto json = nlohmann::json::parse(line("x", print_mode::json, true));
    EXPECT_EQ(json.at("topic"), "a/b");
    EXPECT_EQ(json.at("client_id"), "me");
}

} // namespace
} // namespace weir::tool
