#include "receipt_table.hpp"

#include <fmt/format.h>

namespace weir::sinks {

namespace {

constexpr std::string_view create_table = R"(
CREATE TABLE IF NOT EXISTS {} (
    client_id TEXT NOT NULL,
    packet_id INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    PRIMARY KEY (client_id, packet_id)
) WITHOUT ROWID)";

std::string_view view_of(const mqtt::fingerprint& f) noexcept {
    return {reinterpret_cast<const char*>(f.data()), f.size()};
}

void bind_ids(sqlite3_stmt* s, std::string_view client_id, std::uint16_t packet_id) {
    bind_text(s, 1, client_id);
    sqlite3_bind_int(s, 2, packet_id);
}

void bind_all(sqlite3_stmt* s, const connector::receipt& r) {
    bind_ids(s, r.client_id, r.packet_id);
    bind_blob(s, 3, view_of(r.fingerprint));
}

} // namespace

receipt_table::receipt_table(sqlite3* db, const std::string& name) {
    const auto table = sql_identifier(name);
    execute(db, fmt::format(create_table, table));
    find_ = prepare(
        db, fmt::format("SELECT 1 FROM {} WHERE client_id = ? AND packet_id = ? AND fingerprint = ?", table));
    write_ = prepare(
        db,
        fmt::format("INSERT OR REPLACE INTO {} (client_id, packet_id, fingerprint) VALUES (?, ?, ?)", table));
    release_ = prepare(db, fmt::format("DELETE FROM {} WHERE client_id = ? AND packet_id = ?", table));
    reset_ = prepare(db, fmt::format("DELETE FROM {} WHERE client_id = ?", table));
}

bool receipt_table::has(const connector::receipt& r) {
    bind_all(find_.get(), r);
    return finds(find_.get());
}

void receipt_table::write(const connector::receipt& r) {
    bind_all(write_.get(), r);
    run(write_.get());
}

void receipt_table::release(std::string_view client_id, std::uint16_t packet_id) {
    bind_ids(release_.get(), client_id, packet_id);
    run(release_.get());
}

void receipt_table::reset(std::string_view client_id) {
    bind_text(reset_.get(), 1, client_id);
    run(reset_.get());
}

} // namespace weir::sinks
