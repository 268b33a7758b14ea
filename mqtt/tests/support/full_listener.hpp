#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <stdexcept>
#include <vector>

namespace weir::mqtt {

/// A free port of 127.0.0.1 that answers nobody any more: its queue of connections is full, and nobody takes
/// from it.
class full_listener {
  public:
    full_listener() {
        address_.sin_family = AF_INET;
        address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        const int listener = add(0);
        socklen_t length = sizeof address_;
        if (::bind(listener, generic(), length) != 0 || ::listen(listener, 0) != 0 ||
            ::getsockname(listener, generic(), &length) != 0)
            throw std::runtime_error{"no port to listen on"};
        constexpr int enough = 16;
        for (int i = 0; i < enough; ++i)
            if (!connects()) return;
        throw std::runtime_error{"the queue does not get full"};
    }

    full_listener(const full_listener&) = delete;
    full_listener& operator=(const full_listener&) = delete;

    ~full_listener() {
        for (const int s : sockets_)
            ::close(s);
    }

    [[nodiscard]] std::uint16_t port() const noexcept { return ntohs(address_.sin_port); }

  private:
    sockaddr* generic() noexcept { return reinterpret_cast<sockaddr*>(&address_); }

    int add(int flags) {
        sockets_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
        return sockets_.back();
    }

    /// Within a time in which the loopback always answers where it answers at all.
    bool connects() {
        constexpr int patience_ms = 500;
        pollfd asked{.fd = add(SOCK_NONBLOCK), .events = POLLOUT, .revents = 0};
        return ::connect(asked.fd, generic(), sizeof address_) == 0 || ::poll(&asked, 1, patience_ms) == 1;
    }

    sockaddr_in address_{};
    std::vector<int> sockets_;
};

} // namespace weir::mqtt
