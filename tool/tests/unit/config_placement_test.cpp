#include "tool_support/fleet_file.hpp"

#include <gmock/gmock.h>

#include <string>

namespace weir::tool {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// The fleet's file with a batcher of alarms before its own one.
std::string with_alarms(const std::string& more) {
    return replaced("[[batchers]]", "[[batchers]]\nname = \"alarms\"\n" + more + "\n[[batchers]]");
}

const std::string of_alarms = "topics = [\"/hfp/alarm/#\", \"/hfp/+/door\"]";

TEST(placement_options, a_batcher_may_have_topics_a_key_and_a_sink_of_its_own) {
    const auto l = load_text(
        with_alarms(of_alarms + "\nbatch_key = \"topic:3\"\nsink = { type = \"jsonl\", path = \"x\" }"), "f");
    ASSERT_EQ(describe("f", l.faults), "");
    ASSERT_EQ(l.config.placements.size(), 2u);
    const auto& alarms = l.config.placements[0];
    EXPECT_THAT(alarms.topics, ElementsAre("/hfp/alarm/#", "/hfp/+/door"));
    EXPECT_EQ(alarms.batch_key, selector{.level = 3});
    EXPECT_EQ(sink_of(l.config, 0), sinks::sink_options{sinks::jsonl_options{.path = "x"}});
    EXPECT_EQ(std::get<sinks::sqlite_options>(sink_of(l.config, 1)).path, "fleet.db");
    EXPECT_EQ(all_sinks(l.config).size(), 2u);
}

TEST(placement_options, exactly_one_batcher_takes_the_rest) {
    EXPECT_THAT(
        faults_of(with_alarms("")),
        HasSubstr(
            "batchers[1].topics = []: allowed: topic filters, since batchers[0].topics has none either"));
    EXPECT_THAT(
        faults_of(with("[[batchers]]", of_alarms)),
        HasSubstr("batchers[0].topics: allowed: not given in one of the batchers"));
}

TEST(placement_options, a_filter_stands_once_and_has_something_to_select) {
    EXPECT_THAT(
        faults_of(with_alarms("topics = [\"/hfp/a\", \"/hfp/a\"]")),
        HasSubstr("batchers[0].topics[1] = \"/hfp/a\": allowed: different from batchers[0].topics[0]"));
    EXPECT_THAT(
        faults_of(with_alarms("topics = [\"hfp/a\"]")),
        HasSubstr("batchers[0].topics[0] = \"hfp/a\": allowed: a filter for messages that"));
    EXPECT_THAT(
        faults_of(with_alarms("topics = [\"$share/g/hfp/a\"]")), HasSubstr("allowed: a topic filter"));
}

TEST(placement_options, the_common_sink_is_there_when_it_is_needed_and_only_then) {
    const auto own = replaced("[sink]", "[batchers.sink]");
    EXPECT_EQ(faults_of(own), "");
    EXPECT_THAT(
        faults_of(own + "[sink]\ntype = \"discard\"\n"),
        HasSubstr("sink: allowed: not to be given, since every batcher has a sink of its own"));
}

TEST(placement_options, two_sinks_never_append_to_the_same_file) {
    const std::string sink = "\nsink = { type = \"jsonl\", path = \"x\" }";
    const auto jsonl = [&](const std::string& more) {
        auto text = with_alarms(of_alarms + sink);
        const std::string old = "type = \"sqlite\"\npath = \"fleet.db\"";
        return text.replace(text.find(old), old.size(), "type = \"jsonl\"\npath = \"x\"\n" + more);
    };
    EXPECT_EQ(faults_of(jsonl("")), "") << "equal ones are one sink";
    EXPECT_THAT(
        faults_of(jsonl("fsync = false")),
        HasSubstr("batchers[0].sink.path = \"x\": allowed: a file other than that of sink.path"));
    EXPECT_THAT(
        faults_of("dead_letter = { path = \"x\" }\n" + jsonl("")),
        HasSubstr("dead_letter.path = \"x\": allowed: a file other than that of sink.path"));
}

TEST(placement_options, a_database_and_a_file_of_lines_are_two_files) {
    const auto text = with_alarms(of_alarms + "\nsink = { type = \"jsonl\", path = \"./fleet.db\" }");
    EXPECT_THAT(
        faults_of(text),
        HasSubstr("batchers[0].sink.path = \"./fleet.db\": allowed: a file other than that of sink.path"));
    EXPECT_THAT(
        faults_of("dead_letter = { path = \"fleet.db-wal\" }\n" + with_alarms(of_alarms)),
        HasSubstr("dead_letter.path = \"fleet.db-wal\": allowed: a file other than that of sink.path"));
}

TEST(placement_options, two_tables_of_one_database_are_two_places) {
    const auto text =
        with_alarms(of_alarms + "\nsink = { type = \"sqlite\", path = \"fleet.db\", table = \"alarms\" }");
    EXPECT_EQ(faults_of(text), "");
}

TEST(placement_options, retries_and_dead_letters_reach_the_pipeline) {
    const auto l = load_text(
        with(
            "", "retry = { max_attempts = 3, factor = 3 }\n"
                "dead_letter = { path = \"d\", settle_as = \"failed\" }"),
        "f");
    ASSERT_EQ(describe("f", l.faults), "");
    EXPECT_EQ(l.config.pipeline.retry.max_attempts, 3u);
    EXPECT_EQ(l.config.pipeline.retry.factor, 3.0);
    EXPECT_EQ(l.config.pipeline.dead_letter.settle_as, pipeline::dead_letter_options::settling::failed);
    EXPECT_EQ(l.config.dead_letters, sinks::jsonl_options{.path = "d"});
    EXPECT_THAT(print(l.config), Not(HasSubstr("********")));
}

TEST(placement_options, partitions_are_asked_for_by_saying_what_makes_one) {
    const auto l = load_text(with("[[batchers]]", "partition_by = \"topic:2\""), "f");
    ASSERT_EQ(describe("f", l.faults), "");
    EXPECT_TRUE(l.config.pipeline.batchers[0].partitioned);
    EXPECT_EQ(l.config.placements[0].partition_by, selector{.level = 2});
    EXPECT_FALSE(load_text(fleet, "f").config.pipeline.batchers[0].partitioned);
}

TEST(selector, is_the_topic_a_level_of_it_or_a_payload_field) {
    EXPECT_EQ(parse_selector("topic"), selector{});
    EXPECT_EQ(parse_selector("topic:12"), selector{.level = 12});
    EXPECT_EQ(parse_selector("json:id"), (selector{.field = {"id"}}));
    EXPECT_EQ(parse_selector("json:vehicle.the id"), (selector{.field = {"vehicle", "the id"}}));
    for (const auto* spelled : {"topic", "topic:1", "json:a.b.c"})
        EXPECT_EQ(to_string(parse_selector(spelled).value()), spelled);
    for (const auto* bad :
         {"", "topics", "topic:", "topic:0", "topic:-1", "topic:1x", "topic:1001", "json:", "json:.a",
          "json:a.", "json:a..b", "payload"})
        EXPECT_EQ(parse_selector(bad), std::nullopt) << bad;
}

} // namespace
} // namespace weir::tool
