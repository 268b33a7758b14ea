#include <weir/base/limited_log.hpp>

#include <chrono>
#include <utility>

namespace weir {

limited_log::limited_log(log_level level, std::string kind, const time_source& time)
    : level_(level)
    , kind_(std::move(kind))
    , time_(time) {}

limited_log::~limited_log() {
    tell(untold_);
}

void limited_log::write(std::string_view line) noexcept {
    std::uint64_t untold = 0;
    if (!admit(untold)) return;
    tell(untold);
    log(level_, line);
}

bool limited_log::admit(std::uint64_t& untold) noexcept {
    const std::scoped_lock lock{mutex_};
    const auto now = time_.now();
    if (!second_ || now - *second_ >= std::chrono::seconds{1}) {
        second_ = now;
        written_ = 0;
        untold = std::exchange(untold_, 0);
    }
    if (written_ < most_in_a_second) {
        ++written_;
        return true;
    }
    ++untold_;
    ++left_out_;
    return false;
}

void limited_log::tell(std::uint64_t untold) const noexcept {
    if (untold == 0) return;
    try {
        log(level_, std::to_string(untold) + " more " + kind_ + " were left out");
    } catch (...) { // NOLINT(bugprone-empty-catch): for want of memory; it is counted all the same
    }
}

std::uint64_t limited_log::left_out() const noexcept {
    const std::scoped_lock lock{mutex_};
    return left_out_;
}

} // namespace weir
