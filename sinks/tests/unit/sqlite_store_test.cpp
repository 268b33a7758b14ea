#include "sqlite_store.hpp"
#include "support/temp_folder.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace weir::sinks {
namespace {

using namespace std::chrono_literals;
using namespace std::string_literals;

/// Pages a database may have; read by every connection that is opened. 0 = no limit.
std::atomic<int> page_limit{0}; // NOLINT: the hook takes no argument

int limit_pages(sqlite3* db, char** /*message*/, const void* /*api*/) {
    if (page_limit != 0) execute(db, "PRAGMA max_page_count = " + std::to_string(page_limit.load()));
    return SQLITE_OK;
}

class sqlite_store_test : public ::testing::Test {
  protected:
    sqlite_options options(std::chrono::milliseconds busy = 20ms) const {
        return {.path = path_, .busy_timeout = busy};
    }

    /// The first column of every row that `sql` gives, in a second connection, as text.
    std::vector<std::string> query(const std::string& sql) const {
        const auto db = open_database(path_);
        const auto s = prepare(db.get(), sql);
        std::vector<std::string> out;
        while (sqlite3_step(s.get()) == SQLITE_ROW) {
            const auto* data = static_cast<const char*>(sqlite3_column_blob(s.get(), 0));
            out.emplace_back(
                data == nullptr ? "" : data, static_cast<std::size_t>(sqlite3_column_bytes(s.get(), 0)));
        }
        return out;
    }

    std::string count(const std::string& table = "messages") const {
        return query("SELECT count(*) FROM " + sql_identifier(table)).at(0);
    }

    static std::vector<row> rows(int n, std::string_view payload = "p") {
        return std::vector<row>(static_cast<std::size_t>(n), to_row({.topic = "t", .payload = payload}));
    }

    testing::temp_folder folder_;
    std::string path_ = folder_.file("test.db");
};

TEST_F(sqlite_store_test, stores_every_column) {
    mqtt::properties props;
    props.add_user_property("line", "550");
    sqlite_store store(options());
    store.insert(std::vector{to_row(
        {.topic = "a/b",
         .payload = std::string_view("\x00\xFF'", 3),
         .qos = mqtt::qos::at_least_once,
         .retain = true,
         .client_id = "me_0",
         .received_at = system_time_point{1s},
         .attempt = 2,
         .properties = &props})});
    const auto facts =
        "SELECT topic || '|' || hex(payload) || '|' || typeof(payload) || '|' || qos || retain || dup "
        "|| '|' || client_id || '|' || received_at || '|' || attempt || '|' || properties "
        "FROM messages WHERE id = 1"s;
    EXPECT_EQ(
        query(facts).at(0),
        R"(a/b|00FF27|blob|110|me_0|1970-01-01T00:00:01.000000Z|2|{"user_property":[["line","550"]]})");
}

TEST_F(sqlite_store_test, an_empty_payload_is_an_empty_blob) {
    sqlite_store store(options());
    store.insert(rows(1, {}));
    EXPECT_EQ(query("SELECT typeof(payload) || length(payload) FROM messages").at(0), "blob0");
}

TEST_F(sqlite_store_test, rows_keep_the_order_of_the_batch) {
    sqlite_store store(options());
    std::vector<std::string> topics;
    for (int i = 0; i < 100; ++i)
        topics.push_back(std::to_string(i));
    std::vector<row> batch;
    for (const auto& t : topics)
        batch.push_back(to_row({.topic = t}));
    store.insert(batch);
    EXPECT_EQ(query("SELECT topic FROM messages ORDER BY id"), topics);
}

TEST_F(sqlite_store_test, uses_a_write_ahead_log) {
    const sqlite_store store(options());
    EXPECT_EQ(query("PRAGMA journal_mode").at(0), "wal");
}

TEST_F(sqlite_store_test, keeps_what_is_there) {
    sqlite_store(options()).insert(rows(3));
    sqlite_store(options()).insert(rows(2));
    EXPECT_EQ(count(), "5");
}

TEST_F(sqlite_store_test, any_table_name_is_quoted) {
    auto o = options();
    o.table = R"(odd "name"; DROP TABLE x)";
    sqlite_store(o).insert(rows(1));
    EXPECT_EQ(count(o.table), "1");
}

TEST_F(sqlite_store_test, a_foreign_table_is_refused_with_the_missing_column) {
    execute(open_database(path_).get(), "CREATE TABLE messages (id INTEGER PRIMARY KEY, topic TEXT)");
    try {
        sqlite_store store(options());
        FAIL();
    } catch (const sqlite_error& e) {
        EXPECT_NE(std::string(e.what()).find("payload"), std::string::npos) << e.what();
        EXPECT_NE(std::string(e.what()).find(path_), std::string::npos) << e.what();
    }
}

TEST_F(sqlite_store_test, a_file_that_is_no_database_is_refused) {
    testing::write_file(path_, std::string(4'096, 'x'));
    EXPECT_THROW(sqlite_store{options()}, sqlite_error);
}

TEST_F(sqlite_store_test, a_lock_held_elsewhere_fails_the_batch_and_the_next_one_works) {
    sqlite_store store(options());
    const auto other = open_database(path_);
    execute(other.get(), "BEGIN IMMEDIATE");
    try {
        store.insert(rows(3));
        FAIL();
    } catch (const sqlite_error& e) {
        EXPECT_EQ(e.primary_code(), SQLITE_BUSY);
    }
    execute(other.get(), "COMMIT");
    store.insert(rows(2));
    EXPECT_EQ(count(), "2");
}

TEST_F(sqlite_store_test, waits_for_a_lock_as_long_as_the_option_says) {
    sqlite_store store(options(150ms));
    const auto other = open_database(path_);
    execute(other.get(), "BEGIN IMMEDIATE");
    const auto start = std::chrono::steady_clock::now();
    EXPECT_THROW(store.insert(rows(1)), sqlite_error);
    EXPECT_GE(std::chrono::steady_clock::now() - start, 140ms);
}

TEST_F(sqlite_store_test, a_database_locked_at_the_start_is_opened_later) {
    const auto other = open_database(path_);
    execute(other.get(), "BEGIN EXCLUSIVE; CREATE TABLE x (y)");
    sqlite_store store(options());
    EXPECT_THROW(store.insert(rows(1)), sqlite_error);
    execute(other.get(), "COMMIT");
    store.insert(rows(1));
    EXPECT_EQ(count(), "1");
}

TEST_F(sqlite_store_test, a_full_disk_fails_the_batch_whole_and_heals) {
    sqlite3_auto_extension(reinterpret_cast<void (*)()>(&limit_pages));
    page_limit = 40;
    sqlite_store store(options());
    page_limit = 0;
    const std::string big(10'000, 'x');
    store.insert(rows(5, big));
    try {
        store.insert(rows(20, big));
        FAIL();
    } catch (const sqlite_error& e) {
        EXPECT_EQ(e.primary_code(), SQLITE_FULL) << e.what();
    }
    EXPECT_EQ(count(), "5");
    execute(open_database(path_).get(), "DELETE FROM messages");
    store.insert(rows(5, big));
    EXPECT_EQ(count(), "5");
}

TEST_F(sqlite_store_test, a_write_error_fails_the_batch_whole_and_heals) {
    sqlite_store store(options());
    store.insert(rows(1));
    ::signal(SIGXFSZ, SIG_IGN);
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit limited{64'000, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limited);
    EXPECT_THROW(store.insert(rows(20, std::string(10'000, 'x'))), sqlite_error);
    ::setrlimit(RLIMIT_FSIZE, &before);
    store.insert(rows(2));
    EXPECT_EQ(count(), "3");
}

TEST_F(sqlite_store_test, a_row_the_table_refuses_does_not_take_the_others_along) {
    sqlite_store store(options());
    execute(open_database(path_).get(), "CREATE UNIQUE INDEX once ON messages (topic)");
    const auto refused =
        store.insert(std::vector{to_row({.topic = "a"}), to_row({.topic = "a"}), to_row({.topic = "b"})});
    ASSERT_EQ(refused.size(), 1u);
    EXPECT_EQ(refused[0].index, 1u);
    EXPECT_NE(refused[0].reason.find("UNIQUE"), std::string::npos) << refused[0].reason;
    EXPECT_EQ(query("SELECT topic FROM messages ORDER BY id"), (std::vector{"a"s, "b"s}));
}

TEST_F(sqlite_store_test, a_row_the_table_refuses_can_be_left_out) {
    auto o = options();
    o.on_conflict = on_conflict::ignore;
    sqlite_store store(o);
    execute(open_database(path_).get(), "CREATE UNIQUE INDEX once ON messages (topic)");
    EXPECT_TRUE(
        store.insert(std::vector{to_row({.topic = "a"}), to_row({.topic = "a"}), to_row({.topic = "b"})})
            .empty());
    EXPECT_EQ(query("SELECT topic FROM messages ORDER BY id"), (std::vector{"a"s, "b"s}));
}

TEST_F(sqlite_store_test, a_constraint_that_undoes_the_transaction_fails_the_batch_whole) {
    sqlite_store store(options());
    execute(
        open_database(path_).get(), "CREATE TRIGGER odd BEFORE INSERT ON messages WHEN new.topic = 'x' "
                                    "BEGIN SELECT RAISE(ROLLBACK, 'x is odd'); END");
    try {
        store.insert(std::vector{to_row({.topic = "a"}), to_row({.topic = "x"}), to_row({.topic = "b"})});
        FAIL();
    } catch (const sqlite_error& e) {
        EXPECT_NE(std::string(e.what()).find("x is odd"), std::string::npos) << e.what();
    }
    EXPECT_EQ(count(), "0");
}

TEST_F(sqlite_store_test, follows_its_name_when_the_file_is_moved_away) {
    sqlite_store store(options());
    store.insert(rows(1));
    std::filesystem::rename(path_, path_ + ".old");
    store.insert(rows(2));
    EXPECT_EQ(count(), "2");
}

TEST_F(sqlite_store_test, a_dropped_table_is_made_anew) {
    sqlite_store store(options());
    execute(open_database(path_).get(), "DROP TABLE messages");
    EXPECT_THROW(store.insert(rows(1)), sqlite_error);
    store.insert(rows(1));
    EXPECT_EQ(count(), "1");
}

/// Rows of QoS 2, each with its receipt.
class sqlite_receipts : public sqlite_store_test {
  protected:
    static row received(std::uint16_t id, std::string_view content, bool dup = false) {
        mqtt::fingerprint f{};
        std::copy_n(reinterpret_cast<const std::byte*>(content.data()), content.size(), f.begin());
        return to_row(
            {.topic = content,
             .qos = mqtt::qos::exactly_once,
             .dup = dup,
             .client_id = "me",
             .receipt = connector::receipt{.client_id = "me", .packet_id = id, .fingerprint = f}});
    }

    static row again(std::uint16_t id, std::string_view content) { return received(id, content, true); }

    void insert(row r) { EXPECT_TRUE(store_.insert({&r, 1}).empty()); }

    [[nodiscard]] std::vector<std::string> stored() const {
        return query("SELECT topic FROM messages ORDER BY id");
    }

    sqlite_store store_{options()};
};

TEST_F(sqlite_receipts, a_message_that_comes_again_is_stored_once) {
    insert(received(1, "a"));
    insert(again(1, "a"));
    EXPECT_EQ(stored(), std::vector{"a"s});
}

TEST_F(sqlite_receipts, they_outlive_the_process) {
    insert(received(1, "a"));
    sqlite_store next(options());
    const auto r = again(1, "a");
    next.insert({&r, 1});
    EXPECT_EQ(stored(), std::vector{"a"s});
}

TEST_F(sqlite_receipts, one_that_was_not_stored_before_is_stored_though_it_comes_again) {
    insert(again(1, "a"));
    EXPECT_EQ(stored(), std::vector{"a"s});
}

TEST_F(sqlite_receipts, a_first_sending_is_new_whatever_its_id_and_content) {
    insert(received(1, "a"));
    insert(received(1, "a"));
    EXPECT_EQ(stored(), (std::vector{"a"s, "a"s}));
}

TEST_F(sqlite_receipts, another_content_is_another_message) {
    insert(received(1, "a"));
    insert(again(1, "b"));
    insert(again(1, "b"));
    EXPECT_EQ(stored(), (std::vector{"a"s, "b"s}));
}

TEST_F(sqlite_receipts, a_further_attempt_counts_as_coming_again) {
    insert(received(1, "a"));
    auto r = received(1, "a");
    r.facts.attempt = 2;
    insert(r);
    EXPECT_EQ(stored(), std::vector{"a"s});
}

TEST_F(sqlite_receipts, what_is_released_is_forgotten) {
    insert(received(1, "a"));
    insert(received(2, "b"));
    const std::uint16_t one = 1;
    store_.release("me", {&one, 1});
    EXPECT_EQ(query("SELECT packet_id FROM messages_received"), std::vector{"2"s});
    insert(again(1, "a"));
    EXPECT_EQ(stored(), (std::vector{"a"s, "b"s, "a"s}));
}

TEST_F(sqlite_receipts, a_reset_forgets_one_client_only) {
    insert(received(1, "a"));
    auto other = received(1, "b");
    other.facts.receipt->client_id = "you";
    insert(other);
    store_.reset("me");
    EXPECT_EQ(query("SELECT client_id FROM messages_received"), std::vector{"you"s});
}

TEST_F(sqlite_receipts, a_batch_that_fails_leaves_none) {
    const auto other = open_database(path_);
    execute(
        other.get(), "CREATE TRIGGER full BEFORE INSERT ON messages WHEN new.topic = 'x' "
                     "BEGIN SELECT RAISE(ROLLBACK, 'no'); END");
    const std::vector batch{received(1, "a"), received(2, "x")};
    EXPECT_THROW(store_.insert(batch), sqlite_error);
    execute(other.get(), "DROP TRIGGER full");
    EXPECT_EQ(stored(), std::vector<std::string>{});
    const std::vector repeated{again(1, "a"), again(2, "x")};
    EXPECT_TRUE(store_.insert(repeated).empty());
    EXPECT_EQ(stored(), (std::vector{"a"s, "x"s}));
}

TEST_F(sqlite_receipts, a_row_that_is_refused_has_none) {
    const auto other = open_database(path_);
    execute(other.get(), "CREATE UNIQUE INDEX once ON messages (topic)");
    const std::vector batch{received(1, "a"), received(2, "a")};
    EXPECT_EQ(store_.insert(batch).size(), 1u);
    EXPECT_EQ(query("SELECT packet_id FROM messages_received"), std::vector{"1"s});
}

/// Rows with the tokens of a session store.
class sqlite_tokens : public sqlite_store_test {
  protected:
    static row taken(std::uint64_t number, std::string_view content, std::string_view store = "s") {
        return to_row(
            {.topic = content,
             .qos = mqtt::qos::exactly_once,
             .client_id = "me",
             .token = connector::delivery_token{.store = store, .number = number}});
    }

    void insert(row r) { EXPECT_TRUE(store_.insert({&r, 1}).empty()); }

    [[nodiscard]] std::vector<std::string> stored() const {
        return query("SELECT topic FROM messages ORDER BY id");
    }

    [[nodiscard]] std::vector<std::string> kept() const {
        return query("SELECT store || number FROM messages_taken ORDER BY store, number");
    }

    sqlite_store store_{options()};
};

TEST_F(sqlite_tokens, a_message_that_is_handed_out_again_is_stored_once) {
    insert(taken(1, "a"));
    insert(taken(1, "a"));
    insert(taken(2, "a"));
    insert(taken(1, "a", "another"));
    EXPECT_EQ(stored(), (std::vector{"a"s, "a"s, "a"s}));
}

TEST_F(sqlite_tokens, they_outlive_the_process) {
    insert(taken(1, "a"));
    sqlite_store next(options());
    const auto r = taken(1, "a");
    next.insert({&r, 1});
    EXPECT_EQ(stored(), std::vector{"a"s});
}

TEST_F(sqlite_tokens, what_is_released_is_forgotten) {
    for (const std::uint64_t n : {1, 2, 3})
        insert(taken(n, "a"));
    insert(taken(2, "a", "t"));
    const std::uint64_t numbers[] = {1, 2};
    store_.release("s", numbers);
    EXPECT_EQ(kept(), (std::vector{"s3"s, "t2"s}));
}

TEST_F(sqlite_tokens, a_store_that_is_opened_leaves_those_that_may_be_asked_for) {
    for (const std::uint64_t n : {1, 2, 3})
        insert(taken(n, "a"));
    insert(taken(1, "a", "t"));
    store_.reset("s", 3);
    EXPECT_EQ(kept(), (std::vector{"s3"s, "t1"s}));
}

TEST_F(sqlite_tokens, a_row_that_is_refused_has_none) {
    const auto other = open_database(path_);
    execute(other.get(), "CREATE UNIQUE INDEX once ON messages (topic)");
    const std::vector batch{taken(1, "a"), taken(2, "a")};
    EXPECT_EQ(store_.insert(batch).size(), 1u);
    EXPECT_EQ(kept(), std::vector{"s1"s});
}

} // namespace
} // namespace weir::sinks
