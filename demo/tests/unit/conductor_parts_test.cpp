#include "conductor/consumer_config.hpp"
#include "conductor/kill_plan.hpp"
#include "conductor/progress.hpp"
#include "conductor/workspace.hpp"

#include <gtest/gtest.h>
#include <toml++/toml.h>

#include <fstream>
#include <stdexcept>

namespace weir::demo {
namespace {

using namespace std::chrono_literals;

TEST(Progress, KeepsTheNumbersOfAnObjectAndAddsThem) {
    auto p = progress::parse(R"({"received":3,"state":"running","acked":2})");
    p.add(progress::parse(R"({"received":4,"failed":1})"));
    EXPECT_EQ(p["received"], 7U);
    EXPECT_EQ(p["acked"], 2U);
    EXPECT_EQ(p["failed"], 1U);
    EXPECT_EQ(p["state"], 0U);
}

TEST(Progress, OfAnythingElseIsEmpty) {
    EXPECT_TRUE(progress::parse("").empty());
    EXPECT_TRUE(progress::parse("[1]").empty());
    EXPECT_TRUE(progress::parse("{\"rec").empty());
}

TEST(KillPlan, KillsAtLeastThreeTimesWithinTheRun) {
    const time_point start{1h};
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        kill_plan plan(start, 6s, seed);
        int kills = 0;
        EXPECT_FALSE(plan.is_due(start - 1ms));
        while (plan.is_due(start + 6s))
            ++kills;
        EXPECT_EQ(kills, 3);
    }
}

TEST(KillPlan, WithoutOneNobodyDies) {
    EXPECT_FALSE(kill_plan{}.is_due(time_point{1h}));
}

TEST(ConsumerConfig, FillsInBrokerDatabaseAndQos) {
    const workspace folder;
    std::ofstream(folder.path("from.toml")) << R"(
        [producer]
        topics = [{ filter = "/hfp/#", qos = 1 }]
        [producer.config]
        host = "elsewhere"
        clientid = "fleet"
        [sink]
        type = "sqlite"
        path = "x.db")";
    const auto facts = write_consumer_config(
        folder.path("from.toml"), folder.path("to.toml"),
        {.port = 4711, .database = "/tmp/y.db", .qos = 2, .version = "v3.1.1"});
    const auto written = toml::parse_file(folder.path("to.toml"));
    EXPECT_EQ(facts.table, "messages");
    EXPECT_EQ(facts.filters, std::vector<std::string>{"/hfp/#"});
    EXPECT_EQ(written.at_path("producer.config.host").value_or(""), std::string{"127.0.0.1"});
    EXPECT_EQ(written.at_path("producer.config.port").value_or(0), 4711);
    EXPECT_EQ(written.at_path("producer.config.clientid").value_or(""), std::string{"fleet"});
    EXPECT_EQ(written.at_path("producer.config.proto_ver").value_or(""), std::string{"v3.1.1"});
    EXPECT_EQ(written.at_path("producer.topics[0].qos").value_or(0), 2);
    EXPECT_EQ(written.at_path("sink.path").value_or(""), std::string{"/tmp/y.db"});
    EXPECT_FALSE(written.at_path("producer.qos2"));
    static_cast<void>(write_consumer_config(
        folder.path("from.toml"), folder.path("to.toml"),
        {.port = 1, .database = "d", .exactly_once = true}));
    EXPECT_EQ(
        toml::parse_file(folder.path("to.toml")).at_path("producer.qos2").value_or(""), std::string{"sink"});
}

TEST(ConsumerConfig, RefusesAFileThatDoesNotFit) {
    const workspace folder;
    std::ofstream(folder.path("from.toml")) << "[producer.config]\n[sink]\ntype = \"discard\"\n";
    EXPECT_THROW(write_consumer_config(folder.path("from.toml"), folder.path("to"), {}), std::runtime_error);
}

} // namespace
} // namespace weir::demo
