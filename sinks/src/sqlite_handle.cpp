#include "sqlite_handle.hpp"

#include <fmt/format.h>

namespace weir::sinks {

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

} // namespace weir::sinks
