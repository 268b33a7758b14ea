#pragma once

#include <mutex>
#include <stop_token>

namespace weir::pipeline::engine {

/// Asks the callback that a worker runs to end. Thread-safe.
class stop_switch {
  public:
    [[nodiscard]] std::stop_token token() const {
        const std::scoped_lock lock{mutex_};
        return source_.get_token();
    }

    void request() {
        auto source = [this] {
            const std::scoped_lock lock{mutex_};
            return source_;
        }();
        source.request_stop(); // runs what hangs on it, so outside of the lock
    }

    /// For the next callback, after one that had to be asked; not `when` nothing else is to be asked of it.
    template <class Condition>
    void renew_unless(Condition over) {
        const std::scoped_lock lock{mutex_};
        if (!over()) source_ = {};
    }

  private:
    mutable std::mutex mutex_;
    std::stop_source source_;
};

} // namespace weir::pipeline::engine
