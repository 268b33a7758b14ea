#include "support/faulty_vfs.hpp"
#include "support/store_directory.hpp"

#include <weir/mqtt/store/session_store.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <cstdlib>
#include <string>
#include <vector>

namespace weir::mqtt {
namespace {

using kind = stored_record::kind;
using test::store_directory;

stored_record record(kind what, std::uint64_t key, std::string_view head, std::string_view payload = {}) {
    return {what, key, bytes::copy(head), bytes::copy(payload)};
}

store_change put(stored_record r) {
    return {std::move(r), false};
}

store_change erase(kind what, std::uint64_t key) {
    return {record(what, key, ""), true};
}

/// Opens, and fails the test when that does not work.
store_content opened(session_store& s) {
    auto content = s.open();
    EXPECT_TRUE(content) << (content ? "" : content.error().message());
    return content ? *std::move(content) : store_content{};
}

void write(session_store& s, std::vector<store_change> changes) {
    const auto done = s.write(changes);
    EXPECT_TRUE(done) << (done ? "" : done.error().message());
}

void run_sql(const std::filesystem::path& file, const char* sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(file.c_str(), &db), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), SQLITE_OK) << sqlite3_errmsg(db);
    sqlite3_close(db);
}

std::error_code fault_of_opening(const store_options& o) {
    const auto content = make_sqlite_store(o)->open();
    EXPECT_FALSE(content);
    return content ? std::error_code{} : content.error().code;
}

TEST(sqlite_store, keeps_what_was_written_in_the_order_of_kind_and_key) {
    const store_directory dir;
    std::string uuid;
    {
        const auto s = make_sqlite_store(dir.options());
        uuid = opened(*s).uuid;
        write(
            *s,
            {put(record(kind::message, 300, "b", std::string(100'000, 'x'))),
             put(record(kind::message, 2, "a", "")), put(record(kind::session, 0, std::string(1, '\0')))});
    }
    const auto s = make_sqlite_store(dir.options());
    const auto content = opened(*s);
    EXPECT_EQ(uuid.size(), 36u);
    EXPECT_EQ(content.uuid, uuid);
    EXPECT_THAT(
        content.records, testing::ElementsAre(
                             record(kind::session, 0, std::string(1, '\0')), record(kind::message, 2, "a"),
                             record(kind::message, 300, "b", std::string(100'000, 'x'))));
}

TEST(sqlite_store, replaces_and_erases) {
    const store_directory dir;
    const auto s = make_sqlite_store(dir.options());
    (void)opened(*s);
    write(*s, {put(record(kind::flight, 1, "old")), put(record(kind::flight, 2, "gone"))});
    write(
        *s, {put(record(kind::flight, 1, "new")), erase(kind::flight, 2), erase(kind::flight, 99),
             put(record(kind::message, 2, "other kind"))});
    s->close();
    EXPECT_THAT(
        opened(*s).records,
        testing::ElementsAre(record(kind::message, 2, "other kind"), record(kind::flight, 1, "new")));
}

TEST(sqlite_store, belongs_to_one_at_a_time) {
    const store_directory dir;
    const auto first = make_sqlite_store(dir.options());
    (void)opened(*first);
    EXPECT_EQ(fault_of_opening(dir.options()), errc::store_locked);
    first->close();
    EXPECT_TRUE(make_sqlite_store(dir.options())->open());
}

TEST(sqlite_store, refuses_what_is_no_store_of_this_format) {
    const store_directory dir;
    run_sql(dir.file(), "CREATE TABLE t (a)");
    EXPECT_EQ(fault_of_opening(dir.options()), errc::store_mismatch);

    const store_directory other;
    (void)opened(*make_sqlite_store(other.options()));
    run_sql(other.file(), "PRAGMA user_version = 2");
    EXPECT_EQ(fault_of_opening(other.options()), errc::store_mismatch);

    const store_directory noise;
    test::write_file(noise.file(), std::string(8192, 'x'));
    EXPECT_EQ(fault_of_opening(noise.options()), errc::store_corrupt);
}

TEST(sqlite_store, a_directory_that_cannot_be_made_is_an_error) {
    const store_directory dir;
    test::write_file(dir.path() / "file", "");
    store_options o;
    o.path = (dir.path() / "file").string();
    EXPECT_EQ(fault_of_opening(o), errc::io_error);
}

TEST(sqlite_store, sees_changed_and_missing_records_and_names_them) {
    for (const char* damage :
         {"UPDATE record SET payload = x'00' WHERE id & 1023 = 7",
          "UPDATE record SET id = id + 1000 WHERE id & 1023 = 7"}) {
        const store_directory dir;
        {
            const auto s = make_sqlite_store(dir.options());
            (void)opened(*s);
            write(*s, {put(record(kind::message, 7, "h", "p")), put(record(kind::message, 8, "h", "p"))});
        }
        run_sql(dir.file(), damage);
        const auto content = make_sqlite_store(dir.options())->open();
        ASSERT_FALSE(content);
        EXPECT_EQ(content.error().code, errc::store_corrupt);
        EXPECT_THAT(content.error().detail, testing::HasSubstr("record message "));
        EXPECT_THAT(content.error().detail, testing::HasSubstr(dir.file().string()));
    }
    const store_directory dir;
    {
        const auto s = make_sqlite_store(dir.options());
        (void)opened(*s);
        write(*s, {put(record(kind::message, 7, "h", "p")), put(record(kind::message, 8, "h", "p"))});
    }
    run_sql(dir.file(), "DELETE FROM record WHERE id & 1023 = 7");
    const auto content = make_sqlite_store(dir.options())->open();
    ASSERT_FALSE(content);
    EXPECT_THAT(content.error().detail, testing::HasSubstr("1 records of 2"));
}

TEST(sqlite_store, repairs_what_can_be_read) {
    const store_directory dir;
    {
        const auto s = make_sqlite_store(dir.options());
        (void)opened(*s);
        write(*s, {put(record(kind::message, 7, "h", "p")), put(record(kind::message, 8, "h", "p"))});
    }
    run_sql(dir.file(), "UPDATE record SET payload = x'00' WHERE id & 1023 = 7");
    auto o = dir.options();
    o.repair = true;
    const auto s = make_sqlite_store(o);
    const auto content = opened(*s);
    EXPECT_THAT(content.records, testing::ElementsAre(record(kind::message, 8, "h", "p")));
    EXPECT_FALSE(content.warnings.empty());
    EXPECT_TRUE(std::filesystem::exists(dir.file().string() + ".damaged"));
    s->close();
    EXPECT_TRUE(opened(*s).warnings.empty());
    s->close();
    EXPECT_EQ(opened(*make_sqlite_store(dir.options())).records.size(), 1u);
}

/// Whatever byte of a small store changes: it opens with all that was in it, or says that it is damaged and
/// can be repaired, and the repair brings nothing that was not there.
TEST(sqlite_store, no_byte_changes_unseen) {
    const test::faulty_vfs quick; // without the system's syncs
    const store_directory dir;
    std::vector<stored_record> all;
    {
        const auto s = make_sqlite_store(dir.options());
        (void)opened(*s);
        for (std::uint64_t key = 1; key <= 6; ++key)
            write(
                *s, {put(record(kind::message, key, "head " + std::to_string(key), std::string(300, 'p')))});
        write(*s, {erase(kind::message, 3)});
        s->close();
        all = opened(*s).records;
    }
    const auto sound = test::content_of(dir.file());
    ASSERT_GT(sound.size(), 4096u);
    const std::size_t stride = std::getenv("WEIR_EVERY_BYTE") == nullptr ? 7 : 1;
    std::size_t seen = 0;
    for (std::size_t at = 0; at < sound.size(); ++at) {
        // Unused room is most of a small file: little of it will do.
        if (at % (sound[at] == 0 ? 16 * stride : stride) != 0 && at > 128) continue;
        auto damaged = sound;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x55);
        const store_directory copy;
        test::write_file(copy.file(), damaged);
        const auto content = make_sqlite_store(copy.options())->open();
        if (content) {
            EXPECT_EQ(content->records, all) << "byte " << at;
            continue;
        }
        ++seen;
        auto o = copy.options();
        o.repair = true;
        const auto repaired = make_sqlite_store(o)->open();
        ASSERT_TRUE(repaired) << "byte " << at << ": " << content.error().message() << "; "
                              << repaired.error().message();
        EXPECT_TRUE(
            content.error().code == errc::store_corrupt || content.error().code == errc::store_mismatch)
            << "byte " << at << ": " << content.error().message();
        for (const auto& r : repaired->records)
            EXPECT_THAT(all, testing::Contains(r)) << "byte " << at;
    }
    EXPECT_GT(seen * stride, 1'000u); // the records alone are more than that
}

TEST(sqlite_store, gives_space_back) {
    const store_directory dir;
    const auto s = make_sqlite_store(dir.options());
    const auto empty = opened(*s).bytes;
    std::vector<store_change> puts;
    std::vector<store_change> erasures;
    for (std::uint64_t key = 0; key < 1'000; ++key) {
        puts.push_back(put(record(kind::message, key, "h", std::string(10'000, 'p'))));
        erasures.push_back(erase(kind::message, key));
    }
    const auto full = s->write(puts);
    ASSERT_TRUE(full);
    EXPECT_GT(full->bytes, 10'000'000u);
    EXPECT_EQ(full->records, 1'000u);
    const auto again = s->write(erasures);
    ASSERT_TRUE(again);
    EXPECT_LE(again->bytes, empty + 16 * 4096);
    EXPECT_EQ(again->records, 0u);
    for (std::uint64_t key = 0; key < 600; ++key)
        write(*s, {put(record(kind::flight, key % 4, "h"))});
    s->close();
    EXPECT_LT(std::filesystem::file_size(dir.file()), 5'000'000u);
}

TEST(sqlite_store, is_full_at_its_bound_and_goes_on_when_there_is_room_again) {
    const store_directory dir;
    auto o = dir.options();
    o.bytes = 1 << 20;
    const auto s = make_sqlite_store(o);
    (void)opened(*s);
    const std::string payload(100'000, 'p');
    std::uint64_t key = 0;
    while (s->write(std::vector{put(record(kind::message, key, "h", payload))}))
        ASSERT_LT(++key, 100u);
    const auto refused = s->write(std::vector{put(record(kind::message, key, "h", payload))});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::store_full);
    write(*s, {erase(kind::message, 0), erase(kind::message, 1)});
    write(*s, {put(record(kind::message, key, "h", payload))});
    s->close();
    EXPECT_EQ(opened(*s).records.size(), key - 1);
}

} // namespace
} // namespace weir::mqtt
