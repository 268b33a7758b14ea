#include "store/record_table.hpp"

#include "store/checksum.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <random>
#include <utility>

namespace weir::mqtt {
namespace {

constexpr std::int64_t application = 0x57454952; // "WEIR"
constexpr std::int64_t format = 1;
constexpr unsigned kind_shift = 56;

std::int64_t id_of(const stored_record& r) {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(r.what) << kind_shift | r.key);
}

stored_record::kind kind_of(std::int64_t id) {
    return static_cast<stored_record::kind>(static_cast<std::uint64_t>(id) >> kind_shift);
}

std::uint64_t key_of(std::int64_t id) {
    return static_cast<std::uint64_t>(id) & ((std::uint64_t{1} << kind_shift) - 1);
}

std::uint32_t check_of(std::int64_t id, std::string_view head, std::string_view payload) {
    return checksum{}
        .add(static_cast<std::uint64_t>(id))
        .add(std::uint64_t{head.size()})
        .add(head)
        .add(payload)
        .value();
}

std::string draw_uuid() {
    static constexpr std::string_view digits = "0123456789abcdef";
    std::random_device source;
    std::string text;
    for (int i = 0; i < 32; ++i) {
        if (i == 8 || i == 12 || i == 16 || i == 20) text += '-';
        text += digits[i == 12 ? 4 : i == 16 ? 8 + source() % 4 : source() % 16]; // version 4 of RFC 4122
    }
    return text;
}

/// The database refuses to grow somewhat beyond what the session keeps to, so that erasing never lacks room.
constexpr std::int64_t spare_pages = 1024;

} // namespace

std::uint32_t record_table::summary::check() const noexcept {
    return checksum{}.add(uuid).add(records).add(sum).value();
}

record_table::record_table(database& db, const store_options& options)
    : db_(db) {
    db_.execute("PRAGMA locking_mode = EXCLUSIVE");
    if (db_.number("PRAGMA schema_version") == 0) make_tables();
    if (db_.number("PRAGMA application_id") != application)
        throw database_error{{errc::store_mismatch, db_.path() + ": a database, but not a session store"}};
    if (const auto found = db_.number("PRAGMA user_version"); found != format)
        throw database_error{
            {errc::store_mismatch, db_.path() + ": format " + std::to_string(found) +
                                       ", this program knows " + std::to_string(format)}};
    db_.execute("PRAGMA journal_mode = WAL");
    db_.execute(
        options.fsync == store_fsync::always ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    db_.execute("PRAGMA journal_size_limit = 16777216");
    db_.execute("PRAGMA cell_size_check = ON");
    const auto most = static_cast<std::int64_t>(options.bytes) / page_size + spare_pages;
    db_.execute(("PRAGMA max_page_count = " + std::to_string(most)).c_str());
    db_.execute("BEGIN EXCLUSIVE; COMMIT"); // from here on nobody else gets in
    prepare_all();
    summary_ = read_summary();
}

void record_table::make_tables() {
    db_.execute("PRAGMA page_size = 4096");
    db_.execute("PRAGMA auto_vacuum = INCREMENTAL");
    db_.execute("PRAGMA journal_mode = WAL");
    db_.execute("BEGIN EXCLUSIVE");
    db_.execute("CREATE TABLE record (id INTEGER PRIMARY KEY, head BLOB NOT NULL, payload BLOB NOT NULL,"
                " crc INTEGER NOT NULL)");
    db_.execute("CREATE TABLE summary (one INTEGER PRIMARY KEY CHECK (one = 1), uuid BLOB NOT NULL,"
                " records INTEGER NOT NULL, sum INTEGER NOT NULL, crc INTEGER NOT NULL)");
    db_.execute(("PRAGMA application_id = " + std::to_string(application)).c_str());
    db_.execute(("PRAGMA user_version = " + std::to_string(format)).c_str());
    summarize_ = db_.prepare("INSERT OR REPLACE INTO summary VALUES (1, ?, ?, ?, ?)");
    write_summary({.uuid = draw_uuid()});
    db_.execute("COMMIT");
}

void record_table::prepare_all() {
    begin_ = db_.prepare("BEGIN IMMEDIATE");
    commit_ = db_.prepare("COMMIT");
    put_ = db_.prepare("INSERT INTO record VALUES (?, ?, ?, ?)");
    erase_ = db_.prepare("DELETE FROM record WHERE id = ? RETURNING crc");
    summarize_ = db_.prepare("INSERT OR REPLACE INTO summary VALUES (1, ?, ?, ?, ?)");
    pages_ = db_.prepare("PRAGMA page_count");
    free_pages_ = db_.prepare("PRAGMA freelist_count");
}

// ---- reading

record_table::summary record_table::read_summary() {
    const auto s = db_.prepare("SELECT uuid, records, sum, crc FROM summary");
    summary found;
    bool sound = false;
    if (db_.step(s.get())) {
        found.uuid = column(s.get(), 0);
        found.records = static_cast<std::uint64_t>(sqlite3_column_int64(s.get(), 1));
        found.sum = static_cast<std::uint64_t>(sqlite3_column_int64(s.get(), 2));
        sound = found.check() == sqlite3_column_int64(s.get(), 3);
    }
    if (!sound)
        throw database_error{{errc::store_corrupt, db_.path() + ": the summary of the records is damaged"}};
    return found;
}

std::optional<stored_record> sound_record(sqlite3_stmt* row) {
    const auto id = sqlite3_column_int64(row, 0);
    const auto head = column(row, 1);
    const auto payload = column(row, 2);
    if (check_of(id, head, payload) != sqlite3_column_int64(row, 3)) return std::nullopt;
    return stored_record{kind_of(id), key_of(id), bytes::copy(head), bytes::copy(payload)};
}

std::vector<stored_record> record_table::read(const std::function<bool(const error&)>& damaged) {
    std::vector<stored_record> all;
    std::uint64_t sum = 0;
    const auto s = db_.prepare("SELECT id, head, payload, crc FROM record ORDER BY id");
    while (db_.step(s.get())) {
        if (auto r = sound_record(s.get())) {
            sum += static_cast<std::uint64_t>(sqlite3_column_int64(s.get(), 3));
            all.push_back(std::move(*r));
            continue;
        }
        const auto id = sqlite3_column_int64(s.get(), 0);
        if (!damaged(
                {errc::store_corrupt, db_.path() + ": the checksum of record " +
                                          std::string(to_string(kind_of(id))) + " " +
                                          std::to_string(key_of(id)) + " does not match"})) {
            return all;
        }
    }
    if (all.size() != summary_.records || sum != summary_.sum)
        (void)damaged(
            {errc::store_corrupt, db_.path() + ": " + std::to_string(all.size()) + " records of " +
                                      std::to_string(summary_.records) + " are there and sound"});
    return all;
}

// ---- writing

void record_table::write(std::span<const store_change> changes) {
    auto next = summary_;
    db_.run(begin_.get());
    apply(changes, next);
    write_summary(next);
    db_.run(commit_.get());
    summary_ = std::move(next);
}

void record_table::apply(std::span<const store_change> changes, summary& s) {
    for (const auto& change : changes)
        if (change.erase)
            erase(id_of(change.record), s);
        else
            put(change.record, s);
}

void record_table::put(const stored_record& r, summary& s) {
    const auto id = id_of(r);
    erase(id, s);
    const auto crc = check_of(id, r.head.text(), r.payload.text());
    bind(put_.get(), 1, id);
    bind(put_.get(), 2, r.head.text());
    bind(put_.get(), 3, r.payload.text());
    bind(put_.get(), 4, std::int64_t{crc});
    db_.run(put_.get());
    ++s.records;
    s.sum += crc;
}

void record_table::erase(std::int64_t id, summary& s) {
    bind(erase_.get(), 1, id);
    while (db_.step(erase_.get())) {
        --s.records;
        s.sum -= static_cast<std::uint64_t>(sqlite3_column_int64(erase_.get(), 0));
    }
    sqlite3_reset(erase_.get());
}

void record_table::write_summary(const summary& s) {
    bind(summarize_.get(), 1, std::string_view{s.uuid});
    bind(summarize_.get(), 2, static_cast<std::int64_t>(s.records));
    bind(summarize_.get(), 3, static_cast<std::int64_t>(s.sum));
    bind(summarize_.get(), 4, std::int64_t{s.check()});
    db_.run(summarize_.get());
}

void record_table::replace_all(const std::string& uuid, std::span<const stored_record> records) {
    summary next{.uuid = uuid};
    db_.run(begin_.get());
    db_.execute("DELETE FROM record");
    for (const auto& r : records)
        put(r, next);
    write_summary(next);
    db_.run(commit_.get());
    summary_ = std::move(next);
}

// ---- space

std::uint64_t record_table::bytes_in_use() {
    return static_cast<std::uint64_t>((db_.number(pages_.get()) - db_.number(free_pages_.get())) * page_size);
}

void record_table::shrink() {
    const auto unused = db_.number(free_pages_.get());
    if (unused > spare_pages && unused > db_.number(pages_.get()) / 2)
        db_.execute("PRAGMA incremental_vacuum");
}

} // namespace weir::mqtt
