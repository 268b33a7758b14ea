#include "transport/tcp_stream.hpp"

#include "transport/network_error.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>

#include <span>
#include <utility>

namespace weir::mqtt {
namespace asio = boost::asio;

namespace {

/// More would not fit one system call of Asio's.
constexpr std::size_t most_buffers_per_write = 64;

/// "[::1]" is how an IPv6 address is written beside a port.
std::string without_brackets(const std::string& host) {
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') return host.substr(1, host.size() - 2);
    return host;
}

std::string printable(const asio::ip::tcp::endpoint& endpoint) {
    const auto address = endpoint.address();
    const auto text = address.is_v6() ? "[" + address.to_string() + "]" : address.to_string();
    return text + ":" + std::to_string(endpoint.port());
}

} // namespace

tcp_stream::tcp_stream(asio::io_context& context, block_pool& blocks, tcp_options options)
    : context_(context)
    , options_(options)
    , resolver_(context)
    , socket_(context)
    , input_(blocks) {}

void tcp_stream::connect(const std::string& host, std::uint16_t port, transport_listener& listener) {
    listener_ = &listener;
    target_ = host + ":" + std::to_string(port);
    error_code ec;
    const auto address = asio::ip::make_address(without_brackets(host), ec);
    if (ec) return resolve(host, port);
    // An address needs no resolver, and so no resolver thread.
    try_addresses({tcp::endpoint{address, port}});
}

void tcp_stream::resolve(const std::string& host, std::uint16_t port) {
    resolver_.async_resolve(
        host, std::to_string(port), tcp::resolver::numeric_service,
        [self = shared_from_this()](const error_code& ec, const tcp::resolver::results_type& found) {
            self->resolved(ec, found);
        });
}

void tcp_stream::resolved(const error_code& ec, const tcp::resolver::results_type& found) {
    if (listener_ == nullptr) return;
    if (ec) return fail({errc::resolve_failed, target_ + ": " + ec.message()});
    std::vector<tcp::endpoint> addresses;
    for (const auto& entry : found)
        addresses.push_back(entry.endpoint());
    try_addresses(addresses);
}

void tcp_stream::try_addresses(const std::vector<tcp::endpoint>& addresses) {
    phase_ = "tcp";
    connecting_ = std::make_shared<happy_connect>(
        context_, interleave_families(addresses),
        [self = shared_from_this()](const error_code& ec, tcp::socket socket) {
            self->connected(ec, std::move(socket));
        });
    connecting_->start();
}

void tcp_stream::connected(const error_code& ec, tcp::socket socket) {
    connecting_.reset();
    if (listener_ == nullptr) return;
    if (ec) return fail(connect_error(ec, target_));
    socket_ = std::move(socket);
    error_code ignored; // A stream without it is slower, not wrong.
    socket_.set_option(tcp::no_delay{options_.nodelay}, ignored);
    report_connected();
}

void tcp_stream::report_connected() {
    error_code ec;
    const auto peer = socket_.remote_endpoint(ec);
    if (ec) return fail(connect_error(ec, target_));
    listener_->transport_connected(printable(peer));
}

void tcp_stream::read() {
    const auto space = input_.space();
    socket_.async_read_some(
        asio::buffer(space.data(), space.size()),
        [self = shared_from_this()](const error_code& ec, std::size_t count) { self->received(ec, count); });
}

void tcp_stream::received(const error_code& ec, std::size_t count) {
    if (listener_ == nullptr) return;
    if (ec) return fail(stream_error(ec, target_));
    ++stats_.reads;
    stats_.bytes_read += count;
    listener_->transport_received(input_.commit(count));
}

void tcp_stream::write(output_buffer& out) {
    writing_.swap(out);
    out.clear();
    written_ = 0;
    write_rest();
}

void tcp_stream::write_rest() {
    gather_rest();
    socket_.async_write_some(
        std::span<const asio::const_buffer>{gather_},
        [self = shared_from_this()](const error_code& ec, std::size_t count) { self->wrote(ec, count); });
}

void tcp_stream::wrote(const error_code& ec, std::size_t count) {
    if (listener_ == nullptr) return;
    if (ec) return fail(stream_error(ec, target_));
    ++stats_.writes;
    stats_.bytes_written += count;
    written_ += count;
    if (written_ < writing_.size()) return write_rest();
    writing_.clear(); // Shared payloads go back now, not with the next write.
    listener_->transport_written();
}

void tcp_stream::gather_rest() {
    gather_.clear();
    std::size_t skip = written_;
    for (const auto& segment : writing_.segments()) {
        if (skip >= segment.size()) {
            skip -= segment.size();
            continue;
        }
        gather_.emplace_back(segment.data() + skip, segment.size() - skip);
        skip = 0;
        if (gather_.size() == most_buffers_per_write) return;
    }
}

void tcp_stream::shutdown() noexcept {
    error_code ignored; // A stream that is gone already needs no shutdown.
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void tcp_stream::close() noexcept {
    listener_ = nullptr;
    resolver_.cancel();
    if (connecting_) connecting_->cancel();
    connecting_.reset();
    error_code ignored;
    socket_.close(ignored);
}

void tcp_stream::fail(const error& reason) {
    if (listener_ != nullptr) listener_->transport_failed(reason);
}

} // namespace weir::mqtt
