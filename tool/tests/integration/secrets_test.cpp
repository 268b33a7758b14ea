// Whatever goes wrong and however much is told, no secret is in it.
#include "support/mosquitto.hpp"
#include "tool_support/weir_process.hpp"

#include <weir/mqtt/testing/scripted_broker.hpp>

#include <gmock/gmock.h>

#include <cstdint>
#include <string>
#include <vector>

namespace weir::testing {
namespace {

using mqtt::testing::conversation;
using mqtt::testing::scripted_broker;
using ::testing::HasSubstr;
using ::testing::Not;
using words = std::vector<std::string>;

/// In hexadecimal too, so that it can be a key.
const std::string secret = "5ec2e7c0de";

std::string all_that(weir_process& program) {
    EXPECT_NE(program.wait(), -1) << "it does not end";
    return program.output() + program.errors();
}

/// Runs the program at its most talkative.
std::string told_by(words arguments, const std::string& input = {}) {
    arguments.insert(arguments.end(), {"--log-level", "debug"});
    weir_process program(arguments, input);
    return all_that(program);
}

words with_password(words arguments, const std::string& port) {
    arguments.insert(
        arguments.end(), {"-h", "127.0.0.1", "-p", port, "-u", "user", "-P", secret, "--will-topic", "w",
                          "--will-payload", "bye"});
    return arguments;
}

std::string closed_port() {
    return std::to_string(free_port());
}

TEST(secrets, are_not_told_when_nobody_is_there) {
    const auto port = closed_port();
    for (const words& command :
         {words{"connect"}, words{"connect", "--json"}, words{"pub", "-t", "a", "--payload", "x"},
          words{"sub", "-t", "a"}}) {
        const auto told = told_by(with_password(command, port));
        EXPECT_THAT(told, HasSubstr(port));
        EXPECT_THAT(told, Not(HasSubstr(secret)));
    }
}

TEST(secrets, are_not_told_when_they_are_refused) {
    const auto refusing = conversation{}.accept({.code = 0x86}).expect_eof();
    scripted_broker broker({refusing, refusing});
    const auto port = std::to_string(broker.port());
    EXPECT_THAT(told_by(with_password({"connect", "--json"}, port)), Not(HasSubstr(secret)));
    const auto told = told_by(with_password({"pub", "-t", "a", "--payload", "x"}, port));
    EXPECT_THAT(told, HasSubstr("bad_user_name_or_password"));
    EXPECT_THAT(told, Not(HasSubstr(secret)));
}

TEST(secrets, of_the_way_are_not_told) {
    const auto port = closed_port();
    const std::vector<words> ways{
        {"--proxy", "http://user:" + secret + "@127.0.0.1:" + port},
        {"--proxy", "socks5://user:" + secret + "@127.0.0.1:" + port},
        {"--enable-websocket", "--ws-header", "Authorization: " + secret},
        {"--enable-ssl", "--psk-identity", "me", "--psk", secret}};
    for (auto arguments : ways) {
        arguments.insert(arguments.begin(), {"connect", "-h", "127.0.0.1", "-p", port});
        EXPECT_THAT(told_by(arguments), Not(HasSubstr(secret))) << arguments[5];
    }
}

TEST(secrets, are_not_told_when_they_are_faulty) {
    const std::vector<words> faults{
        {"--proxy", "ftp://user:" + secret + "@127.0.0.1"},
        {"--proxy", "http://user:" + secret},
        {"--url", "mqtt://user:" + secret + "@127.0.0.1"},
        {"--enable-ssl", "--psk-identity", "me", "--psk", secret + "f"},
        {"--enable-websocket", "--ws-header", "Authorization: " + secret + "\nX: y"},
        {"-V", "v3.1.1", "-P", secret}};
    for (auto arguments : faults) {
        arguments.insert(arguments.begin(), "connect");
        weir_process program(arguments);
        EXPECT_EQ(program.wait(), 2) << arguments[1];
        EXPECT_THAT(program.output() + program.errors(), Not(HasSubstr(secret))) << arguments[1];
    }
}

TEST(secrets, given_to_the_shell_are_not_told) {
    scripted_broker broker({conversation{}.accept().expect_hex("E0 00").expect_eof()});
    const auto port = std::to_string(broker.port());
    const auto script = "connect 127.0.0.1 port=" + port + " clientid=c username=user password=" + secret +
                        "\nwait connected\nstats\nconnect b=1 password=" + secret +
                        "\nconnect auth_method=X password=" + secret + " proxy=http://u:" + secret + "@\n" +
                        "connect ssl_opts.psk_key=" + secret + "f\nquit\n";
    const auto told = told_by({"shell"}, script);
    EXPECT_THAT(told, HasSubstr("\"connected\""));
    EXPECT_THAT(told, Not(HasSubstr(secret)));
}

TEST(secrets, of_a_configuration_are_not_told) {
    const temp_folder folder;
    write_file(
        folder.file("config.toml"),
        "name = \"secretive\"\n[producer]\ntopics = [{ filter = \"a\" }]\nstartup = \"wait\"\n"
        "startup_timeout = \"300ms\"\n[producer.config]\nhost = \"ws://127.0.0.1:" +
            closed_port() + "\"\nclientid = \"c\"\nusername = \"u\"\npassword = \"" + secret +
            "\"\nws_headers = [[\"Authorization\", \"" + secret + "\"]]\nproxy = \"http://u:" + secret +
            "@127.0.0.1:" + closed_port() + "\"\n[sink]\ntype = \"discard\"\n");
    EXPECT_THAT(told_by({"run", folder.file("config.toml")}), Not(HasSubstr(secret)));
    weir_process check({"check", folder.file("config.toml")});
    EXPECT_THAT(all_that(check), Not(HasSubstr(secret)));
}

} // namespace
} // namespace weir::testing
