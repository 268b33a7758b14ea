#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace weir::tool {

/// The payloads of `pub`, one after another: the same text some number of times, or the lines of an input.
class payload_source {
  public:
    enum class state : std::uint8_t {
        ready,   ///< `next` gave one
        waiting, ///< ask again when `input()` can be read
        ended,
    };

    static payload_source repeat(std::string payload, std::uint64_t times);

    /// Lines of a descriptor, without their newlines; a last line without one counts.
    static payload_source lines(int fd);

    state next(std::string& payload);

    /// What to wait for while `waiting`, or -1.
    [[nodiscard]] int input() const noexcept { return fd_; }

  private:
    payload_source() = default;
    [[nodiscard]] bool take_line(std::string& line);
    void read_more();

    std::string text_;     ///< to be repeated, or what was read and not yet given out
    std::size_t given_{0}; ///< bytes of `text_` that were given out as lines
    std::uint64_t left_{0};
    int fd_{-1};
    bool at_end_{false};
};

/// All there is to read from a file, or from standard input for "-". Throws `std::runtime_error`.
[[nodiscard]] std::string read_all(const std::string& path);

} // namespace weir::tool
