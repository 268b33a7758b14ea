#include "conductor/broker.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>
#include <thread>

namespace weir::demo {
namespace {

using namespace std::chrono_literals;

class loopback_socket {
  public:
    loopback_socket()
        : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "socket");
    }

    loopback_socket(const loopback_socket&) = delete;
    loopback_socket& operator=(const loopback_socket&) = delete;

    ~loopback_socket() { close(descriptor_); }

    [[nodiscard]] std::uint16_t bind_anywhere() const {
        auto address = at(0);
        socklen_t size = sizeof address;
        if (bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size) != 0)
            throw std::system_error(errno, std::generic_category(), "bind");
        return ntohs(address.sin_port);
    }

    [[nodiscard]] bool connects_to(std::uint16_t port) const {
        const auto address = at(port);
        return connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    }

  private:
    static sockaddr_in at(std::uint16_t port) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return address;
    }

    int descriptor_;
};

std::string write_configuration(std::uint16_t port, const workspace& where) {
    const std::string folder = where.path("broker");
    std::filesystem::create_directory(folder);
    std::string path = where.path("mosquitto.conf");
    // As root Mosquitto would change to a user that may not write into our folder.
    const char* user = geteuid() == 0 ? "user root\n" : "";
    std::ofstream(path) << fmt::format(
        "{}listener {} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n"
        "persistence true\npersistence_location {}/\nautosave_interval 5\n"
        "max_inflight_messages 0\nmax_queued_messages 0\nmax_queued_bytes 0\n"
        "log_dest stderr\nlog_type error\nlog_type warning\nlog_type notice\nlog_type subscribe\n",
        user, port, folder);
    return path;
}

} // namespace

std::uint16_t free_loopback_port() {
    return loopback_socket{}.bind_anywhere();
}

broker::broker(const std::string& program, const workspace& where)
    : port_(free_loopback_port())
    , log_(where.path("broker.log"))
    , process_({program, "-c", write_configuration(port_, where)}, log_) {
    const auto deadline = std::chrono::steady_clock::now() + 10s;
    while (!loopback_socket{}.connects_to(port_)) {
        if (!process_.is_running() || std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error(fmt::format("{} does not answer on port {}", program, port_));
        std::this_thread::sleep_for(10ms);
    }
}

bool broker::has_subscriptions(const std::vector<std::string>& filters) const {
    std::ifstream file(log_);
    const std::string log{std::istreambuf_iterator<char>(file), {}};
    // A line is "<time>: <client> <qos> <filter>".
    return std::all_of(filters.begin(), filters.end(), [&log](const std::string& filter) {
        return log.find(filter + '\n') != std::string::npos;
    });
}

} // namespace weir::demo
