#pragma once

#include <mutex>
#include <string>
#include <string_view>

namespace weir::tool {

/// Standard error as a person reads it: lines that scroll and, on a terminal, one line at the bottom that is
/// refreshed in place. Thread-safe.
class console {
  public:
    console();
    console(const console&) = delete;
    console& operator=(const console&) = delete;
    ~console();

    [[nodiscard]] bool is_terminal() const noexcept { return terminal_; }

    /// `text` may hold several lines; a newline is added when it has none at its end.
    void line(std::string_view text);

    /// Replaces the refreshed line; without a terminal nothing is shown.
    void status(std::string text);

  private:
    std::mutex mutex_;
    std::string status_;
    bool terminal_;
};

} // namespace weir::tool
