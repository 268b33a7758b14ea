#include "output_line.hpp"

#include <cstdio>

namespace weir::tool {

bool write_output(std::string_view text) {
    return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

} // namespace weir::tool
