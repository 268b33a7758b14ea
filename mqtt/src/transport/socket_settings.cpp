#include "transport/socket_settings.hpp"

#include "transport/host_text.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/ip/address.hpp>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cerrno>
#include <string>

namespace weir::mqtt {
namespace {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;
using error_code = boost::system::error_code;

error_code bind_to_interface(tcp::socket& socket, const std::string& name) {
    const auto size = static_cast<socklen_t>(name.size());
    if (::setsockopt(socket.native_handle(), SOL_SOCKET, SO_BINDTODEVICE, name.data(), size) == 0) return {};
    return {errno, boost::system::system_category()};
}

error_code bind_to_address(tcp::socket& socket, const tcp::endpoint& to, const std::string& text) {
    error_code ec;
    const auto own = asio::ip::make_address(without_brackets(text), ec);
    if (ec) return ec;
    if (own.is_v6() != to.address().is_v6()) return asio::error::address_family_not_supported;
    socket.bind({own, 0}, ec);
    return ec;
}

void set_number(tcp::socket& socket, int level, int name, long value) {
    const int number = static_cast<int>(value);
    ::setsockopt(socket.native_handle(), level, name, &number, sizeof number);
}

} // namespace

error_code prepare_socket(tcp::socket& socket, const tcp::endpoint& to, const tcp_options& options) {
    error_code ec;
    socket.open(to.protocol(), ec);
    if (ec) return ec;
    // Before connecting, because the window scale is agreed upon with the first packet.
    if (options.receive_buffer != 0) set_number(socket, SOL_SOCKET, SO_RCVBUF, options.receive_buffer);
    if (options.send_buffer != 0) set_number(socket, SOL_SOCKET, SO_SNDBUF, options.send_buffer);
    if (!options.bind_interface.empty()) ec = bind_to_interface(socket, options.bind_interface);
    if (!ec && !options.bind_address.empty()) ec = bind_to_address(socket, to, options.bind_address);
    return ec;
}

void settle_socket(tcp::socket& socket, const tcp_options& options) {
    set_number(socket, IPPROTO_TCP, TCP_NODELAY, options.nodelay ? 1 : 0);
    if (options.user_timeout.count() != 0)
        set_number(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, options.user_timeout.count());
    if (!options.keepalive) return;
    set_number(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_number(socket, IPPROTO_TCP, TCP_KEEPIDLE, options.keepalive->idle.count());
    set_number(socket, IPPROTO_TCP, TCP_KEEPINTVL, options.keepalive->interval.count());
    set_number(socket, IPPROTO_TCP, TCP_KEEPCNT, options.keepalive->count);
}

} // namespace weir::mqtt
