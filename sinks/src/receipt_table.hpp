#pragma once

#include "sqlite_handle.hpp"

#include <weir/connector/receipts.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::sinks {

/// The receipts of one table of messages, in a table beside it. For use inside of a transaction; all throw
/// `sqlite_error`.
class receipt_table {
  public:
    /// Creates the table when it is missing.
    receipt_table(sqlite3* db, const std::string& name);

    [[nodiscard]] bool has(const connector::receipt& r);

    /// In place of an older one with the same ids.
    void write(const connector::receipt& r);

    void release(std::string_view client_id, std::uint16_t packet_id);
    void reset(std::string_view client_id);

  private:
    statement_handle find_;
    statement_handle write_;
    statement_handle release_;
    statement_handle reset_;
};

} // namespace weir::sinks
