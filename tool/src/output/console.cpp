#include "console.hpp"

#include <unistd.h>

#include <cstdio>
#include <utility>

namespace weir::tool {

namespace {

constexpr std::string_view clear_line = "\r\033[K";

void write_error(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

} // namespace

console::console()
    : terminal_(::isatty(STDERR_FILENO) == 1) {}

console::~console() {
    status({});
}

void console::line(std::string_view text) {
    const std::lock_guard lock(mutex_);
    std::string out(status_.empty() ? std::string_view{} : clear_line);
    out += text;
    if (!text.ends_with('\n')) out += '\n';
    write_error(out + status_);
}

void console::status(std::string text) {
    const std::lock_guard lock(mutex_);
    if (!terminal_ || text == status_) return;
    status_ = std::move(text);
    write_error(std::string(clear_line) + status_);
}

} // namespace weir::tool
