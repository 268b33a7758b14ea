#include "testing/socket.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <system_error>

namespace weir::mqtt::testing {
namespace {

constexpr int backlog = 64;
constexpr std::size_t read_size = 65'536;

[[noreturn]] void throw_errno(const char* what) {
    throw std::system_error{errno, std::generic_category(), what};
}

int milliseconds_until(time_point until) noexcept {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

io_outcome wait_for(int fd, short what, time_point until, const stop_signal& stop) noexcept {
    for (;;) {
        std::array<pollfd, 2> watched{pollfd{fd, what, 0}, pollfd{stop.fd(), POLLIN, 0}};
        const int ready = ::poll(watched.data(), watched.size(), milliseconds_until(until));
        if (ready < 0 && errno == EINTR) continue;
        if (watched[1].revents != 0) return io_outcome::stopped;
        if (watched[0].revents != 0) return io_outcome::done;
        if (clock::now() >= until) return io_outcome::timed_out;
    }
}

} // namespace

descriptor::~descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

stop_signal::stop_signal()
    : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (!event_.open()) throw_errno("eventfd");
}

void stop_signal::set() noexcept {
    const std::uint64_t one = 1;
    // Fails only when the counter is full, and then it is set already.
    [[maybe_unused]] const auto written = ::write(event_.get(), &one, sizeof one);
}

bool stop_signal::is_set() const noexcept {
    pollfd watched{event_.get(), POLLIN, 0};
    return ::poll(&watched, 1, 0) == 1;
}

loopback_listener::loopback_listener()
    : fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    if (!fd.open()) throw_errno("socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (::bind(fd.get(), generic, size) != 0) throw_errno("bind to 127.0.0.1");
    if (::listen(fd.get(), backlog) != 0) throw_errno("listen");
    if (::getsockname(fd.get(), generic, &size) != 0) throw_errno("getsockname");
    port = ntohs(address.sin_port);
}

io_outcome wait_readable(int fd, time_point until, const stop_signal& stop) noexcept {
    return wait_for(fd, POLLIN, until, stop);
}

io_outcome wait_writable(int fd, time_point until, const stop_signal& stop) noexcept {
    return wait_for(fd, POLLOUT, until, stop);
}

io_outcome read_some(int fd, std::string& into, time_point until, const stop_signal& stop) {
    const auto ready = wait_readable(fd, until, stop);
    if (ready != io_outcome::done) return ready;
    const auto old = into.size();
    into.resize(old + read_size);
    const auto count = ::recv(fd, into.data() + old, read_size, MSG_DONTWAIT);
    into.resize(old + static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    if (count > 0) return io_outcome::done;
    return count == 0 ? io_outcome::end_of_stream : io_outcome::reset;
}

io_outcome write_all(int fd, std::span<const char> data, time_point until, const stop_signal& stop) noexcept {
    while (!data.empty()) {
        const auto count = ::send(fd, data.data(), data.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (count > 0) {
            data = data.subspan(static_cast<std::size_t>(count));
            continue;
        }
        if (errno != EAGAIN && errno != EINTR) return io_outcome::reset;
        if (const auto ready = wait_writable(fd, until, stop); ready != io_outcome::done) return ready;
    }
    return io_outcome::done;
}

std::optional<descriptor> accept_one(int listener, time_point until, const stop_signal& stop) {
    if (wait_readable(listener, until, stop) != io_outcome::done) return {};
    descriptor fd{::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC)};
    if (!fd.open()) return {};
    const int on = 1;
    ::setsockopt(fd.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return fd;
}

void close_with_reset(descriptor& fd) noexcept {
    const linger at_once{1, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    fd.close();
}

void half_close(const descriptor& fd) noexcept {
    ::shutdown(fd.get(), SHUT_WR);
}

} // namespace weir::mqtt::testing
