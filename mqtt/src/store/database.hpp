#pragma once

#include <weir/base/bytes.hpp>
#include <weir/base/error.hpp>

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace weir::mqtt {

/// What SQLite refused, in the words of this library. Stays inside of the store.
class database_error : public std::runtime_error {
  public:
    explicit database_error(error e)
        : std::runtime_error(e.detail)
        , error_(std::move(e)) {}

    [[nodiscard]] const error& reason() const noexcept { return error_; }

  private:
    error error_;
};

/// `code` is an extended result code of SQLite.
[[nodiscard]] error to_error(int code, const std::string& path, std::string_view text);

struct database_closer {
    void operator()(sqlite3* db) const noexcept { sqlite3_close_v2(db); }
};

struct statement_closer {
    void operator()(sqlite3_stmt* s) const noexcept { sqlite3_finalize(s); }
};

using statement = std::unique_ptr<sqlite3_stmt, statement_closer>;

/// A connection to one database, with the calls a store needs. Everything throws `database_error`.
class database {
  public:
    explicit database(std::string path);

    void execute(const char* sql);
    [[nodiscard]] statement prepare(const char* sql);

    /// The first column of the first row.
    [[nodiscard]] std::int64_t number(sqlite3_stmt* s);
    [[nodiscard]] std::int64_t number(const char* sql);

    /// True while there is a row.
    [[nodiscard]] bool step(sqlite3_stmt* s);

    /// To its end, and ready for the next time.
    void run(sqlite3_stmt* s);

    /// Undoes a transaction that is open still.
    void undo() noexcept;

    [[nodiscard]] const std::string& path() const noexcept { return path_; }

  private:
    [[noreturn]] void fail(int code);

    std::string path_;
    std::unique_ptr<sqlite3, database_closer> db_;
};

void bind(sqlite3_stmt* s, int index, std::int64_t value);

/// Without a copy: `value` must stay until the statement has run.
void bind(sqlite3_stmt* s, int index, std::string_view value);

[[nodiscard]] std::string_view column(sqlite3_stmt* s, int index);

} // namespace weir::mqtt
