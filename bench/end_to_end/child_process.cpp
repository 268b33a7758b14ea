#include "child_process.hpp"

#include "posix.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <ctime>

namespace weir::bench {

namespace {

std::chrono::nanoseconds read_clock(clockid_t clock) {
    timespec t{};
    checked(clock_gettime(clock, &t), "clock_gettime");
    return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
}

std::chrono::nanoseconds duration_of(const timeval& t) {
    return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
}

[[noreturn]] void become(const std::vector<std::string>& arguments) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::string self = "end_to_end";
    std::vector<char*> argv{self.data()};
    auto copies = arguments;
    for (auto& a : copies)
        argv.push_back(a.data());
    argv.push_back(nullptr);
    execv("/proc/self/exe", argv.data());
    std::_Exit(127);
}

} // namespace

child_process::child_process(const std::vector<std::string>& arguments)
    : pid_(checked(fork(), "fork")) {
    if (pid_ == 0) become(arguments);
}

child_process::~child_process() {
    if (!collected_) finish();
}

std::chrono::nanoseconds child_process::cpu() const {
    clockid_t clock{};
    if (const int e = clock_getcpuclockid(pid_, &clock); e != 0)
        throw std::system_error(e, std::generic_category(), "clock_getcpuclockid");
    return read_clock(clock);
}

bool child_process::has_ended() {
    return collected_ || collect(WNOHANG);
}

child_usage child_process::finish() {
    if (!collected_) {
        kill(pid_, SIGKILL); // only this child, which has nothing to clean up
        collect(0);
    }
    return usage_;
}

bool child_process::collect(int flags) {
    rusage used{};
    if (wait4(pid_, nullptr, flags, &used) != pid_) return false;
    collected_ = true;
    usage_.cpu = duration_of(used.ru_utime) + duration_of(used.ru_stime);
    usage_.voluntary_switches = static_cast<std::uint64_t>(used.ru_nvcsw);
    usage_.involuntary_switches = static_cast<std::uint64_t>(used.ru_nivcsw);
    return true;
}

std::chrono::nanoseconds own_cpu() {
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

} // namespace weir::bench
