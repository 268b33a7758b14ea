#pragma once

#include <cstdio>
#include <cstdlib>

namespace weir::fuzz {

/// Ends the run with a crash, which is what libFuzzer keeps the input for.
inline void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "violated: %s\n", what);
    std::abort();
}

} // namespace weir::fuzz
