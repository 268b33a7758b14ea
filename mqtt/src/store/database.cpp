#include "store/database.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <utility>

namespace weir::mqtt {
namespace {

errc kind_of(int code) {
    switch (code & 0xFF) {
    case SQLITE_FULL: return errc::store_full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return errc::store_locked;
    case SQLITE_ERROR: // our statements are sound, so the schema is not
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return errc::store_corrupt;
    default: return errc::io_error;
    }
}

} // namespace

error to_error(int code, const std::string& path, std::string_view text) {
    return {kind_of(code), path + ": " + std::string(text) + " (SQLite " + std::to_string(code) + ")"};
}

database::database(std::string path)
    : path_(std::move(path)) {
    sqlite3* raw = nullptr;
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(path_.c_str(), &raw, flags, nullptr);
    db_.reset(raw);
    if (code != SQLITE_OK) throw database_error{to_error(code, path_, sqlite3_errstr(code))};
}

void database::execute(const char* sql) {
    const int code = sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) fail(code);
}

statement database::prepare(const char* sql) {
    sqlite3_stmt* raw = nullptr;
    const int code = sqlite3_prepare_v3(db_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
    if (code != SQLITE_OK) fail(code);
    return statement{raw};
}

std::int64_t database::number(sqlite3_stmt* s) {
    const auto value = step(s) ? sqlite3_column_int64(s, 0) : 0;
    sqlite3_reset(s);
    return value;
}

std::int64_t database::number(const char* sql) {
    const auto s = prepare(sql);
    return number(s.get());
}

bool database::step(sqlite3_stmt* s) {
    const int code = sqlite3_step(s);
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    sqlite3_reset(s);
    fail(code);
}

void database::run(sqlite3_stmt* s) {
    while (step(s)) {
    }
    sqlite3_reset(s);
}

void database::undo() noexcept {
    if (sqlite3_get_autocommit(db_.get()) == 0)
        sqlite3_exec(db_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void database::fail(int code) {
    throw database_error{to_error(code, path_, sqlite3_errmsg(db_.get()))};
}

void bind(sqlite3_stmt* s, int index, std::int64_t value) {
    sqlite3_bind_int64(s, index, value);
}

void bind(sqlite3_stmt* s, int index, std::string_view value) {
    // A null pointer would be bound as NULL.
    const char* const data = value.empty() ? "" : value.data();
    sqlite3_bind_blob64(s, index, data, value.size(), SQLITE_STATIC);
}

std::string_view column(sqlite3_stmt* s, int index) {
    const auto* const data = static_cast<const char*>(sqlite3_column_blob(s, index));
    if (data == nullptr) return {};
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(s, index))};
}

} // namespace weir::mqtt
