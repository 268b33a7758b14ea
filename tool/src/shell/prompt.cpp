#include "prompt.hpp"

#include <unistd.h>

#include <cstdio>

namespace weir::tool {

prompt::prompt(int input)
    : terminal_(::isatty(input) == 1) {}

void prompt::show() {
    if (!shown_) write("weir> ");
    shown_ = true;
}

void prompt::clear() {
    if (shown_) write("\r\033[K");
    shown_ = false;
}

void prompt::write(std::string_view text) const {
    if (!terminal_) return;
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

} // namespace weir::tool
