#pragma once

#include "transport/happy_connect.hpp"
#include "transport/socket_stream.hpp"

#include <weir/mqtt/transport/tcp.hpp>

#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>
#include <vector>

namespace weir::mqtt {

/// The working part of the TCP transport: resolves and connects.
class tcp_stream final : public socket_stream {
  public:
    tcp_stream(boost::asio::io_context& context, block_pool& blocks, tcp_options options);

    void connect(const std::string& host, std::uint16_t port, transport_listener& listener) override;

  private:
    using tcp = boost::asio::ip::tcp;

    void resolve(const std::string& host, std::uint16_t port);
    void resolved(const error_code& ec, const tcp::resolver::results_type& found);
    void try_addresses(const std::vector<tcp::endpoint>& addresses);
    void connected(const error_code& ec, tcp::socket socket);
    void stop_connecting() noexcept override;

    const tcp_options options_;
    tcp::resolver resolver_;
    std::shared_ptr<happy_connect> connecting_;
};

} // namespace weir::mqtt
