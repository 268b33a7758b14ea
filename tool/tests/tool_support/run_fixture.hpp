#pragma once

#include "support/eventually.hpp"
#include "support/mosquitto.hpp"
#include "tool_support/weir_process.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <sqlite3.h>

#include <memory>
#include <string>
#include <vector>

namespace weir::testing {

using database = std::unique_ptr<sqlite3, decltype(&sqlite3_close)>;

[[nodiscard]] inline database open_database(const std::string& path) {
    sqlite3* raw = nullptr;
    sqlite3_open(path.c_str(), &raw);
    return {raw, &sqlite3_close};
}

/// The first column of every row, as text; nothing while the table is not there yet.
[[nodiscard]] inline std::vector<std::string> query(const std::string& path, const std::string& sql) {
    const auto db = open_database(path);
    sqlite3_stmt* s = nullptr;
    std::vector<std::string> out;
    if (sqlite3_prepare_v2(db.get(), sql.c_str(), -1, &s, nullptr) != SQLITE_OK) return out;
    while (sqlite3_step(s) == SQLITE_ROW)
        out.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(s, 0)));
    sqlite3_finalize(s);
    return out;
}

/// `weir run` between a broker of the test's own and files in its folder.
class run_fixture : public ::testing::Test {
  protected:
    void SetUp() override { WEIR_NEEDS_MOSQUITTO(); }

    /// A configuration with `batchers` and `sink` as the last tables.
    std::string configuration(const std::string& rest) const {
        const auto file = folder_.file("run.toml");
        write_file(
            file,
            "name = \"test\"\nshutdown = \"10s\"\n[producer]\ntopics = [{ filter = \"n/#\", qos = 1 }]\n"
            "max_inflight = 200\nredelivery = { min = \"50ms\", max = \"200ms\" }\n[producer.config]\n"
            "host = \"127.0.0.1\"\nclientid = \"consumer\"\nport = " +
                std::to_string(broker_.port()) + "\n[processors]\nconcurrency = 2\n" + rest);
        return file;
    }

    std::string into_sqlite(const std::string& more = {}) const {
        return configuration(
            "[[batchers]]\nname = \"rows\"\nbatch_size = 50\nbatch_timeout = \"50ms\"\n[sink]\ntype = "
            "\"sqlite\"\npath = \"" +
            database_ + "\"\n" + more);
    }

    [[nodiscard]] bool is_subscribed() const {
        return broker_.log().find("Sending SUBACK to consumer_0") != std::string::npos;
    }

    void wait_until_subscribed(weir_process& w) const {
        ASSERT_TRUE(eventually([&] { return is_subscribed(); })) << w.errors();
    }

    /// Publishes the numbers from `first`, `count` of them, at QoS 1.
    void publish(int first, int count) const {
        std::string lines;
        for (int i = first; i < first + count; ++i)
            lines += std::to_string(i) + '\n';
        publish("n/1", lines);
    }

    /// Each line is the payload of a message.
    void publish(const std::string& topic, const std::string& lines) const {
        weir_process pub(
            {"pub", "-h", "127.0.0.1", "-p", std::to_string(broker_.port()), "-t", topic, "-q", "1",
             "--stdin-line"},
            lines);
        ASSERT_EQ(pub.wait(), 0) << pub.errors();
    }

    [[nodiscard]] std::size_t stored() const {
        return query(database_, "SELECT DISTINCT CAST(payload AS TEXT) FROM messages").size();
    }

    [[nodiscard]] nlohmann::json report() const {
        return nlohmann::json::parse(read_file(folder_.file("report.json")));
    }

    temp_folder folder_;
    std::string database_ = folder_.file("run.db");
    mosquitto broker_{"log_type all\n"};
};

} // namespace weir::testing
