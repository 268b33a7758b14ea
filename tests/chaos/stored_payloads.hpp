#pragma once

#include <sqlite3.h>

#include <string>
#include <vector>

namespace weir::testing {

/// Of every row of the database's table of messages, in their order; none while there is no database yet.
[[nodiscard]] inline std::vector<std::string> stored_payloads(const std::string& path) {
    std::vector<std::string> all;
    sqlite3* db = nullptr;
    sqlite3_stmt* rows = nullptr;
    if (sqlite3_open_v2(path.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK) {
        sqlite3_busy_timeout(db, 5'000);
        sqlite3_prepare_v2(db, "SELECT payload FROM messages ORDER BY id", -1, &rows, nullptr);
        while (rows != nullptr && sqlite3_step(rows) == SQLITE_ROW)
            all.emplace_back(
                static_cast<const char*>(sqlite3_column_blob(rows, 0)),
                static_cast<std::size_t>(sqlite3_column_bytes(rows, 0)));
    }
    sqlite3_finalize(rows);
    sqlite3_close(db);
    return all;
}

} // namespace weir::testing
