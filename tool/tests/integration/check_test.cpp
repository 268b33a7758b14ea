#include "tool_support/weir_process.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <string>

namespace weir::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class example : public ::testing::TestWithParam<std::string> {};

TEST_P(example, is_a_valid_configuration) {
    weir_process weir({"check", std::string(WEIR_EXAMPLES) + '/' + GetParam()});
    EXPECT_EQ(weir.wait(), 0) << weir.errors();
    EXPECT_THAT(weir.output(), HasSubstr("[producer.config]\n"));
}

std::vector<std::string> example_files() {
    std::vector<std::string> out;
    for (const auto& entry : std::filesystem::directory_iterator(WEIR_EXAMPLES)) {
        if (entry.path().extension() == ".toml") out.push_back(entry.path().filename().string());
    }
    return out;
}

std::string stem(const ::testing::TestParamInfo<std::string>& info) {
    return std::filesystem::path(info.param).stem().string();
}

INSTANTIATE_TEST_SUITE_P(all, example, ::testing::ValuesIn(example_files()), stem);

TEST(check, prints_a_configuration_that_checks_again) {
    const temp_folder folder;
    weir_process first({"check", std::string(WEIR_EXAMPLES) + "/fleet.toml"});
    ASSERT_EQ(first.wait(), 0) << first.errors();
    write_file(folder.file("printed.toml"), first.output());
    weir_process second({"check", folder.file("printed.toml")});
    ASSERT_EQ(second.wait(), 0) << second.errors();
    EXPECT_EQ(second.output(), first.output());
}

TEST(check, names_every_fault_and_fails) {
    const temp_folder folder;
    write_file(
        folder.file("bad.toml"), "name = \"x\"\n[producer]\ntopics = []\n[producer.config]\npassword = 7\n"
                                 "clientID = \"c\"\n[sink]\ntype = \"discard\"\n");
    weir_process weir({"check", folder.file("bad.toml")});
    EXPECT_EQ(weir.wait(), 2);
    EXPECT_THAT(weir.errors(), HasSubstr("bad.toml:3:10: producer.topics"));
    EXPECT_THAT(
        weir.errors(), HasSubstr("bad.toml:5:12: producer.config.password = ********: allowed: a string"));
    EXPECT_THAT(
        weir.errors(),
        HasSubstr("bad.toml:6:1: producer.config.clientID: unknown key, did you mean clientid?"));
    EXPECT_EQ(weir.output(), "");
}

TEST(check, lists_all_keys) {
    weir_process weir({"check", "--keys"});
    EXPECT_EQ(weir.wait(), 0) << weir.errors();
    EXPECT_THAT(weir.output(), HasSubstr("producer.max_inflight\n"));
    EXPECT_THAT(weir.output(), Not(HasSubstr("producer.config.receive_maximum")));
}

TEST(usage, help_and_version_succeed) {
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"--help"}, {"run", "--help"}, {"check", "--help"}, {"pub", "--help"}, {"sub", "--help"}}) {
        weir_process weir(arguments);
        EXPECT_EQ(weir.wait(), 0) << weir.errors();
        EXPECT_THAT(weir.output(), HasSubstr("--help"));
    }
    weir_process weir({"--version"});
    EXPECT_EQ(weir.wait(), 0) << weir.errors();
    EXPECT_THAT(weir.output(), StartsWith("weir "));
}

TEST(usage, mistakes_on_the_command_line_end_with_two) {
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {},
             {"walk"},
             {"run"},
             {"check"},
             {"run", "x.toml", "--exit-after", "0"},
             {"run", "x.toml", "--progress", "loud"},
             {"run", "/nonexistent.toml"},
             {"pub", "-t", "a"},
             {"pub", "--payload", "x"},
             {"pub", "-t", "a", "--payload", "x", "--file", "y"},
             {"pub", "-t", "a", "--payload", "x", "-q", "3"},
             {"pub", "-t", "a", "--payload", "x", "-V", "v6"},
             {"pub", "-t", "a", "--payload", "x", "--repeat", "0"},
             {"pub", "-t", "a", "--payload", "x", "-p", "70000"},
             {"pub", "-t", "a", "--payload", "x", "--will-payload", "y"},
             {"pub", "-t", "a", "--payload", "x", "--user-property", "y"},
             {"pub", "-t", "a", "--payload", "x", "--password-file", "/nonexistent"},
             {"sub"},
             {"sub", "-t", "a", "--print", "prose"},
             {"sub", "-t", "a", "--log-level", "loud"}}) {
        weir_process weir(arguments);
        EXPECT_EQ(weir.wait(), 2) << ::testing::PrintToString(arguments);
        EXPECT_NE(weir.errors(), "") << ::testing::PrintToString(arguments);
        EXPECT_EQ(weir.output(), "") << ::testing::PrintToString(arguments);
    }
}

} // namespace
} // namespace weir::testing
