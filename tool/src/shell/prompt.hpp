#pragma once

#include <string_view>

namespace weir::tool {

/// What a person at a terminal sees in front of the next command; nothing where standard input is none.
class prompt {
  public:
    explicit prompt(int input);

    [[nodiscard]] bool is_terminal() const noexcept { return terminal_; }

    void show();

    /// Before something else is written.
    void clear();

  private:
    void write(std::string_view text) const;

    bool terminal_;
    bool shown_{false};
};

} // namespace weir::tool
