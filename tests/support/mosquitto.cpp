#include "support/mosquitto.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <random>
#include <stdexcept>
#include <thread>

namespace weir::testing {

namespace {

using namespace std::chrono_literals;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

std::string configuration(std::uint16_t port, const std::string& folder) {
    // As root it would become a user that may not write into our folder.
    const std::string user = ::geteuid() == 0 ? "user root\n" : "";
    return user + "listener " + std::to_string(port) +
           " 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\npersistence true\npersistence_location " +
           folder + "/\nmax_queued_messages 0\nlog_dest stderr\n";
}

} // namespace

/// Below the ports that the system gives to whoever asks for any: a listener of another test, or a
/// connection's own end, could have this one before who asked for it listens there.
std::uint16_t free_port() {
    std::random_device source;
    std::uniform_int_distribution<unsigned> some(10'000, 32'000);
    for (int attempt = 0; attempt < 1'000; ++attempt) {
        const auto port = static_cast<std::uint16_t>(some(source));
        const auto address = loopback(port);
        const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        const bool bound = ::bind(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        ::close(s);
        if (bound) return port;
    }
    throw std::runtime_error("no free port");
}

bool answers(std::uint16_t port) {
    const auto address = loopback(port);
    const int s = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool ok = ::connect(s, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
    ::close(s);
    return ok;
}

std::string mosquitto::program() {
    for (const auto* path : {"/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"})
        if (::access(path, X_OK) == 0) return path;
    return {};
}

mosquitto::mosquitto(const std::string& more)
    : port_(free_port()) {
    write_file(folder_.file("conf"), configuration(port_, folder_.path().string()) + more);
    start();
}

void mosquitto::start() {
    process_.emplace(std::vector<std::string>{program(), "-c", folder_.file("conf")}, folder_.file("log"));
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!answers(port_)) {
        if (!process_->running() || std::chrono::steady_clock::now() > deadline)
            throw std::runtime_error("mosquitto does not answer:\n" + log());
        std::this_thread::sleep_for(2ms);
    }
}

void mosquitto::stop() {
    // It answers on its port a moment before it minds signals, and forgets one that comes too early.
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    do {
        process_->signal(SIGTERM);
        if (process_->wait(500ms)) return;
    } while (std::chrono::steady_clock::now() < deadline);
    throw std::runtime_error("mosquitto does not end");
}

void mosquitto::kill() {
    process_->signal(SIGKILL);
    process_->wait(10s);
}

void mosquitto::freeze() {
    process_->signal(SIGSTOP);
}

std::size_t mosquitto::times(std::string_view text, std::size_t from) const {
    const auto all = log();
    std::size_t sum = 0;
    for (auto at = all.find(text, from); at != std::string::npos; at = all.find(text, at + 1))
        ++sum;
    return sum;
}

} // namespace weir::testing
