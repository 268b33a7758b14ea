#include <weir/base/parker.hpp>

#include <algorithm>

namespace weir {

void parker::relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

void parker::wake(std::size_t count) noexcept {
    std::size_t woken = 0;
    {
        const std::scoped_lock lock{mutex_};
        woken = std::min(count, sleeping(state_.load()));
        if (woken == 0) return;
        state_.fetch_add(woken * (one_searching - one_sleeping));
        signals_ += woken;
    }
    for (std::size_t i = 0; i < woken; ++i)
        slept_.notify_one();
}

void parker::close() noexcept {
    {
        const std::scoped_lock lock{mutex_};
        closed_ = true;
    }
    slept_.notify_all();
}

} // namespace weir
