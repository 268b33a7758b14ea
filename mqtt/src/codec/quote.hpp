#pragma once

#include <string>
#include <string_view>

namespace weir::mqtt {

/// `text` between quotation marks for an error message; a long one is cut, since what a peer sends may be
/// 64 KiB long.
[[nodiscard]] inline std::string quote(std::string_view text) {
    constexpr std::size_t longest = 100;
    if (text.size() <= longest) return '"' + std::string(text) + '"';
    return '"' + std::string(text.substr(0, longest)) + "...\"";
}

} // namespace weir::mqtt
