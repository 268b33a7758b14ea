#pragma once

#include "fleet/identity.hpp"

#include <weir/base/result.hpp>
#include <weir/base/time.hpp>

#include <cstdint>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

/// The simulator's book: every publish that the broker confirmed, with the time it was sent. What stands in
/// it must be found in the store; what does not was never promised to anybody.
///
/// A line is "vehicle sequence published_us", the time being the machine's monotonic clock, which all
/// processes share.
namespace weir::demo {

struct ledger_entry {
    identity id{};
    time_point published{};

    friend bool operator==(const ledger_entry&, const ledger_entry&) = default;
};

/// Thread-safe.
class ledger_writer {
  public:
    /// An empty path writes nothing. Throws `std::system_error` when the file cannot be opened.
    explicit ledger_writer(const std::string& path);

    void add(const ledger_entry& entry);
    void flush();

  private:
    std::mutex mutex_;
    std::ofstream file_;
};

/// All complete lines of the file.
[[nodiscard]] result<std::vector<ledger_entry>> read_ledger(const std::string& path);

} // namespace weir::demo
