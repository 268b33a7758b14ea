#include "suggest.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <numeric>
#include <vector>

namespace weir::tool {

namespace {

std::string folded(std::string_view word) {
    std::string out;
    for (const unsigned char c : word)
        out += c == '-' ? '_' : static_cast<char>(std::tolower(c));
    return out;
}

} // namespace

std::size_t edit_distance(std::string_view first, std::string_view second) {
    const auto a = folded(first);
    const auto b = folded(second);
    using line = std::vector<std::size_t>;
    std::array<line, 3> lines{line(b.size() + 1), line(b.size() + 1), line(b.size() + 1)};
    std::iota(lines[0].begin(), lines[0].end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        auto& now = lines[i % 3];
        const auto& last = lines[(i + 2) % 3];
        const auto& before_last = lines[(i + 1) % 3];
        now[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            now[j] = std::min({last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) now[j] = std::min(now[j], before_last[j - 2] + 1);
        }
    }
    return lines[a.size() % 3][b.size()];
}

std::optional<std::string> nearest(std::string_view word, std::span<const std::string> known) {
    if (known.empty()) return std::nullopt;
    const auto best = std::min_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
        return edit_distance(word, a) < edit_distance(word, b);
    });
    const std::size_t tolerated = std::max<std::size_t>(1, word.size() / 3);
    if (edit_distance(word, *best) > tolerated) return std::nullopt;
    return *best;
}

} // namespace weir::tool
