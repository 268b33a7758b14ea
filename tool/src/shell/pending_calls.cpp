#include "pending_calls.hpp"

#include "arguments.hpp"

namespace weir::tool {

std::stop_token pending_calls::begin(std::uint64_t line) {
    const std::lock_guard lock(mutex_);
    if (calls_.size() >= most) throw bad_command("too many commands wait for their outcome");
    return calls_[line].get_token();
}

void pending_calls::end(std::uint64_t line) {
    const std::lock_guard lock(mutex_);
    calls_.erase(line);
}

bool pending_calls::cancel(std::uint64_t line) {
    std::stop_source source;
    {
        const std::lock_guard lock(mutex_);
        const auto found = calls_.find(line);
        if (found == calls_.end()) return false;
        source = found->second;
    }
    return source.request_stop();
}

} // namespace weir::tool
