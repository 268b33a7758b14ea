#include <weir/sinks/options.hpp>

#include <gtest/gtest.h>

#include <chrono>

namespace weir::sinks {
namespace {

using namespace std::chrono_literals;

TEST(options, defaults_with_a_path_are_fine) {
    EXPECT_TRUE(check(discard_options{}).empty());
    EXPECT_TRUE(check(sqlite_options{.path = "a.db"}).empty());
    EXPECT_TRUE(check(jsonl_options{.path = "-"}).empty());
}

TEST(options, every_fault_is_named_with_its_prefix) {
    const auto faults =
        check(sqlite_options{.path = "", .table = "sqlite_master", .busy_timeout = -1ms}, "sink.");
    ASSERT_EQ(faults.size(), 3u);
    EXPECT_EQ(faults[0].path, "sink.path");
    EXPECT_EQ(faults[1].path, "sink.table");
    EXPECT_EQ(faults[1].value, "\"sqlite_master\"");
    EXPECT_EQ(faults[2].path, "sink.busy_timeout");
    EXPECT_EQ(faults[2].value, "-1ms");
}

TEST(options, a_database_in_memory_is_refused) {
    EXPECT_EQ(check(sqlite_options{.path = ":memory:"}).size(), 1u);
}

TEST(options, a_jsonl_file_needs_a_path) {
    EXPECT_EQ(check(jsonl_options{}).size(), 1u);
}

TEST(options, names_are_those_of_the_file) {
    EXPECT_EQ(type_name(discard_options{}), "discard");
    EXPECT_EQ(type_name(sqlite_options{}), "sqlite");
    EXPECT_EQ(type_name(jsonl_options{}), "jsonl");
    EXPECT_EQ(to_string(synchronous::full), "full");
    EXPECT_EQ(to_string(synchronous::normal), "normal");
}

} // namespace
} // namespace weir::sinks
