#include "support/eventually.hpp"
#include "support/mosquitto.hpp"
#include "tool_support/weir_process.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <filesystem>
#include <string>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

TEST(end_session, makes_the_broker_forget_what_waits_for_a_client_id) {
    WEIR_NEEDS_MOSQUITTO();
    mosquitto broker{"log_type all\n"};
    const auto port = std::to_string(broker.port());
    const auto weir = [&](std::vector<std::string> words) {
        words.insert(words.end(), {"-h", "127.0.0.1", "-p", port});
        return words;
    };
    {
        weir_process sub(weir(
            {"sub", "-C", "gone_2", "-t", "a", "-q", "1", "--clean-start=false", "--session-expiry", "60"}));
        ASSERT_TRUE(
            eventually([&] { return broker.log().find("Sending SUBACK to gone_2") != std::string::npos; }));
        sub.signal(SIGTERM);
        sub.wait();
    }
    weir_process pub(weir({"pub", "-t", "a", "-q", "1", "--payload", "waits"}));
    ASSERT_EQ(pub.wait(), 0) << pub.errors();

    weir_process end(weir({"end-session", "gone_2"}));
    EXPECT_EQ(end.wait(), 0) << end.errors();
    EXPECT_THAT(end.errors(), HasSubstr("session of gone_2 ended"));

    weir_process again(
        weir({"sub", "-C", "gone_2", "-t", "b", "-q", "1", "--clean-start=false", "--session-expiry", "60"}));
    ASSERT_TRUE(eventually([&] {
        const auto log = broker.log();
        return log.find("Sending SUBACK to gone_2", log.find("Received DISCONNECT from gone_2")) !=
               std::string::npos;
    }));
    EXPECT_THAT(broker.log(), ::testing::Not(HasSubstr("Sending PUBLISH to gone_2")));
    again.signal(SIGTERM);
    again.wait();
}

/// The consumers' store is not the visitor's, whose ids are others.
TEST(end_session, leaves_the_store_of_a_configuration_alone) {
    WEIR_NEEDS_MOSQUITTO();
    mosquitto broker{};
    const temp_folder folder;
    const auto stores = folder.file("stores");
    write_file(
        folder.file("fleet.toml"),
        "name = \"fleet\"\n[producer]\ntopics = [{ filter = \"a\", qos = 2 }]\nqos2 = \"durable\"\n"
        "[producer.config]\nhost = \"127.0.0.1\"\nport = " +
            std::to_string(broker.port()) + "\nclientid = \"fleet\"\nstore = { path = \"" + stores +
            "\", qos1 = true }\n[sink]\ntype = \"discard\"\n");
    weir_process end({"end-session", "--config", folder.file("fleet.toml"), "fleet_1", "fleet_2"});
    EXPECT_EQ(end.wait(), 0) << end.errors();
    EXPECT_THAT(end.errors(), HasSubstr("session of fleet_1 ended"));
    EXPECT_THAT(end.errors(), HasSubstr("session of fleet_2 ended"));
    EXPECT_FALSE(std::filesystem::exists(stores));
}

TEST(end_session, says_what_could_not_be_done) {
    weir_process end({"end-session", "-h", "127.0.0.1", "-p", std::to_string(free_port()), "x", "y"});
    EXPECT_EQ(end.wait(), 1);
    EXPECT_THAT(end.errors(), HasSubstr("session of y not ended: "));
}

} // namespace
} // namespace weir::testing
