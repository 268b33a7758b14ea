#pragma once

#include <weir/base/coroutine_host.hpp>
#include <weir/base/task.hpp>

#include <algorithm>
#include <vector>

namespace weir {

namespace detail {

/// Lets the host's coroutines go on until `ended()`; the thread sleeps meanwhile.
template <class Ended>
void run_until(coroutine_host& host, Ended ended) {
    while (!ended())
        if (!host.run_one()) host.mail().wait(host.due());
}

} // namespace detail

/// Runs a task, and all that it awaits, on the calling thread until it has ended: for programs whose tasks no
/// pipeline runs. Its value, or throws what it threw.
template <class T>
T run(task<T> t, const time_source& time = real_time()) {
    coroutine_host host{time};
    host.start(t, nullptr);
    detail::run_until(host, [&] { return t.done(); });
    return t.take();
}

/// The same for several at once, all on the calling thread. When all have ended, throws what the first of
/// them threw that threw.
inline void run_all(std::vector<task<void>> tasks, const time_source& time = real_time()) {
    coroutine_host host{time};
    for (auto& t : tasks)
        host.start(t, nullptr);
    detail::run_until(host, [&] {
        return std::all_of(tasks.begin(), tasks.end(), [](const auto& t) { return t.done(); });
    });
    for (auto& t : tasks)
        t.take();
}

} // namespace weir
