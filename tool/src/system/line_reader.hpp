#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace weir::tool {

/// The lines of a descriptor, without their newlines; a last line without one counts. Never waits: who owns
/// it watches the descriptor.
class line_reader {
  public:
    enum class state : std::uint8_t {
        ready,    ///< `next` gave a line
        waiting,  ///< ask again after `read_more`
        too_long, ///< one that was longer than allowed has been passed over
        ended,
    };

    line_reader(int fd, std::size_t longest)
        : fd_(fd)
        , longest_(longest) {}

    [[nodiscard]] state next(std::string& line);

    /// To be called when the descriptor can be read. Throws `std::system_error`.
    void read_more();

    [[nodiscard]] int descriptor() const noexcept { return fd_; }

  private:
    [[nodiscard]] state leave_out();

    int fd_;
    std::size_t longest_;
    std::string text_{};   ///< read and not yet forgotten
    std::size_t given_{0}; ///< of that, given out as lines
    std::size_t seen_{0};  ///< of that, known to hold no newline
    bool passing_{false};  ///< over the rest of a line that is too long
    bool at_end_{false};
};

} // namespace weir::tool
