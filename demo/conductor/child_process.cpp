#include "conductor/child_process.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <system_error>
#include <thread>

namespace weir::demo {
namespace {

using namespace std::chrono_literals;

[[noreturn]] void throw_errno(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

void say(const char* text) {
    [[maybe_unused]] const auto written = write(STDERR_FILENO, text, std::strlen(text));
}

/// Runs in the child between fork and exec: nothing here may allocate or lock.
[[noreturn]] void become(char* const* arguments, pid_t parent, int output, int errors) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(126); // it died before the line above
    std::signal(SIGPIPE, SIG_DFL);
    dup2(open("/dev/null", O_RDONLY), STDIN_FILENO);
    dup2(output, STDOUT_FILENO);
    dup2(errors, STDERR_FILENO);
    execvp(arguments[0], arguments);
    say("cannot execute ");
    say(arguments[0]);
    say("\n");
    _exit(127);
}

std::vector<char*> as_arguments(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    arguments.reserve(command.size() + 1);
    for (const auto& word : command)
        arguments.push_back(const_cast<char*>(word.c_str())); // execvp promises not to change them
    arguments.push_back(nullptr);
    return arguments;
}

} // namespace

std::string describe_wait_status(int status) {
    if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
    return "exit status " + std::to_string(WEXITSTATUS(status));
}

child_process::child_process(const std::vector<std::string>& command, const std::string& stderr_path) {
    const auto arguments = as_arguments(command);
    std::array<int, 2> pipe_ends{};
    if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) throw_errno("pipe");
    const int errors = open(stderr_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (errors < 0) throw_errno(stderr_path);
    const pid_t parent = getpid();
    pid_ = fork();
    if (pid_ == 0) become(arguments.data(), parent, pipe_ends[1], errors);
    close(pipe_ends[1]);
    close(errors);
    output_ = pipe_ends[0];
    fcntl(output_, F_SETFL, O_NONBLOCK);
    if (pid_ < 0) throw_errno(command.front());
}

child_process::~child_process() {
    if (is_running()) {
        signal(SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    close(output_);
}

bool child_process::is_running() {
    if (status_) return false;
    int status{};
    if (waitpid(pid_, &status, WNOHANG) == pid_) status_ = status;
    return !status_;
}

void child_process::signal(int number) {
    if (is_running()) kill(pid_, number);
}

bool child_process::wait(std::chrono::milliseconds limit) {
    const auto deadline = std::chrono::steady_clock::now() + limit;
    while (is_running()) {
        if (std::chrono::steady_clock::now() >= deadline) return false;
        std::this_thread::sleep_for(5ms);
    }
    return true;
}

std::vector<std::string> child_process::read_lines() {
    std::array<char, 4096> buffer{};
    std::vector<std::string> lines;
    for (ssize_t n{}; (n = read(output_, buffer.data(), buffer.size())) > 0;)
        partial_line_.append(buffer.data(), static_cast<std::size_t>(n));
    for (auto end = partial_line_.find('\n'); end != std::string::npos; end = partial_line_.find('\n')) {
        lines.push_back(partial_line_.substr(0, end));
        partial_line_.erase(0, end + 1);
    }
    return lines;
}

} // namespace weir::demo
