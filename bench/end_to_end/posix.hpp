#pragma once

#include <cerrno>
#include <string>
#include <system_error>

namespace weir::bench {

/// Throws what `errno` says about `call`.
[[noreturn]] inline void fail(const std::string& call) {
    throw std::system_error(errno, std::generic_category(), call);
}

/// The result of a system call that must not fail.
template <class T>
T checked(T result, const char* call) {
    if (result < 0) fail(call);
    return result;
}

} // namespace weir::bench
