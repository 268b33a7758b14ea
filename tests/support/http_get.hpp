#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace weir::testing {

/// The whole answer of 127.0.0.1 to a GET, headers included.
inline std::string http_get(std::uint16_t port, const std::string& path) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto request = "GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    std::string answer;
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0 &&
        ::send(fd, request.data(), request.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(request.size())) {
        std::array<char, 4'096> chunk{};
        for (ssize_t n = 0; (n = ::read(fd, chunk.data(), chunk.size())) > 0;)
            answer.append(chunk.data(), static_cast<std::size_t>(n));
    }
    ::close(fd);
    if (answer.empty()) throw std::runtime_error("no answer from port " + std::to_string(port));
    return answer;
}

} // namespace weir::testing
