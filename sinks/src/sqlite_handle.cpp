#include "sqlite_handle.hpp"

#include <fmt/format.h>

namespace weir::sinks {

namespace {

/// An empty view may be a null pointer, which SQLite would bind as NULL.
const char* data_of(std::string_view value) noexcept {
    return value.empty() ? "" : value.data();
}

} // namespace

sqlite_error last_error(sqlite3* db) {
    const int code = sqlite3_extended_errcode(db);
    const char* path = sqlite3_db_filename(db, "main");
    return {
        fmt::format("sqlite {}: {} (code {})", path == nullptr ? "" : path, sqlite3_errmsg(db), code), code};
}

sqlite_handle open_database(const std::string& path) {
    sqlite3* raw = nullptr;
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
    sqlite_handle db(raw);
    if (code != SQLITE_OK)
        throw sqlite_error(fmt::format("sqlite {}: {} (code {})", path, sqlite3_errstr(code), code), code);
    return db;
}

statement_handle prepare(sqlite3* db, const std::string& sql) {
    sqlite3_stmt* raw = nullptr;
    if (sqlite3_prepare_v3(
            db, sql.c_str(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &raw, nullptr) !=
        SQLITE_OK)
        throw last_error(db);
    return statement_handle(raw);
}

void execute(sqlite3* db, const std::string& sql) {
    if (sqlite3_exec(db, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) throw last_error(db);
}

std::string sql_identifier(const std::string& name) {
    std::string out = "\"";
    for (const char c : name) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

namespace {

[[noreturn]] void fail(sqlite3_stmt* s) {
    const auto error = last_error(sqlite3_db_handle(s));
    sqlite3_reset(s);
    throw error;
}

} // namespace

void run(sqlite3_stmt* s) {
    if (sqlite3_step(s) != SQLITE_DONE) fail(s);
    sqlite3_reset(s);
}

bool finds(sqlite3_stmt* s) {
    const int code = sqlite3_step(s);
    if (code != SQLITE_ROW && code != SQLITE_DONE) fail(s);
    sqlite3_reset(s);
    return code == SQLITE_ROW;
}

void bind_text(sqlite3_stmt* s, int index, std::string_view value) {
    sqlite3_bind_text64(s, index, data_of(value), value.size(), SQLITE_STATIC, SQLITE_UTF8);
}

void bind_blob(sqlite3_stmt* s, int index, std::string_view value) {
    sqlite3_bind_blob64(s, index, data_of(value), value.size(), SQLITE_STATIC);
}

} // namespace weir::sinks
