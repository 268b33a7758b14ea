#include "conductor/database.hpp"

#include <sqlite3.h>

#include <utility>

namespace weir::demo {

database::database(std::string path, const std::string& table)
    : path_(std::move(path))
    , last_row_sql_("SELECT max(id) FROM \"" + table + '"')
    , rows_sql_("SELECT id, payload FROM \"" + table + "\" WHERE id > ? ORDER BY id")
    , connection_(nullptr, sqlite3_close_v2)
    , last_row_query_(nullptr, sqlite3_finalize)
    , rows_query_(nullptr, sqlite3_finalize) {}

database::~database() = default;

database::statement_handle database::prepare(const std::string& sql) const {
    sqlite3_stmt* statement = nullptr;
    sqlite3_prepare_v3(connection_.get(), sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
    return {statement, sqlite3_finalize};
}

bool database::open() {
    if (!connection_) {
        sqlite3* opened = nullptr;
        const int rc = sqlite3_open_v2(path_.c_str(), &opened, SQLITE_OPEN_READONLY, nullptr);
        connection_.reset(opened);
        if (rc != SQLITE_OK) connection_.reset();
    }
    if (connection_ && !last_row_query_) last_row_query_ = prepare(last_row_sql_);
    if (connection_ && !rows_query_) rows_query_ = prepare(rows_sql_);
    return last_row_query_ && rows_query_;
}

std::optional<std::int64_t> database::last_row() {
    if (!open()) return std::nullopt;
    std::optional<std::int64_t> row;
    if (sqlite3_step(last_row_query_.get()) == SQLITE_ROW)
        row = sqlite3_column_int64(last_row_query_.get(), 0);
    sqlite3_reset(last_row_query_.get());
    return row;
}

std::int64_t database::read_after(
    std::int64_t after, const std::function<void(std::int64_t row, std::string_view payload)>& each) {
    if (!open()) return after;
    auto* query = rows_query_.get();
    sqlite3_bind_int64(query, 1, after);
    while (sqlite3_step(query) == SQLITE_ROW) {
        after = sqlite3_column_int64(query, 0);
        const auto* data = static_cast<const char*>(sqlite3_column_blob(query, 1));
        each(after, {data, static_cast<std::size_t>(sqlite3_column_bytes(query, 1))});
    }
    sqlite3_reset(query);
    return after;
}

} // namespace weir::demo
