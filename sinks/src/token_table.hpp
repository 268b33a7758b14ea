#pragma once

#include "sqlite_handle.hpp"

#include <weir/connector/delivery_tokens.hpp>

#include <string>

namespace weir::sinks {

/// The delivery tokens of one table of messages, in a table beside it. For use inside of a transaction; all
/// throw `sqlite_error`.
class token_table {
  public:
    /// Creates the table when it is missing.
    token_table(sqlite3* db, const std::string& name);

    [[nodiscard]] bool has(const connector::delivery_token& t);

    /// One that is not there.
    void write(const connector::delivery_token& t);

    void release(const connector::delivery_token& t);

    /// All of the same store with lower numbers.
    void release_below(const connector::delivery_token& t);

  private:
    statement_handle find_;
    statement_handle write_;
    statement_handle release_;
    statement_handle release_below_;
};

} // namespace weir::sinks
