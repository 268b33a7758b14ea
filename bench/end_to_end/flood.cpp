#include "flood.hpp"

#include "posix.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace weir::bench {

namespace {

constexpr std::uint64_t largest_write = 256 * 1024;

} // namespace

flood::flood(int fd, const scenario& s, std::uint16_t window, bool busy)
    : fd_(fd)
    , qos_(s.qos)
    , window_(window)
    , busy_(busy)
    , publishes_(make_publishes(s))
    , releases_(make_releases(publishes_.count()))
    , acks_(s.qos, publishes_.count()) {
    checked(fcntl(fd_, F_SETFL, O_NONBLOCK), "fcntl");
}

void flood::run_for(std::chrono::nanoseconds length) {
    publishing_ = true;
    const auto end = clock::now() + length;
    while (clock::now() < end) {
        receive();
        send();
        wait(end);
    }
}

void flood::settle(std::chrono::nanoseconds limit) {
    publishing_ = false;
    const auto end = clock::now() + limit;
    while (!is_settled()) {
        if (clock::now() > end)
            throw std::runtime_error(fmt::format(
                "{} of {} messages were not acknowledged", published() - completed(), published()));
        receive();
        send();
        wait(end);
    }
}

bool flood::is_settled() const noexcept {
    return published_bytes_ % publishes_.packet_size() == 0 && completed() == published();
}

void flood::receive() {
    alignas(64) static thread_local std::array<unsigned char, 64 * 1024> buffer;
    const auto n = recv(fd_, buffer.data(), buffer.size(), 0);
    if (n < 0 && errno == EAGAIN) return;
    if (checked(n, "recv") == 0) throw std::runtime_error("the subscriber closed the connection");
    const auto before = acks_.acknowledged();
    acks_.feed({buffer.data(), static_cast<std::size_t>(n)});
    measure(before, acks_.acknowledged(), clock::now());
    answer_pings();
}

void flood::answer_pings() {
    for (auto pings = acks_.take_pings(); pings > 0; --pings) {
        if (published_bytes_ % publishes_.packet_size() != 0 || released_bytes_ % 4 != 0)
            throw std::runtime_error(
                "a ping in the middle of a packet: runs must be shorter than keep alive");
        checked(::send(fd_, "\xD0\0", 2, MSG_NOSIGNAL), "send");
    }
}

// Acks come in order, so the messages they belong to lie in the oldest runs.
void flood::measure(std::uint64_t from, std::uint64_t to, clock::time_point now) {
    while (from < to) {
        if (in_flight_.empty()) throw std::runtime_error("an ack came before its message was sent");
        const auto& run = in_flight_.front();
        const auto end = std::min(run.end, to);
        latencies_.add(static_cast<std::uint64_t>((now - run.at).count()), end - from);
        from = end;
        if (end == run.end) in_flight_.pop_front();
    }
}

std::uint64_t flood::publish_target() const noexcept {
    const auto size = publishes_.packet_size();
    const auto begun = (published_bytes_ + size - 1) / size * size;
    if (!publishing_) return begun;
    if (qos_ == 0) return begun + largest_write;
    return std::clamp((completed() + window_) * size, begun, begun + largest_write / size * size);
}

// A packet begun must be finished before anything else follows: at most one of the two kinds is half sent.
void flood::gather() {
    pieces_.clear();
    const auto size = publishes_.packet_size();
    first_part_ = (size - published_bytes_ % size) % size;
    publishes_.gather(published_bytes_, published_bytes_ + first_part_, pieces_);
    const auto release_end = qos_ == 2 ? acks_.acknowledged() * releases_.packet_size() : 0;
    release_part_ = release_end > released_bytes_ ? release_end - released_bytes_ : 0;
    releases_.gather(released_bytes_, released_bytes_ + release_part_, pieces_);
    publishes_.gather(published_bytes_ + first_part_, publish_target(), pieces_);
}

void flood::send() {
    if (!writable_) return;
    gather();
    if (pieces_.empty()) return;
    msghdr message{};
    message.msg_iov = pieces_.data();
    message.msg_iovlen = pieces_.size();
    const auto began = clock::now();
    const auto n = sendmsg(fd_, &message, MSG_NOSIGNAL);
    writable_ = n >= 0 || errno != EAGAIN;
    if (writable_) account(static_cast<std::uint64_t>(checked(n, "sendmsg")), began);
}

void flood::account(std::uint64_t written, clock::time_point began) {
    const auto before = published();
    const auto finished = std::min(written, first_part_);
    const auto released = std::min(written - finished, release_part_);
    released_bytes_ += released;
    published_bytes_ += written - released;
    if (qos_ > 0 && published() > before) in_flight_.push_back({published(), began});
}

// Returns at once when a whole window can still be written.
void flood::wait(clock::time_point until) {
    if (is_settled() && !publishing_) return;
    gather();
    if (writable_ && !pieces_.empty()) return;
    pollfd on{fd_, POLLIN, 0};
    if (!writable_) on.events |= POLLOUT;
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - clock::now()).count();
    const auto timeout = busy_ ? 0 : static_cast<int>(std::max<std::int64_t>(left, 0) + 1);
    checked(poll(&on, 1, timeout), "poll");
    writable_ = writable_ || (on.revents & POLLOUT) != 0;
}

} // namespace weir::bench
