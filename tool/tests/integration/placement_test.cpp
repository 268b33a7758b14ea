#include "tool_support/run_fixture.hpp"

#include <gmock/gmock.h>

#include <chrono>
#include <map>
#include <sstream>
#include <string>

namespace weir::testing {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;

class placing : public run_fixture {
  protected:
    /// Alarms into the database, whose table may refuse some; all else into a file, divided by the topic.
    [[nodiscard]] std::string two_batchers() const {
        return "payload = \"json\"\npartition_by = \"topic:2\"\nordering = { mode = \"keyed\" }\n"
               "[retry]\nmax_attempts = 3\ndelay = \"5ms\"\n"
               "[dead_letter]\npath = \"" +
               letters_ +
               "\"\n"
               "[[batchers]]\nname = \"alarms\"\ntopics = [\"n/alarm/#\"]\nbatch_size = 10\n"
               "batch_timeout = \"20ms\"\n[batchers.sink]\ntype = \"sqlite\"\npath = \"" +
               database_ +
               "\"\n"
               "[[batchers]]\nname = \"rest\"\nbatch_key = \"topic:2\"\npartition_by = "
               "\"topic:2\"\nconcurrency = 2\nmax_bytes = 1000\nbatch_timeout = \"20ms\"\n"
               "[batchers.sink]\ntype = \"jsonl\"\npath = \"" +
               lines_ + "\"\n";
    }

    [[nodiscard]] static std::vector<json> objects(const std::string& file) {
        std::vector<json> out;
        std::istringstream lines(read_file(file));
        for (std::string line; std::getline(lines, line);)
            out.push_back(json::parse(line));
        return out;
    }

    std::string lines_ = folder_.file("rest.jsonl");
    std::string letters_ = folder_.file("letters.jsonl");
};

TEST_F(placing, every_message_ends_where_its_topic_says_or_as_a_dead_letter) {
    weir_process weir(
        {"run", configuration(two_batchers()), "--exit-after", "36", "--report",
         folder_.file("report.json")});
    wait_until_subscribed(weir);
    ASSERT_TRUE(eventually([&] {
        return sqlite3_exec(
                   open_database(database_).get(), "CREATE UNIQUE INDEX once ON messages (payload)", nullptr,
                   nullptr, nullptr) == SQLITE_OK;
    }));
    const auto numbers = [](int count) {
        std::string lines;
        for (int i = 0; i < count; ++i)
            lines += std::to_string(i) + '\n';
        return lines;
    };
    publish("n/alarm/door", numbers(10));
    publish("n/a", numbers(12));
    publish("n/b", numbers(12));
    publish("n/a", "not JSON\n");
    publish("n/alarm/door", "7\n");
    ASSERT_EQ(weir.wait(), 0) << weir.errors();

    EXPECT_EQ(stored(), 10u);
    std::map<std::string, std::vector<std::string>> by_topic;
    for (const auto& line : objects(lines_))
        by_topic[line.at("topic")].push_back(line.at("payload"));
    std::vector<std::string> in_order;
    for (int i = 0; i < 12; ++i)
        in_order.push_back(std::to_string(i));
    EXPECT_THAT(by_topic, ElementsAre(Pair("n/a", in_order), Pair("n/b", in_order)));

    std::map<std::string, json> letters;
    for (const auto& letter : objects(letters_))
        letters[letter.at("topic")] = letter;
    ASSERT_EQ(letters.size(), 2u);
    const auto& undecodable = letters.at("n/a");
    EXPECT_EQ(undecodable.at("payload"), "not JSON");
    EXPECT_EQ(undecodable.at("stage"), "decode");
    EXPECT_EQ(undecodable.at("attempts"), 1) << "what cannot be decoded is not tried again";
    EXPECT_THAT(undecodable.at("reason").get<std::string>(), HasSubstr("the payload is not JSON"));
    const auto& refused = letters.at("n/alarm/door");
    EXPECT_EQ(refused.at("payload"), "7");
    EXPECT_EQ(refused.at("stage"), "handle_batch");
    EXPECT_EQ(refused.at("attempts"), 3);
    EXPECT_THAT(refused.at("reason").get<std::string>(), HasSubstr("UNIQUE"));

    const auto r = report();
    EXPECT_EQ(r.at("received"), 36);
    EXPECT_EQ(r.at("acked"), 36);
    EXPECT_EQ(r.at("dead_letters"), 2);
    EXPECT_EQ(r.at("redelivered"), 0) << "the attempts are the pipeline's own";
    EXPECT_THAT(
        weir.errors(), HasSubstr("alarms: sqlite " + database_ + " table messages in batches of up to"));
}

TEST_F(placing, a_rate_limit_holds) {
    using clock = std::chrono::steady_clock;
    const auto file = configuration(
        "[rate_limiting]\nallowed_messages = 10\ninterval = \"200ms\"\n[sink]\ntype = \"jsonl\"\npath = \"" +
        lines_ + "\"\n");
    weir_process weir({"run", file, "--exit-after", "60"});
    wait_until_subscribed(weir);
    const auto begin = clock::now();
    publish(0, 60);
    ASSERT_EQ(weir.wait(), 0) << weir.errors();
    // Ten may go at the end of an interval, and the fifty after them need the beginnings of five more.
    EXPECT_GE(clock::now() - begin, std::chrono::milliseconds{800});
    EXPECT_EQ(objects(lines_).size(), 60u);
}

} // namespace
} // namespace weir::testing
