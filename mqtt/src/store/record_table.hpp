#pragma once

#include "store/database.hpp"

#include <weir/mqtt/store/session_store.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::mqtt {

/// The records of a store in one database. Each carries a checksum, and a summary row counts them all, so
/// that neither a changed nor a missing record goes unseen. Everything throws `database_error`.
class record_table {
  public:
    /// Makes the tables in a database that has none; refuses one that is not a store (`store_mismatch`).
    record_table(database& db, const store_options& options);

    [[nodiscard]] const std::string& uuid() const noexcept { return summary_.uuid; }

    /// All records in order. What is damaged is told to `damaged`; when that returns false, reading ends
    /// there.
    [[nodiscard]] std::vector<stored_record> read(const std::function<bool(const error&)>& damaged);

    /// One transaction.
    void write(std::span<const store_change> changes);

    /// Replaces everything.
    void replace_all(const std::string& uuid, std::span<const stored_record> records);

    /// Of the pages that hold something.
    [[nodiscard]] std::uint64_t bytes_in_use();

    [[nodiscard]] std::uint64_t records() const noexcept { return summary_.records; }

    /// Gives pages that hold nothing back to the file system when there are many.
    void shrink();

    static constexpr std::int64_t page_size = 4096;

  private:
    struct summary {
        std::string uuid{};
        std::uint64_t records{0};
        std::uint64_t sum{0}; ///< of the records' checksums

        [[nodiscard]] std::uint32_t check() const noexcept;
    };

    void make_tables();
    void prepare_all();
    [[nodiscard]] summary read_summary();
    void write_summary(const summary& s);
    void put(const stored_record& r, summary& s);
    void erase(std::int64_t id, summary& s);
    void apply(std::span<const store_change> changes, summary& s);

    database& db_;
    summary summary_{}; ///< as committed
    statement begin_;
    statement commit_;
    statement put_;
    statement erase_;
    statement summarize_;
    statement pages_;
    statement free_pages_;
};

/// The record that a row of id, head, payload and crc holds, when its checksum agrees.
[[nodiscard]] std::optional<stored_record> sound_record(sqlite3_stmt* row);

} // namespace weir::mqtt
