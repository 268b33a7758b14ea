#include <weir/base/log.hpp>

#include <spdlog/spdlog.h>

namespace weir {
namespace {

spdlog::level::level_enum native(log_level level) noexcept {
    switch (level) {
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warning: return spdlog::level::warn;
    case log_level::error: return spdlog::level::err;
    }
    return spdlog::level::err;
}

} // namespace

void log(log_level level, std::string_view line) noexcept {
    try {
        // spdlog sets itself up on first use. Its shared library is not instrumented, so that ThreadSanitizer
        // sees the order between that and every other use only by a static of our own.
        static const bool set_up = spdlog::default_logger_raw() != nullptr;
        if (!set_up) return;
        // As an argument, not as the format: the line may hold braces of a user's text.
        spdlog::log(native(level), "{}", line);
    } catch (...) { // NOLINT(bugprone-empty-catch): a log that fails has nobody left to tell
    }
}

} // namespace weir
