#pragma once

#include <weir/base/log.hpp>
#include <weir/base/time.hpp>

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace weir {

/// One kind of log lines, of which no more than ten a second are written, so that what goes wrong with every
/// message does not fill the disk. The first line after such a second, or the end of the object, says how
/// many were left out. Thread-safe.
class limited_log {
  public:
    static constexpr unsigned most_in_a_second = 10;

    /// `kind` names the lines that were left out: "3 more ... were left out".
    limited_log(log_level level, std::string kind, const time_source& time = real_time());
    limited_log(const limited_log&) = delete;
    limited_log& operator=(const limited_log&) = delete;
    ~limited_log();

    void write(std::string_view line) noexcept;

    /// Since the beginning.
    [[nodiscard]] std::uint64_t left_out() const noexcept;

  private:
    [[nodiscard]] bool admit(std::uint64_t& untold) noexcept;
    void tell(std::uint64_t untold) const noexcept;

    const log_level level_;
    const std::string kind_;
    const time_source& time_;
    mutable std::mutex mutex_;         // guards all below
    std::optional<time_point> second_; ///< when it began
    unsigned written_{0};              ///< in it
    std::uint64_t untold_{0};
    std::uint64_t left_out_{0};
};

} // namespace weir
