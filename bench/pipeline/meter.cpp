#include "meter.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <thread>

namespace weir::bench {
namespace {

double seconds(const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
}

double cpu_seconds() {
    rusage used{};
    getrusage(RUSAGE_SELF, &used);
    return seconds(used.ru_utime) + seconds(used.ru_stime);
}

} // namespace

figures measure(
    const std::function<std::uint64_t()>& count, std::chrono::milliseconds warm_up,
    std::chrono::milliseconds time) {
    std::this_thread::sleep_for(warm_up);
    const auto began = std::chrono::steady_clock::now();
    const auto cpu_before = cpu_seconds();
    const auto before = count();
    std::this_thread::sleep_for(time);
    const auto messages = static_cast<double>(std::max<std::uint64_t>(1, count() - before));
    const auto cpu = cpu_seconds() - cpu_before;
    const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - began;
    return {messages / elapsed.count(), cpu * 1e9 / messages};
}

} // namespace weir::bench
