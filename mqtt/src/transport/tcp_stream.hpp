#pragma once

#include "transport/happy_connect.hpp"

#include <weir/base/read_blocks.hpp>
#include <weir/mqtt/transport/tcp.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <memory>
#include <string>
#include <vector>

namespace weir::mqtt {

/// The working part of the TCP transport. Shared by its owner and by every operation under way, so that an
/// operation that ends after `close` still finds its buffers; it then reports to nobody.
class tcp_stream : public std::enable_shared_from_this<tcp_stream> {
  public:
    tcp_stream(boost::asio::io_context& context, block_pool& blocks, tcp_options options);

    void connect(const std::string& host, std::uint16_t port, transport_listener& listener);
    void read();
    void write(output_buffer& out);
    void shutdown() noexcept;
    void close() noexcept;

    [[nodiscard]] std::string_view phase() const noexcept { return phase_; }

    [[nodiscard]] transport::counters stats() const noexcept { return stats_; }

  private:
    using tcp = boost::asio::ip::tcp;
    using error_code = boost::system::error_code;

    void resolve(const std::string& host, std::uint16_t port);
    void resolved(const error_code& ec, const tcp::resolver::results_type& found);
    void try_addresses(const std::vector<tcp::endpoint>& addresses);
    void connected(const error_code& ec, tcp::socket socket);
    void report_connected();
    void received(const error_code& ec, std::size_t count);
    void write_rest();
    void wrote(const error_code& ec, std::size_t count);
    void gather_rest();
    void fail(const error& reason);

    boost::asio::io_context& context_;
    tcp_options options_;
    transport_listener* listener_{nullptr};
    tcp::resolver resolver_;
    tcp::socket socket_;
    std::string target_; ///< "host:port" as asked for
    std::string_view phase_{"resolve"};
    std::shared_ptr<happy_connect> connecting_;
    read_blocks input_;
    output_buffer writing_;
    std::size_t written_{0}; ///< of `writing_`
    std::vector<boost::asio::const_buffer> gather_;
    transport::counters stats_;
};

} // namespace weir::mqtt
