#include "handshake.hpp"

#include "posix.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace weir::bench {

namespace {

constexpr int patience_seconds = 10;

void read_exactly(int fd, char* to, std::size_t size) {
    while (size > 0) {
        const auto n = checked(recv(fd, to, size, 0), "recv in the handshake");
        if (n == 0) throw std::runtime_error("the subscriber closed the connection in the handshake");
        to += n;
        size -= static_cast<std::size_t>(n);
    }
}

unsigned char read_byte(int fd) {
    char c = 0;
    read_exactly(fd, &c, 1);
    return static_cast<unsigned char>(c);
}

/// Reads what the CONNECT and SUBSCRIBE of a well-behaved client contain; it does not validate.
class cursor {
  public:
    explicit cursor(std::string_view bytes)
        : rest_(bytes) {}

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

    std::string_view take(std::size_t n) {
        if (n > rest_.size()) throw std::runtime_error("a packet of the handshake is too short");
        const auto taken = rest_.substr(0, n);
        rest_.remove_prefix(n);
        return taken;
    }

    std::uint8_t u8() { return static_cast<std::uint8_t>(take(1)[0]); }

    std::uint16_t u16() {
        const auto high = u8();
        return static_cast<std::uint16_t>(high * 256U + u8());
    }

    std::size_t varint() {
        std::size_t value = 0;
        for (unsigned shift = 0; shift < 28; shift += 7) {
            const auto digit = u8();
            value |= std::size_t{digit & 0x7FU} << shift;
            if (digit < 0x80) break;
        }
        return value;
    }

    std::string_view text() { return take(u16()); }

  private:
    std::string_view rest_;
};

struct raw_packet {
    unsigned char head{0};
    std::string body;
};

raw_packet read_packet(int fd) {
    raw_packet p;
    p.head = read_byte(fd);
    std::size_t length = 0;
    for (unsigned shift = 0; shift < 28; shift += 7) {
        const auto digit = read_byte(fd);
        length |= std::size_t{digit & 0x7FU} << shift;
        if (digit < 0x80) break;
    }
    p.body.resize(length);
    read_exactly(fd, p.body.data(), length);
    return p;
}

void write_all(int fd, std::string_view bytes) {
    if (checked(send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL), "send") != std::ssize(bytes))
        throw std::runtime_error("the handshake did not fit the socket buffer");
}

// The properties a subscriber puts into CONNECT: Session Expiry Interval, Receive Maximum, Maximum Packet
// Size, Topic Alias Maximum, Request Response and Problem Information, user properties.
void read_connect_properties(cursor properties, subscriber& s) {
    while (!properties.at_end()) {
        switch (const auto id = properties.u8()) {
        case 0x21: s.receive_maximum = properties.u16(); break;
        case 0x11:
        case 0x27: properties.take(4); break;
        case 0x22: properties.take(2); break;
        case 0x17:
        case 0x19: properties.take(1); break;
        case 0x26:
            properties.text();
            properties.text();
            break;
        default: throw std::runtime_error(fmt::format("CONNECT with property {:#04x}", id));
        }
    }
}

subscriber answer_connect(int fd) {
    const auto p = read_packet(fd);
    if (p.head != 0x10) throw std::runtime_error("the first packet is not CONNECT");
    cursor c(p.body);
    if (c.text() != "MQTT") throw std::runtime_error("unknown protocol name in CONNECT");
    subscriber s;
    s.version = c.u8();
    c.take(3); // flags, keep alive
    if (s.version == 5) read_connect_properties(cursor(c.take(c.varint())), s);
    write_all(
        fd, s.version == 5 ? std::string_view("\x20\x03\0\0\0", 5) : std::string_view("\x20\x02\0\0", 4));
    return s;
}

void answer_subscribe(int fd, int version) {
    const auto p = read_packet(fd);
    if (p.head != 0x82) throw std::runtime_error("the second packet is not SUBSCRIBE");
    cursor c(p.body);
    std::string reply(c.take(2));
    if (version == 5) {
        c.take(c.varint());
        reply.push_back(0);
    }
    while (!c.at_end()) {
        c.text();
        reply.push_back(static_cast<char>(c.u8() & 3U)); // granted as asked
    }
    reply.insert(reply.begin(), {'\x90', static_cast<char>(reply.size())});
    write_all(fd, reply);
}

} // namespace

listener::listener()
    : fd_(checked(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket")) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    checked(bind(fd_, reinterpret_cast<sockaddr*>(&at), sizeof at), "bind");
    checked(listen(fd_, 1), "listen");
}

listener::~listener() {
    close(fd_);
}

std::uint16_t listener::port() const {
    sockaddr_in at{};
    socklen_t size = sizeof at;
    checked(getsockname(fd_, reinterpret_cast<sockaddr*>(&at), &size), "getsockname");
    return ntohs(at.sin_port);
}

int listener::accept() const {
    pollfd ready{fd_, POLLIN, 0};
    if (checked(poll(&ready, 1, patience_seconds * 1'000), "poll") == 0)
        throw std::runtime_error("no subscriber connected");
    const int fd = checked(accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC), "accept");
    const int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const timeval limit{patience_seconds, 0};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    return fd;
}

subscriber shake_hands(int fd) {
    const auto s = answer_connect(fd);
    answer_subscribe(fd, s.version);
    return s;
}

} // namespace weir::bench
