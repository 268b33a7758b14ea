#pragma once

#include "sqlite_handle.hpp"

#include <weir/sinks/options.hpp>
#include <weir/sinks/record.hpp>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace weir::sinks {

/// A record with the texts that are made for the database, made before the database is locked.
struct row {
    record facts{};
    std::string received_at{};
    std::string properties{};
};

[[nodiscard]] row to_row(const record& r);

/// A row that the table does not take, such as one that breaks a constraint the owner of the table added.
struct refused_row {
    std::size_t index{0};
    std::string reason{};
};

/// One connection to the database. Not thread-safe.
class sqlite_store {
  public:
    /// Opens the database and creates the table. When another process holds the lock, the first `insert` does
    /// that instead. Throws `sqlite_error`.
    explicit sqlite_store(sqlite_options options);

    /// Writes the rows in one transaction and returns when it is committed. Throws `sqlite_error` with the
    /// transaction undone; the next call works again once the cause is gone.
    std::vector<refused_row> insert(std::span<const row> rows);

  private:
    void open();
    void reopen_when_moved();
    void configure();
    void prepare_table();
    std::vector<refused_row> insert_all(std::span<const row> rows);
    bool insert_one(const row& r, std::string& reason);
    void step(sqlite3_stmt* s);
    void undo() noexcept;
    void close() noexcept;

    sqlite_options options_;
    sqlite_handle db_;
    statement_handle insert_;
    statement_handle begin_;
    statement_handle commit_;
};

} // namespace weir::sinks
