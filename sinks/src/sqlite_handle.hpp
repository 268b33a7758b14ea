#pragma once

#include <weir/sinks/sink.hpp>

#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

namespace weir::sinks {

/// What SQLite refused, with its extended result code.
class sqlite_error : public sink_error {
  public:
    sqlite_error(const std::string& text, int code)
        : sink_error(text)
        , code_(code) {}

    [[nodiscard]] int code() const noexcept { return code_; }

    /// Without the extension: SQLITE_BUSY, SQLITE_FULL and so on.
    [[nodiscard]] int primary_code() const noexcept { return code_ & 0xFF; }

  private:
    int code_;
};

struct sqlite_closer {
    void operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
};

struct statement_closer {
    void operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }
};

using sqlite_handle = std::unique_ptr<sqlite3, sqlite_closer>;
using statement_handle = std::unique_ptr<sqlite3_stmt, statement_closer>;

/// Creates the file when it is missing.
[[nodiscard]] sqlite_handle open_database(const std::string& path);

[[nodiscard]] statement_handle prepare(sqlite3* db, const std::string& sql);

/// Runs one statement, or several separated by semicolons, and drops what they return.
void execute(sqlite3* db, const std::string& sql);

/// Runs a prepared statement that gives no rows, and makes it ready for the next time.
void run(sqlite3_stmt* s);

/// Whether a prepared query gives a row; makes it ready for the next time.
[[nodiscard]] bool finds(sqlite3_stmt* s);

/// Not copied: the value must live until the statement has run.
void bind_text(sqlite3_stmt* s, int index, std::string_view value);
void bind_blob(sqlite3_stmt* s, int index, std::string_view value);

/// The connection's last error as an exception; the text names the database and the code.
[[nodiscard]] sqlite_error last_error(sqlite3* db);

/// The name as an SQL identifier.
[[nodiscard]] std::string sql_identifier(const std::string& name);

} // namespace weir::sinks
