#pragma once

#include "counters.hpp"

#include <cstdint>

namespace weir::tool {

class console;

enum class progress_mode : std::uint8_t {
    automatic, ///< one refreshed line on a terminal, else as `line`
    line,      ///< one line a second on standard error
    json,      ///< one JSON object a second on standard output
    none,
};

/// Shows how a run gets on. To be called often; it shows something only when it is time. Not thread-safe.
class progress {
  public:
    progress(progress_mode mode, console& errors);

    void show(const counters& c);

    /// Takes the refreshed line away.
    void finish();

  private:
    [[nodiscard]] double rate(const counters& c);
    [[nodiscard]] bool is_due(double elapsed, double interval);

    progress_mode mode_;
    console& errors_;
    double shown_at_{0};
    double rate_{0};
    double rate_from_{0};
    std::uint64_t succeeded_then_{0};
};

} // namespace weir::tool
