#pragma once

#include "system/line_reader.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace weir::tool {

/// The payloads of `pub`, one after another: the same text some number of times, or the lines of an input.
class payload_source {
  public:
    enum class state : std::uint8_t {
        ready,   ///< `next` gave one
        waiting, ///< ask again after `input_ready`
        too_long,
        ended,
    };

    static payload_source repeat(std::string payload, std::uint64_t times);

    /// Lines of a descriptor, without their newlines; a last line without one counts.
    static payload_source lines(int fd);

    state next(std::string& payload);

    /// What to wait for while `waiting`, or -1.
    [[nodiscard]] int input() const noexcept { return lines_ ? lines_->descriptor() : -1; }

    /// `input()` can be read.
    void input_ready() { lines_->read_more(); }

  private:
    payload_source() = default;

    std::optional<line_reader> lines_{};
    std::string text_{}; ///< to be repeated
    std::uint64_t left_{0};
};

/// All there is to read from a file, or from standard input for "-". Throws `std::runtime_error`, also when
/// it is longer than any message.
[[nodiscard]] std::string read_all(const std::string& path);

} // namespace weir::tool
