#include "wait_point.hpp"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <limits>
#include <system_error>

namespace weir::tool {

namespace {

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

int checked(int fd, const char* what) {
    if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
    return fd;
}

template <class Content>
bool take(int fd) {
    Content content;
    return ::read(fd, &content, sizeof content) == sizeof content;
}

} // namespace

void wait_point::block_signals() {
    const auto set = stop_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

wait_point::wait_point()
    : signals_(-1)
    , event_(checked(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd")) {
    const auto set = stop_signals();
    signals_ = checked(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), "signalfd");
}

wait_point::~wait_point() {
    ::close(signals_);
    ::close(event_);
}

wait_point::wake wait_point::wait(std::chrono::milliseconds limit, int input_fd) {
    // A negative descriptor is passed over by poll.
    std::array<pollfd, 4> watched{
        {{signals_, POLLIN, 0}, {event_, POLLIN, 0}, {input_fd, POLLIN, 0}, {output_, 0, 0}}};
    const auto milliseconds =
        std::clamp<std::chrono::milliseconds::rep>(limit.count(), 0, std::numeric_limits<int>::max());
    if (::poll(watched.data(), watched.size(), static_cast<int>(milliseconds)) <= 0) return wake::timeout;
    if (take<signalfd_siginfo>(signals_)) return wake::signal;
    if (watched[3].revents != 0) return wake::output_closed;
    if (take<std::uint64_t>(event_)) return wake::notified;
    return watched[2].revents != 0 ? wake::input : wake::timeout;
}

void wait_point::notify() noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(event_, &one, sizeof one);
}

std::chrono::milliseconds time_left(std::chrono::steady_clock::time_point end) {
    using clock = std::chrono::steady_clock;
    return std::chrono::ceil<std::chrono::milliseconds>(
        std::max(end - clock::now(), clock::duration::zero()));
}

} // namespace weir::tool
