#include "child_process.hpp"

#include "posix.hpp"

#include <sys/prctl.h>
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
    kill(pid_, SIGKILL); // only this child, which has nothing to clean up
    waitpid(pid_, nullptr, 0);
}

std::chrono::nanoseconds child_process::cpu() const {
    clockid_t clock{};
    if (const int e = clock_getcpuclockid(pid_, &clock); e != 0)
        throw std::system_error(e, std::generic_category(), "clock_getcpuclockid");
    return read_clock(clock);
}

std::chrono::nanoseconds own_cpu() {
    return read_clock(CLOCK_PROCESS_CPUTIME_ID);
}

} // namespace weir::bench
