#include "answering_broker.hpp"

#include "posix.hpp"

#include <sys/socket.h>

#include <array>
#include <stdexcept>

namespace weir::bench {
namespace {

unsigned byte_at(std::string_view bytes, std::size_t at) {
    return static_cast<unsigned char>(bytes.at(at));
}

/// Where the body begins, and how long the whole packet is; 0 while that cannot be told.
struct extent {
    std::size_t body{0};
    std::size_t size{0};
};

extent measure(std::string_view bytes) {
    std::size_t length = 0;
    for (std::size_t i = 1; i < bytes.size() && i <= 4; ++i) {
        length |= std::size_t{byte_at(bytes, i) & 0x7FU} << (7 * (i - 1));
        if ((byte_at(bytes, i) & 0x80U) == 0) return {i + 1, i + 1 + length};
    }
    return {};
}

} // namespace

void answering_broker::serve() {
    static thread_local std::array<char, 64 * 1024> buffer;
    for (;;) {
        const auto n = recv(fd_, buffer.data(), buffer.size(), 0);
        if (n < 0 && errno == ECONNRESET) return;
        if (checked(n, "recv") == 0) return;
        unread_.append(buffer.data(), static_cast<std::size_t>(n));
        unread_.erase(0, take_packets());
        write_answers();
    }
}

std::size_t answering_broker::take_packets() {
    const std::string_view all{unread_};
    std::size_t done = 0;
    for (;;) {
        const auto next = measure(all.substr(done));
        if (next.size == 0 || done + next.size > all.size()) return done;
        answer(all.substr(done, next.size), next.body);
        done += next.size;
    }
}

void answering_broker::answer(std::string_view packet, std::size_t body) {
    const auto first = byte_at(packet, 0);
    switch (first >> 4U) {
    case 1:
        version_5_ = byte_at(packet, body + 6) == 5;
        answers_ += version_5_ ? std::string_view{"\x20\x03\0\0\0", 5} : std::string_view{"\x20\x02\0\0", 4};
        return;
    case 3: {
        const auto topic = byte_at(packet, body) * 256 + byte_at(packet, body + 1);
        const auto quality = first >> 1U & 3U;
        if (quality == 0)
            ++messages_;
        else
            acknowledge(quality == 1 ? 0x40 : 0x50, packet.substr(body + 2 + topic, 2));
        return;
    }
    case 6: return acknowledge(0x70, packet.substr(body, 2));
    case 12: answers_ += std::string_view{"\xD0\0", 2}; return;
    case 14: return;
    default: throw std::runtime_error("the publisher sent packet type " + std::to_string(first >> 4U));
    }
}

void answering_broker::acknowledge(unsigned char kind, std::string_view id) {
    answers_ += static_cast<char>(kind);
    answers_ += '\x02';
    answers_ += id;
    if (kind != 0x50) ++messages_;
}

void answering_broker::write_answers() {
    std::string_view left{answers_};
    while (!left.empty()) {
        const auto n = send(fd_, left.data(), left.size(), MSG_NOSIGNAL);
        if (n < 0 && (errno == EPIPE || errno == ECONNRESET)) break; // it has closed; what it got decides
        left.remove_prefix(static_cast<std::size_t>(checked(n, "send")));
    }
    answers_.clear();
}

} // namespace weir::bench
