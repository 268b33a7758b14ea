#include "testing/broker_socket.hpp"

#include <weir/mqtt/codec/encoder.hpp>
#include <weir/mqtt/packet/packet_type.hpp>
#include <weir/mqtt/testing/broker_connection.hpp>
#include <weir/mqtt/testing/hex.hpp>

#include <utility>

namespace weir::mqtt::testing {
namespace {

constexpr std::chrono::seconds write_limit{10};

std::string encoded(const packet& p, protocol_version version) {
    output_buffer out;
    encode(p, version, out);
    std::string bytes;
    for (const auto& segment : out.segments())
        bytes.append(reinterpret_cast<const char*>(segment.data()), segment.size());
    return bytes;
}

std::string describe_bytes(std::string_view bytes) {
    const auto type = bytes.empty() ? 0 : static_cast<unsigned char>(bytes[0]) >> 4;
    return std::string{to_string(static_cast<packet_type>(type))} + " [" + to_hex(bytes) + "]";
}

/// Size of the packet at the start of `bytes`, or 0 while its header is incomplete.
std::size_t framed_size(std::string_view bytes) {
    std::size_t length = 0;
    for (std::size_t i = 1; i < bytes.size() && i <= 4; ++i) {
        const auto value = static_cast<unsigned char>(bytes[i]);
        length |= std::size_t{value & 0x7Fu} << (7 * (i - 1));
        if ((value & 0x80u) == 0) return 1 + i + length;
    }
    if (bytes.size() > 4) throw script_failure{"the client sent a length that never ends: " + to_hex(bytes)};
    return 0;
}

} // namespace

std::string received_packet::describe() const {
    return describe_bytes(raw);
}

std::string describe(const packet& p, protocol_version version) {
    return describe_bytes(encoded(p, version));
}

broker_connection::broker_connection(std::unique_ptr<socket> s)
    : socket_(std::move(s)) {}

broker_connection::broker_connection(broker_connection&&) noexcept = default;
broker_connection& broker_connection::operator=(broker_connection&&) noexcept = default;
broker_connection::~broker_connection() = default;

std::optional<received_packet> broker_connection::next(time_point until) {
    auto& s = *socket_;
    for (;;) {
        const auto size = framed_size(s.waiting());
        if (size != 0 && s.waiting().size() >= size) break;
        switch (s.read_more(until)) {
        case io_outcome::done: continue;
        case io_outcome::end_of_stream:
            if (s.waiting().empty()) return {};
            throw script_failure{"the client closed within a packet: " + to_hex(s.waiting())};
        case io_outcome::reset: throw script_failure{"the client reset the connection"};
        case io_outcome::timed_out: throw script_failure{"nothing came in time"};
        case io_outcome::stopped: throw script_failure{"the broker was stopped while it waited"};
        }
    }
    received_packet got;
    got.raw = s.waiting().substr(0, framed_size(s.waiting()));
    s.taken += got.raw.size();
    s.packets.feed(bytes::copy(got.raw));
    if (s.packets.next(got.packet) != decoder::outcome::ready)
        throw script_failure{"the client sent " + got.describe() + ": " + s.packets.last_error().text};
    if (const auto* hello = std::get_if<connect>(&got.packet)) s.version = hello->version;
    return got;
}

void broker_connection::send(const packet& p) {
    send_raw(encoded(p, socket_->version));
}

void broker_connection::send_raw(std::string_view bytes) {
    auto& s = *socket_;
    if (write_all(s.fd.get(), bytes, clock::now() + write_limit, s.stop) != io_outcome::done)
        throw script_failure{"could not send " + to_hex(bytes)};
}

void broker_connection::expect_nothing(std::chrono::milliseconds how_long) {
    auto& s = *socket_;
    if (s.waiting().empty()) {
        const auto outcome = s.read_more(clock::now() + how_long);
        if (outcome == io_outcome::timed_out) return;
        if (outcome != io_outcome::done) throw script_failure{"expected silence, but the connection ended"};
    }
    throw script_failure{"expected silence, got " + describe_bytes(s.waiting())};
}

void broker_connection::stall(std::chrono::milliseconds how_long) {
    // Waiting for the stop signal alone.
    if (wait_readable(socket_->stop.fd(), clock::now() + how_long, socket_->stop) == io_outcome::stopped)
        throw script_failure{"the broker was stopped while it stalled"};
}

void broker_connection::close() {
    socket_->fd.close();
}

void broker_connection::reset() {
    close_with_reset(socket_->fd);
}

bool broker_connection::is_open() const noexcept {
    return socket_->fd.open();
}

protocol_version broker_connection::version() const noexcept {
    return socket_->version;
}

bool broker_connection::stopping() const noexcept {
    return socket_->stop.is_set();
}

} // namespace weir::mqtt::testing
