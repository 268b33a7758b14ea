#include "../posix.hpp"
#include "consumers.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

namespace weir::bench {

namespace {

/// The least that a subscriber can do: one receive buffer, packets told apart, one write for all acks of a
/// read. What any client can reach is measured against it.
class bare_reader {
  public:
    bare_reader(const consumer_task& task, shared_counters& counters)
        : task_(task)
        , counter_(counters.claim()) {}

    [[noreturn]] void run() {
        connect();
        open_session();
        for (;;) {
            const auto n = checked(recv(fd_, buffer_.data() + held_, buffer_.size() - held_, 0), "recv");
            if (n == 0) throw std::runtime_error("the broker closed the connection");
            parse(held_ + static_cast<std::size_t>(n));
            counter_.add(std::exchange(handled_, 0));
            flush();
        }
    }

  private:
    void connect() {
        fd_ = checked(socket(AF_INET, SOCK_STREAM, 0), "socket");
        const int on = 1;
        setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(task_.port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        checked(::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to), "connect");
    }

    void open_session() {
        const bool v5 = task_.version == 5;
        std::string connect = "MQTT";
        connect.insert(0, {'\0', '\4'});
        connect += {static_cast<char>(task_.version), '\2', '\0', '\0'}; // clean start, no keep alive
        if (v5)
            connect += {'\3', '\x21', static_cast<char>(task_.window >> 8), static_cast<char>(task_.window)};
        connect += {'\0', '\4', 'b', 'a', 'r', 'e'};
        write_packet('\x10', connect);
        std::string subscribe = {'\0', '\1'};
        if (v5) subscribe += '\0';
        subscribe += {'\0', '\1', '#', static_cast<char>(task_.qos)};
        write_packet('\x82', subscribe);
    }

    void write_packet(char head, const std::string& body) {
        out_ += head;
        out_ += static_cast<char>(body.size());
        out_ += body;
        flush();
    }

    void flush() {
        for (std::size_t at = 0; at < out_.size();)
            at += static_cast<std::size_t>(
                checked(send(fd_, out_.data() + at, out_.size() - at, MSG_NOSIGNAL), "send"));
        out_.clear();
    }

    // Takes the whole packets out of the first `size` bytes and moves the rest to the front.
    void parse(std::size_t size) {
        const auto* at = buffer_.data();
        const auto* const end = at + size;
        while (const auto* body = body_of(at, end)) {
            take(at[0], body);
            at = next_;
        }
        held_ = static_cast<std::size_t>(end - at);
        std::memmove(buffer_.data(), at, held_);
    }

    // The end of the fixed header of the packet at `at`, or null when the packet is not complete.
    const unsigned char* body_of(const unsigned char* at, const unsigned char* end) {
        const auto* p = at + 1;
        std::size_t length = 0;
        for (unsigned shift = 0; p < end; shift += 7) {
            length |= std::size_t{*p & 0x7FU} << shift;
            if (*p++ < 0x80) {
                next_ = p + length;
                return static_cast<std::size_t>(end - p) < length ? nullptr : p;
            }
        }
        return nullptr;
    }

    void take(unsigned char head, const unsigned char* body) {
        if ((head & 0xF0U) == 0x30) {
            ++handled_;
            const auto* id = body + 2 + body[0] * 256 + body[1];
            if ((head & 0x06U) != 0) append_ack((head & 0x06U) == 2 ? '\x40' : '\x50', id);
        } else if (head == 0x62) {
            append_ack('\x70', body);
        }
    }

    void append_ack(char kind, const unsigned char* id) {
        const char packet[4] = {kind, 2, static_cast<char>(id[0]), static_cast<char>(id[1])};
        out_.append(packet, sizeof packet);
    }

    consumer_task task_;
    shared_counters::slot counter_;
    int fd_{-1};
    std::array<unsigned char, 64 * 1024> buffer_{};
    std::size_t held_{0};
    const unsigned char* next_{nullptr};
    std::uint64_t handled_{0};
    std::string out_;
};

} // namespace

void run_bare_reader(const consumer_task& task, shared_counters& counters) {
    bare_reader(task, counters).run();
}

} // namespace weir::bench
