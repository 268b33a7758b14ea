#include "common/stop_signal.hpp"

#include <atomic>
#include <csignal>

namespace weir::demo {
namespace {

std::atomic<int> arrived{0};
static_assert(std::atomic<int>::is_always_lock_free, "touched by a signal handler");

} // namespace

void count_stop_signals() {
    struct sigaction action {};

    action.sa_handler = [](int) { arrived.fetch_add(1, std::memory_order_relaxed); };
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
    action.sa_handler = SIG_IGN;
    sigaction(SIGPIPE, &action, nullptr);
}

int stop_signals() noexcept {
    return arrived.load(std::memory_order_relaxed);
}

} // namespace weir::demo
