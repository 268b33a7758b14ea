#include "shell/command_line.hpp"
#include "support/temp_folder.hpp"

#include <gmock/gmock.h>
#include <rapidcheck.h>

#include <string>

namespace weir::tool {
namespace {

using form = word::form;
using ::testing::HasSubstr;

command_line parsed(const std::string& line) {
    const auto r = parse_command(line);
    EXPECT_TRUE(r) << (r ? "" : r.error().detail);
    return r && *r ? **r : command_line{};
}

word only_word(const std::string& text) {
    const auto c = parsed("x " + text);
    EXPECT_EQ(c.words.size(), 1u) << text;
    return c.words.empty() ? word{} : c.words.front();
}

std::string fault(const std::string& line) {
    const auto r = parse_command(line);
    EXPECT_FALSE(r) << line;
    return r ? "" : r.error().detail;
}

TEST(shell_line, has_a_name_and_words) {
    EXPECT_EQ(
        parsed("  publish\ta/b hello qos=1 \r"),
        (command_line{"", "publish", {{"", "a/b"}, {"", "hello"}, {"qos", "1"}}}));
    EXPECT_EQ(parsed("@second ping"), (command_line{"second", "ping", {}}));
}

TEST(shell_line, may_be_blank_or_a_comment) {
    for (const auto* line : {"", "  \t", "# publish a", "  # x", "\r"}) {
        const auto r = parse_command(line);
        ASSERT_TRUE(r) << line;
        EXPECT_FALSE(*r) << line;
    }
}

TEST(shell_line, a_filter_is_no_comment) {
    EXPECT_EQ(only_word("#").text, "#");
    EXPECT_EQ(only_word("a/#").text, "a/#");
}

TEST(shell_line, a_key_is_made_of_names_and_dots) {
    EXPECT_EQ(only_word("properties.content_type=a=b"), (word{"properties.content_type", "a=b"}));
    EXPECT_EQ(only_word("a/b=c"), (word{"", "a/b=c"}));
    EXPECT_EQ(only_word("payload="), (word{"payload", ""}));
    EXPECT_EQ(only_word("\"a=b\""), (word{"", "a=b", form::quoted}));
}

TEST(shell_line, a_string_is_one_of_json) {
    EXPECT_EQ(only_word(R"(p="a \"b\"\n\u00e9\\")"), (word{"p", "a \"b\"\n\xC3\xA9\\", form::quoted}));
    EXPECT_EQ(only_word(R"("")"), (word{"", "", form::quoted}));
    EXPECT_EQ(only_word(R"("hex:00")"), (word{"", "hex:00", form::quoted}));
}

TEST(shell_line, brackets_run_to_the_one_that_closes_them) {
    EXPECT_EQ(
        only_word(R"(p={"a": [1, "}"], "b": "\"]"})"),
        (word{"p", R"({"a": [1, "}"], "b": "\"]"})", form::bracketed}));
    EXPECT_EQ(only_word(R"(["a", "b"])").text, R"(["a", "b"])");
}

TEST(shell_line, bytes_may_be_encoded) {
    const testing::temp_folder folder;
    testing::write_file(folder.file("payload"), std::string("a\n\0b", 4));
    EXPECT_EQ(only_word("p=hex:00fF"), (word{"p", std::string("\0\xFF", 2), form::decoded}));
    EXPECT_EQ(only_word("p=hex:"), (word{"p", "", form::decoded}));
    EXPECT_EQ(only_word("base64:Cv8="), (word{"", "\n\xFF", form::decoded}));
    EXPECT_EQ(
        only_word("p=file:" + folder.file("payload")), (word{"p", std::string("a\n\0b", 4), form::decoded}));
}

TEST(shell_line, a_fault_names_its_column) {
    EXPECT_THAT(fault("publish a \"b"), HasSubstr("column 11: a string is not closed"));
    EXPECT_THAT(fault("publish a {\"b\": 1"), HasSubstr("column 11: a bracket is not closed"));
    EXPECT_THAT(fault("x [}"), HasSubstr("brackets do not match"));
    EXPECT_THAT(fault(R"(x "\q")"), HasSubstr("not a JSON string"));
    EXPECT_THAT(fault(R"(x "a"b)"), HasSubstr("expected a blank"));
    EXPECT_THAT(fault("x hex:0"), HasSubstr("even number"));
    EXPECT_THAT(fault("x hex:0g"), HasSubstr("digits"));
    EXPECT_THAT(fault("x base64:a"), HasSubstr("RFC 4648"));
    EXPECT_THAT(fault("x base64:Cv9="), HasSubstr("RFC 4648"));
    EXPECT_THAT(fault("x file:/nowhere/at/all"), HasSubstr("cannot be read"));
    EXPECT_THAT(fault("x file:-"), HasSubstr("needs a path"));
    EXPECT_THAT(fault("@ x"), HasSubstr("the name of a client"));
    EXPECT_THAT(fault("@a"), HasSubstr("the name of a command"));
    EXPECT_THAT(fault("pub/lish"), HasSubstr("the name of a command"));
}

TEST(shell_line, any_line_is_a_command_or_a_fault) {
    const auto pieces = rc::gen::container<std::string>(
        rc::gen::elementOf(std::string(" \t\"\\[]{}=@#.ab09:/-_hexbase64:\x01\xFF\xC3\xA9\r")));
    EXPECT_TRUE(rc::check("made of the grammar's characters", [&] {
        const auto line = *pieces;
        const auto r = parse_command(line);
        if (!r) RC_ASSERT(r.error().detail.starts_with("column "));
        if (r && *r) RC_ASSERT(!(*r)->name.empty());
    }));
    EXPECT_TRUE(rc::check("made of any bytes", [](const std::string& line) {
        const auto r = parse_command(line);
        const bool is_fine = r.has_value() || !r.error().detail.empty();
        RC_ASSERT(is_fine);
    }));
}

} // namespace
} // namespace weir::tool
