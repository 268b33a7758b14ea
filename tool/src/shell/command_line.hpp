#pragma once

#include <weir/base/result.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tool {

/// One word of a command: `text`, or `key=text`.
struct word {
    enum class form : std::uint8_t {
        bare,
        quoted,    ///< a JSON string: `text` is its content
        bracketed, ///< from an opening bracket to the one that closes it, as it stands there
        decoded,   ///< after hex:, base64: or file:, `text` being the bytes
    };

    std::string key{}; ///< empty when there is none
    std::string text{};
    form spelled{form::bare};

    friend bool operator==(const word&, const word&) = default;
};

/// A command as it was written: `[@client] name word...`.
struct command_line {
    std::string client{}; ///< empty when none was named
    std::string name{};
    std::vector<word> words{};

    friend bool operator==(const command_line&, const command_line&) = default;
};

/// Reads one line, without its newline. Nothing when it is blank or a comment. The error says what is wrong
/// and where, counting bytes from 1. Files are read here.
[[nodiscard]] result<std::optional<command_line>> parse_command(std::string_view line);

} // namespace weir::tool
