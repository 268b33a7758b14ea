#include "line_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace weir::tool {

line_reader::state line_reader::next(std::string& line) {
    const auto end = text_.find('\n', std::max(given_, seen_));
    const bool whole = end != std::string::npos;
    seen_ = whole ? end : text_.size();
    const auto length = seen_ - given_;
    if (length > longest_) passing_ = true;
    if (!whole && !(at_end_ && (length > 0 || passing_))) return at_end_ ? state::ended : leave_out();
    if (!passing_) line = text_.substr(given_, length);
    given_ = whole ? end + 1 : text_.size();
    if (!passing_) return state::ready;
    passing_ = false;
    return state::too_long;
}

/// There is no whole line: what is there may be the beginning of one that is too long.
line_reader::state line_reader::leave_out() {
    if (passing_) given_ = text_.size();
    return state::waiting;
}

void line_reader::read_more() {
    text_.erase(0, given_);
    seen_ -= std::min(seen_, given_);
    given_ = 0;
    std::array<char, 65'536> chunk;
    const auto n = ::read(fd_, chunk.data(), chunk.size());
    if (n < 0 && errno != EINTR && errno != EAGAIN)
        throw std::system_error(errno, std::generic_category(), "standard input");
    if (n > 0) text_.append(chunk.data(), static_cast<std::size_t>(n));
    at_end_ = n == 0;
}

} // namespace weir::tool
