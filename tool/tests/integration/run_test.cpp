#include "support/http_get.hpp"
#include "tool_support/run_fixture.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <set>
#include <sstream>
#include <string>

namespace weir::testing {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using ::testing::ContainsRegex;
using ::testing::HasSubstr;

class run : public run_fixture {};

TEST_F(run, stores_messages_and_drains_after_the_number_asked_for) {
    weir_process weir({"run", into_sqlite(), "--exit-after", "300", "--report", folder_.file("report.json")});
    wait_until_subscribed(weir);
    publish(0, 300);
    ASSERT_EQ(weir.wait(), 0) << weir.errors();
    EXPECT_EQ(stored(), 300u);
    EXPECT_EQ(query(database_, "SELECT topic FROM messages LIMIT 1").at(0), "n/1");
    EXPECT_EQ(query(database_, "SELECT client_id FROM messages LIMIT 1").at(0), "consumer_0");
    const auto r = report();
    EXPECT_EQ(r.at("received"), 300);
    EXPECT_EQ(r.at("acked"), 300);
    EXPECT_EQ(r.at("failed"), 0);
    EXPECT_EQ(r.at("redelivered"), 0);
    EXPECT_EQ(r.at("duplicates"), 0);
    EXPECT_EQ(r.at("drained"), true);
    EXPECT_GT(r.at("messages_per_second"), 0);
    EXPECT_GT(r.at("latency").at("p99_us"), 0);
    EXPECT_THAT(weir.errors(), HasSubstr("n/# at QoS 1, window 200 -> sqlite " + database_));
    EXPECT_THAT(weir.errors(), HasSubstr("at least once"));
}

TEST_F(run, without_batchers_messages_are_stored_one_by_one) {
    const auto file =
        configuration("[sink]\ntype = \"jsonl\"\npath = \"" + folder_.file("out.jsonl") + "\"\n");
    weir_process weir({"run", file, "--exit-after", "20"});
    wait_until_subscribed(weir);
    publish(0, 20);
    ASSERT_EQ(weir.wait(), 0) << weir.errors();
    std::set<std::string> payloads;
    std::istringstream lines(read_file(folder_.file("out.jsonl")));
    for (std::string line; std::getline(lines, line);)
        payloads.insert(json::parse(line).at("payload"));
    EXPECT_EQ(payloads.size(), 20u);
}

TEST_F(run, serves_metrics_and_says_at_the_end_what_is_left) {
    const auto file = configuration(
        "payload = \"json\"\n[sink]\ntype = \"discard\"\n[metrics]\nlisten = \"127.0.0.1:1\"\n");
    weir_process weir({"run", file, "--metrics", "127.0.0.1:0", "--report", folder_.file("report.json")});
    wait_until_subscribed(weir);
    publish("n/1", "{}\nnot JSON\n[]\n");
    const std::string before = "metrics at http://127.0.0.1:";
    ASSERT_TRUE(eventually([&] { return weir.errors().find("/metrics\n") != std::string::npos; }));
    const auto at = weir.errors().find(before) + before.size();
    const auto port = static_cast<std::uint16_t>(std::stoi(weir.errors().substr(at)));
    const std::string whose = "{pipeline=\"test\",producer=\"0\"} ";
    const auto scraped = [&](const std::string& line) {
        return http_get(port, "/metrics").find("\n" + line + "\n") != std::string::npos;
    };
    EXPECT_TRUE(eventually([&] { return scraped("weir_messages_succeeded_total" + whose + "2"); }));
    EXPECT_TRUE(scraped("weir_messages_received_total" + whose + "3"));
    EXPECT_TRUE(scraped("weir_connected" + whose + "1"));
    EXPECT_TRUE(scraped("weir_unacknowledged" + whose + "2")) << "the third waits for the second";
    weir.signal(SIGTERM);
    ASSERT_EQ(weir.wait(), 0) << weir.errors();
    EXPECT_THAT(weir.errors(), HasSubstr("acked 2, left unacknowledged 1,"));
    EXPECT_EQ(report().at("unacknowledged"), 1);
}

TEST_F(run, refuses_to_serve_metrics_where_it_cannot) {
    weir_process taken({"run", into_sqlite(), "--metrics", "127.0.0.1:" + std::to_string(broker_.port())});
    EXPECT_EQ(taken.wait(), 1);
    EXPECT_THAT(taken.errors(), HasSubstr("cannot listen on 127.0.0.1:"));
    weir_process wrong({"run", into_sqlite(), "--metrics", "9464"});
    EXPECT_EQ(wrong.wait(), 2);
    EXPECT_THAT(wrong.errors(), HasSubstr("9464"));
}

TEST_F(run, standard_output_takes_lines) {
    const auto file = configuration("[sink]\ntype = \"jsonl\"\npath = \"-\"\n");
    weir_process weir({"run", file, "--exit-after", "1"});
    wait_until_subscribed(weir);
    publish(7, 1);
    ASSERT_EQ(weir.wait(), 0) << weir.errors();
    EXPECT_EQ(json::parse(weir.output()).at("payload"), "7");
    weir_process conflict({"run", file, "--progress", "json"});
    EXPECT_EQ(conflict.wait(), 2);
}

/// A supervisor may start it with closed streams: whatever is opened next must not take their places.
TEST_F(run, what_is_printed_never_ends_up_in_a_file_of_the_sink) {
    const auto lines = folder_.file("out.jsonl");
    const auto file = configuration("[sink]\ntype = \"jsonl\"\npath = \"" + lines + "\"\n");
    child weir(
        {"/bin/sh", "-c", "exec \"$0\" \"$@\" <&- >&- 2>&-", WEIR_PROGRAM, "run", file, "--exit-after", "3",
         "--progress", "json"},
        folder_.file("log"));
    ASSERT_TRUE(eventually([&] { return is_subscribed(); }));
    publish(0, 3);
    ASSERT_EQ(weir.wait(30s), 0);
    std::istringstream in(read_file(lines));
    for (std::string line; std::getline(in, line);)
        EXPECT_TRUE(json::parse(line).contains("payload")) << line;
}

TEST_F(run, sigterm_drains_and_what_was_acknowledged_is_stored) {
    weir_process weir({"run", into_sqlite(), "--report", folder_.file("report.json")});
    wait_until_subscribed(weir);
    publish(0, 500);
    ASSERT_TRUE(eventually([&] { return stored() > 0; })) << weir.errors();
    weir.signal(SIGTERM);
    ASSERT_EQ(weir.wait(), 0) << weir.errors();
    const auto first = report();
    EXPECT_EQ(first.at("drained"), true);
    EXPECT_LE(first.at("acked"), stored());

    // Whatever was left comes to the next run: nothing is lost on the way.
    weir_process rest({"run", into_sqlite(), "--duration", "60"});
    ASSERT_TRUE(eventually([&] { return rest.errors().find("at least once") != std::string::npos; }));
    ASSERT_TRUE(eventually([&] { return stored() == 500; })) << rest.errors();
    rest.signal(SIGINT);
    EXPECT_EQ(rest.wait(), 0) << rest.errors();
}

TEST_F(run, a_database_locked_for_a_while_delays_and_loses_nothing) {
    weir_process weir(
        {"run", into_sqlite("busy_timeout = \"20ms\"\n"), "--exit-after", "400", "--report",
         folder_.file("report.json"), "--progress", "json"});
    wait_until_subscribed(weir);
    publish(0, 100);
    ASSERT_TRUE(eventually([&] { return stored() == 100; })) << weir.errors();
    {
        const auto other = open_database(database_);
        ASSERT_EQ(sqlite3_exec(other.get(), "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
        publish(100, 300);
        ASSERT_TRUE(
            eventually([&] { return weir.errors().find("database is locked") != std::string::npos; }));
        EXPECT_EQ(stored(), 100u);
        ASSERT_EQ(sqlite3_exec(other.get(), "COMMIT", nullptr, nullptr, nullptr), SQLITE_OK);
    }
    ASSERT_EQ(weir.wait(), 0) << weir.errors();
    EXPECT_EQ(stored(), 400u);
    EXPECT_EQ(query(database_, "SELECT count(*) FROM messages").at(0), "400");
    EXPECT_GT(report().at("failed"), 0);
    EXPECT_GT(report().at("redelivered"), 0);
    EXPECT_EQ(report().at("acked"), 400);
}

TEST_F(run, a_row_that_the_table_refuses_fails_alone) {
    auto text = read_file(into_sqlite());
    text.insert(text.find("max_inflight"), "on_failure = \"ack\"\n");
    write_file(folder_.file("run.toml"), text);
    weir_process weir({"run", folder_.file("run.toml"), "--report", folder_.file("report.json")});
    wait_until_subscribed(weir);
    ASSERT_TRUE(eventually([&] {
        return sqlite3_exec(
                   open_database(database_).get(), "CREATE UNIQUE INDEX once ON messages (payload)", nullptr,
                   nullptr, nullptr) == SQLITE_OK;
    }));
    publish(0, 10);
    publish(5, 10);
    ASSERT_TRUE(eventually([&] { return stored() == 15; })) << weir.errors();
    weir.signal(SIGTERM);
    ASSERT_EQ(weir.wait(), 0) << weir.errors();
    EXPECT_EQ(report().at("received"), 20);
    EXPECT_EQ(report().at("failed"), 5);
    EXPECT_EQ(report().at("acked"), 20);
    EXPECT_THAT(weir.errors(), ContainsRegex("failed: topic n/1, packet id .*, attempt 1: .*UNIQUE"));
}

TEST_F(run, progress_in_json_is_an_object_a_line) {
    weir_process weir({"run", into_sqlite(), "--duration", "2.5", "--progress", "json"});
    ASSERT_EQ(weir.wait(), 0) << weir.errors();
    std::istringstream lines(weir.output());
    int count = 0;
    for (std::string line; std::getline(lines, line); ++count)
        EXPECT_TRUE(json::parse(line).contains("in_flight"));
    EXPECT_GE(count, 2);
}

TEST_F(run, a_sink_that_cannot_be_opened_ends_it_with_one) {
    weir_process weir({"run", configuration("[sink]\ntype = \"sqlite\"\npath = \"/nonexistent/x.db\"\n")});
    EXPECT_EQ(weir.wait(), 1);
    EXPECT_THAT(weir.errors(), HasSubstr("/nonexistent/x.db"));
}

TEST_F(run, waits_for_a_broker_that_is_not_there) {
    broker_.stop();
    weir_process weir({"run", into_sqlite(), "--exit-after", "5", "--log-level", "info"});
    ASSERT_TRUE(eventually([&] { return weir.errors().find("refused") != std::string::npos; }))
        << weir.errors();
    broker_.start();
    wait_until_subscribed(weir);
    publish(0, 5);
    EXPECT_EQ(weir.wait(), 0) << weir.errors();
    EXPECT_EQ(stored(), 5u);
}

TEST_F(run, a_second_signal_ends_a_drain_that_hangs) {
    weir_process weir(
        {"run", into_sqlite("busy_timeout = \"60s\"\n"), "--report", folder_.file("report.json")});
    wait_until_subscribed(weir);
    publish(0, 10);
    ASSERT_TRUE(eventually([&] { return stored() == 10; })) << weir.errors();
    const auto other = open_database(database_);
    ASSERT_EQ(sqlite3_exec(other.get(), "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
    publish(10, 10);
    const auto batch_is_stuck = [&] { return broker_.log().find("n/1") != std::string::npos; };
    ASSERT_TRUE(eventually(batch_is_stuck));
    ASSERT_EQ(weir.wait(300ms), -1);
    weir.signal(SIGTERM);
    ASSERT_EQ(weir.wait(300ms), -1) << "it drains: " << weir.errors();
    weir.signal(SIGTERM);
    EXPECT_EQ(weir.wait(3s), 1) << weir.errors();
    EXPECT_EQ(report().at("drained"), false);
    EXPECT_EQ(report().at("acked"), 10);
}

} // namespace
} // namespace weir::testing
