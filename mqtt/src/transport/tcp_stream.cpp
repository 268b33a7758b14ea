#include "transport/tcp_stream.hpp"

#include "transport/host_text.hpp"
#include "transport/network_error.hpp"
#include "transport/socket_settings.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <boost/asio/ip/address.hpp>

#include <utility>

namespace weir::mqtt {
namespace asio = boost::asio;

namespace {

std::string printable(const asio::ip::tcp::endpoint& endpoint) {
    return host_and_port(endpoint.address().to_string(), endpoint.port());
}

} // namespace

tcp_stream::tcp_stream(asio::io_context& context, block_pool& blocks, tcp_options options)
    : socket_stream(context, blocks, "resolve")
    , options_(std::move(options))
    , resolver_(context) {}

void tcp_stream::connect(const std::string& host, std::uint16_t port, transport_listener& listener) {
    begin(host_and_port(host, port), listener);
    error_code ec;
    const auto address = asio::ip::make_address(without_brackets(host), ec);
    if (ec) return resolve(host, port);
    // An address needs no resolver, and so no resolver thread.
    skip_to("tcp");
    try_addresses({tcp::endpoint{address, port}});
}

void tcp_stream::resolve(const std::string& host, std::uint16_t port) {
    resolver_.async_resolve(
        host, std::to_string(port), tcp::resolver::numeric_service,
        [self = shared_from_this(), this](const error_code& ec, const tcp::resolver::results_type& found) {
            resolved(ec, found);
        });
}

void tcp_stream::resolved(const error_code& ec, const tcp::resolver::results_type& found) {
    if (is_closed()) return;
    if (ec) return fail({errc::resolve_failed, target() + ": " + ec.message()});
    std::vector<tcp::endpoint> addresses;
    for (const auto& entry : found)
        addresses.push_back(entry.endpoint());
    pass("tcp");
    if (!is_closed()) try_addresses(addresses);
}

void tcp_stream::try_addresses(const std::vector<tcp::endpoint>& addresses) {
    connecting_ = std::make_shared<happy_connect>(
        context(), interleave_families(addresses),
        [self = shared_from_this(), this](const error_code& ec, tcp::socket winner) {
            connected(ec, std::move(winner));
        },
        [this](tcp::socket& fresh, const tcp::endpoint& to) { return prepare_socket(fresh, to, options_); });
    connecting_->start();
}

void tcp_stream::connected(const error_code& ec, tcp::socket winner) {
    connecting_.reset();
    if (is_closed()) return;
    if (ec) return fail(connect_error(ec, target()));
    error_code gone;
    const auto peer = winner.remote_endpoint(gone);
    if (gone) return fail(connect_error(gone, target()));
    settle_socket(winner, options_);
    succeed(std::move(winner), printable(peer));
}

void tcp_stream::stop_connecting() noexcept {
    resolver_.cancel();
    if (connecting_) connecting_->cancel();
    connecting_.reset();
}

} // namespace weir::mqtt
