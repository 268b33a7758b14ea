#include "support/child.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <stdexcept>
#include <thread>

namespace weir::testing {

namespace {

std::vector<char*> arguments_of(const std::vector<std::string>& command) {
    std::vector<char*> list;
    for (const auto& word : command)
        list.push_back(const_cast<char*>(word.c_str())); // execv promises not to change them
    list.push_back(nullptr);
    return list;
}

/// Between fork and exec: nothing here may allocate or lock.
[[noreturn]] void become(char* const* arguments, int output) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(output, STDOUT_FILENO);
    ::dup2(output, STDERR_FILENO);
    ::execv(arguments[0], arguments);
    ::_exit(127);
}

} // namespace

child::child(const std::vector<std::string>& command, const std::string& log) {
    const auto arguments = arguments_of(command);
    const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (output < 0) throw std::runtime_error("cannot write " + log);
    pid_ = ::fork();
    if (pid_ == 0) become(arguments.data(), output);
    ::close(output);
    if (pid_ < 0) throw std::runtime_error("cannot start " + command.front());
}

child::~child() {
    if (!running()) return;
    signal(SIGKILL);
    ::waitpid(pid_, nullptr, 0);
}

bool child::running() {
    int status = 0;
    if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
    return !status_;
}

void child::signal(int number) {
    if (running()) ::kill(pid_, number);
}

std::optional<int> child::wait(std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (running() && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    return status_;
}

} // namespace weir::testing
