#pragma once

#include "receipt_table.hpp"
#include "sqlite_handle.hpp"
#include "token_table.hpp"

#include <weir/sinks/options.hpp>
#include <weir/sinks/record.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
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
    /// One that has come before is left out: its delivery token is there, or its receipt.
    std::vector<refused_row> insert(std::span<const row> rows);

    /// Forgets receipts, or delivery tokens, in one transaction each. Throw `sqlite_error` with the
    /// transaction undone.
    void release(std::string_view client_id, std::span<const std::uint16_t> packet_ids);
    void reset(std::string_view client_id);
    void release(std::string_view store, std::span<const std::uint64_t> numbers);
    void reset(std::string_view store, std::uint64_t first);

  private:
    template <class Work>
    void in_transaction(Work work);
    void open();
    void reopen_when_moved();
    void configure();
    void prepare_table();
    std::vector<refused_row> insert_all(std::span<const row> rows);
    [[nodiscard]] bool is_stored(const record& r);
    bool insert_one(const row& r, std::string& reason);
    void note(const record& r);
    [[nodiscard]] receipt_table& received();
    [[nodiscard]] token_table& taken();
    void undo() noexcept;
    void close() noexcept;

    sqlite_options options_;
    sqlite_handle db_;
    statement_handle insert_;
    statement_handle begin_;
    statement_handle commit_;
    std::optional<receipt_table> received_;
    std::optional<token_table> taken_;
};

} // namespace weir::sinks
