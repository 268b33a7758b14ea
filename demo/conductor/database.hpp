#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace weir::demo {

/// Reads the consumer's table through a read-only connection of its own. A database that does not exist yet,
/// or is busy for the moment, reads as empty: the caller looks again.
class database {
  public:
    database(std::string path, const std::string& table);
    ~database();

    /// The highest row committed; nothing when it cannot be told just now.
    [[nodiscard]] std::optional<std::int64_t> last_row();

    /// Calls `each` for the rows beyond `after`, in order; returns the last one's number, or `after`.
    std::int64_t read_after(
        std::int64_t after, const std::function<void(std::int64_t row, std::string_view payload)>& each);

  private:
    using connection_handle = std::unique_ptr<sqlite3, int (*)(sqlite3*)>;
    using statement_handle = std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)>;

    [[nodiscard]] bool open();
    [[nodiscard]] statement_handle prepare(const std::string& sql) const;

    std::string path_;
    std::string last_row_sql_;
    std::string rows_sql_;
    connection_handle connection_;
    statement_handle last_row_query_;
    statement_handle rows_query_;
};

} // namespace weir::demo
