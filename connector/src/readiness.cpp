#include "readiness.hpp"

#include <weir/connector/error.hpp>

#include <string>

namespace weir::connector {

void readiness::ready() {
    const std::lock_guard lock(mutex_);
    --missing_;
    changed_.notify_all();
}

void readiness::failed(const error& reason) {
    const std::lock_guard lock(mutex_);
    if (!failure_) failure_ = reason;
    changed_.notify_all();
}

result<void> readiness::wait(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, limit, [&] { return missing_ == 0 || failure_; });
    if (failure_) return *failure_;
    if (missing_ == 0) return {};
    return error(
        errc::not_ready_in_time, std::to_string(missing_) + " of the connections not ready after " +
                                     std::to_string(limit.count()) + "ms");
}

} // namespace weir::connector
