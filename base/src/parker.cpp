#include <weir/base/parker.hpp>

namespace weir {

void parker::relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

void parker::wake_sleeper() noexcept {
    {
        const std::scoped_lock lock{mutex_};
        if (sleeping(state_.load()) == 0) return;
        state_.fetch_add(one_searching - one_sleeping);
        ++signals_;
    }
    slept_.notify_one();
}

void parker::wake_all() noexcept {
    {
        const std::scoped_lock lock{mutex_};
        state_.fetch_add(sleeping(state_.load()) * (one_searching - one_sleeping));
        signals_ = 0; // nobody is left who could take one
        ++general_wakes_;
    }
    slept_.notify_all();
}

void parker::close() noexcept {
    {
        const std::scoped_lock lock{mutex_};
        closed_ = true;
    }
    slept_.notify_all();
}

} // namespace weir
