#include "sqlite_store.hpp"

#include <weir/base/text.hpp>
#include <weir/sinks/json.hpp>

#include <fmt/format.h>

#include <string_view>
#include <utility>

namespace weir::sinks {

namespace {

constexpr std::string_view columns =
    "topic, payload, qos, retain, dup, client_id, received_at, attempt, properties";

constexpr std::string_view create_table = R"(
CREATE TABLE IF NOT EXISTS {} (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL,
    qos INTEGER NOT NULL,
    retain INTEGER NOT NULL,
    dup INTEGER NOT NULL,
    client_id TEXT NOT NULL,
    received_at TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    properties TEXT NOT NULL
))";

/// Refusals that concern one row and leave the transaction usable.
bool concerns_row_only(int code) noexcept {
    switch (code & 0xFF) {
    case SQLITE_CONSTRAINT:
    case SQLITE_MISMATCH:
    case SQLITE_TOOBIG: return true;
    default: return false;
    }
}

bool is_locked(const sqlite_error& e) noexcept {
    return e.primary_code() == SQLITE_BUSY || e.primary_code() == SQLITE_LOCKED;
}

/// After these SQLite may see the file through stale state; only a new connection is sure to work again.
bool needs_new_connection(int code) noexcept {
    switch (code & 0xFF) {
    case SQLITE_ERROR: // the table is gone: opening makes it anew
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_READONLY:
    case SQLITE_SCHEMA: return true;
    default: return false;
    }
}

} // namespace

row to_row(const record& r) {
    return {r, to_iso8601(r.received_at), r.properties == nullptr ? "{}" : to_json(*r.properties)};
}

sqlite_store::sqlite_store(sqlite_options options)
    : options_(std::move(options)) {
    try {
        open();
    } catch (const sqlite_error& e) {
        close();
        if (!is_locked(e)) throw;
    }
}

/// All of `work` is committed when this returns, and none of it when it throws.
template <class Work>
void sqlite_store::in_transaction(Work work) {
    try {
        reopen_when_moved();
        if (!db_) open();
        run(begin_.get());
        work();
        run(commit_.get());
    } catch (const sqlite_error& e) {
        undo();
        if (!insert_ || needs_new_connection(e.code())) close();
        throw;
    }
}

std::vector<refused_row> sqlite_store::insert(std::span<const row> rows) {
    std::vector<refused_row> refused;
    in_transaction([&] { refused = insert_all(rows); });
    return refused;
}

void sqlite_store::release(std::string_view client_id, std::span<const std::uint16_t> packet_ids) {
    in_transaction([&] {
        for (const auto id : packet_ids)
            received().release(client_id, id);
    });
}

void sqlite_store::reset(std::string_view client_id) {
    in_transaction([&] { received().reset(client_id); });
}

void sqlite_store::release(std::string_view store, std::span<const std::uint64_t> numbers) {
    in_transaction([&] {
        for (const auto n : numbers)
            taken().release({store, n});
    });
}

void sqlite_store::reset(std::string_view store, std::uint64_t first) {
    in_transaction([&] { taken().release_below({store, first}); });
}

token_table& sqlite_store::taken() {
    if (!taken_) taken_.emplace(db_.get(), options_.table + "_taken");
    return *taken_;
}

/// Made by whoever needs it first.
receipt_table& sqlite_store::received() {
    if (!received_) received_.emplace(db_.get(), options_.table + "_received");
    return *received_;
}

void sqlite_store::open() {
    db_ = open_database(options_.path);
    sqlite3_busy_timeout(db_.get(), static_cast<int>(options_.busy_timeout.count()));
    configure();
    prepare_table();
}

/// Rows written to a file that has been deleted or renamed would be committed and yet lost to everybody.
void sqlite_store::reopen_when_moved() {
    int moved = 0;
    if (db_ && sqlite3_file_control(db_.get(), "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK &&
        moved != 0)
        close();
}

void sqlite_store::configure() {
    execute(db_.get(), "PRAGMA journal_mode = WAL");
    execute(db_.get(), fmt::format("PRAGMA synchronous = {}", to_string(options_.synchronous)));
}

void sqlite_store::prepare_table() {
    const auto table = sql_identifier(options_.table);
    execute(db_.get(), fmt::format(create_table, table));
    insert_ = prepare(
        db_.get(), fmt::format(
                       "INSERT {}INTO {} ({}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                       options_.on_conflict == on_conflict::ignore ? "OR IGNORE " : "", table, columns));
    // The lock is taken at the start: a transaction that only finds out at its first write cannot wait for
    // it.
    begin_ = prepare(db_.get(), "BEGIN IMMEDIATE");
    commit_ = prepare(db_.get(), "COMMIT");
}

std::vector<refused_row> sqlite_store::insert_all(std::span<const row> rows) {
    std::vector<refused_row> refused;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (is_stored(rows[i].facts)) continue;
        std::string reason;
        if (!insert_one(rows[i], reason)) {
            refused.push_back({i, std::move(reason)});
        } else {
            note(rows[i].facts);
        }
    }
    return refused;
}

/// With the row, so that it is not stored again.
void sqlite_store::note(const record& r) {
    if (r.receipt) received().write(*r.receipt);
    if (r.token) taken().write(*r.token);
}

/// For a receipt, a first sending of a message cannot have been stored, whatever id and content it has
/// [MQTT-3.3.1-1].
bool sqlite_store::is_stored(const record& r) {
    if (r.token && taken().has(*r.token)) return true;
    return r.receipt && (r.dup || r.attempt > 1) && received().has(*r.receipt);
}

bool sqlite_store::insert_one(const row& r, std::string& reason) {
    auto* const s = insert_.get();
    bind_text(s, 1, r.facts.topic);
    bind_blob(s, 2, r.facts.payload);
    sqlite3_bind_int(s, 3, static_cast<int>(r.facts.qos));
    sqlite3_bind_int(s, 4, r.facts.retain ? 1 : 0);
    sqlite3_bind_int(s, 5, r.facts.dup ? 1 : 0);
    bind_text(s, 6, r.facts.client_id);
    bind_text(s, 7, r.received_at);
    sqlite3_bind_int64(s, 8, r.facts.attempt);
    bind_text(s, 9, r.properties);
    try {
        run(s);
        return true;
    } catch (const sqlite_error& e) {
        // A constraint may be told to undo the whole transaction.
        if (!concerns_row_only(e.code()) || sqlite3_get_autocommit(db_.get()) != 0) throw;
        reason = e.what();
        return false;
    }
}

/// SQLite itself undoes the transaction after some errors, and then a ROLLBACK would be one more.
void sqlite_store::undo() noexcept {
    received_.reset(); // the tables may have been made in this transaction
    taken_.reset();
    if (db_ && sqlite3_get_autocommit(db_.get()) == 0)
        sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void sqlite_store::close() noexcept {
    insert_.reset();
    begin_.reset();
    commit_.reset();
    received_.reset();
    taken_.reset();
    db_.reset();
}

} // namespace weir::sinks
