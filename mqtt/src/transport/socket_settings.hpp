#pragma once

#include <weir/mqtt/transport/tcp.hpp>

#include <boost/asio/ip/tcp.hpp>

namespace weir::mqtt {

/// Opens the socket for an address and does to it what has to be done before it connects: buffers, own
/// address, interface. What was asked for and cannot be had is an error.
[[nodiscard]] boost::system::error_code prepare_socket(
    boost::asio::ip::tcp::socket& socket, const boost::asio::ip::tcp::endpoint& to,
    const tcp_options& options);

/// The rest, on a connected socket. A stream without it is slower or slower to fail, not wrong, so nothing
/// is said when the system refuses.
void settle_socket(boost::asio::ip::tcp::socket& socket, const tcp_options& options);

} // namespace weir::mqtt
