#include "token_table.hpp"

#include <fmt/format.h>

namespace weir::sinks {

namespace {

constexpr std::string_view create_table = R"(
CREATE TABLE IF NOT EXISTS {} (
    store TEXT NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (store, number)
) WITHOUT ROWID)";

sqlite3_stmt* bound(const statement_handle& s, const connector::delivery_token& t) {
    bind_text(s.get(), 1, t.store);
    sqlite3_bind_int64(s.get(), 2, static_cast<sqlite3_int64>(t.number)); // below 2^56
    return s.get();
}

} // namespace

token_table::token_table(sqlite3* db, const std::string& name) {
    const auto table = sql_identifier(name);
    execute(db, fmt::format(create_table, table));
    find_ = prepare(db, fmt::format("SELECT 1 FROM {} WHERE store = ? AND number = ?", table));
    write_ = prepare(db, fmt::format("INSERT INTO {} (store, number) VALUES (?, ?)", table));
    release_ = prepare(db, fmt::format("DELETE FROM {} WHERE store = ? AND number = ?", table));
    release_below_ = prepare(db, fmt::format("DELETE FROM {} WHERE store = ? AND number < ?", table));
}

bool token_table::has(const connector::delivery_token& t) {
    return finds(bound(find_, t));
}

void token_table::write(const connector::delivery_token& t) {
    run(bound(write_, t));
}

void token_table::release(const connector::delivery_token& t) {
    run(bound(release_, t));
}

void token_table::release_below(const connector::delivery_token& t) {
    run(bound(release_below_, t));
}

} // namespace weir::sinks
