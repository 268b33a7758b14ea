#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <vector>

namespace weir::mqtt {

/// The same addresses with the families taking turns, the first one's first (RFC 8305, 4).
[[nodiscard]] std::vector<boost::asio::ip::tcp::endpoint> interleave_families(
    const std::vector<boost::asio::ip::tcp::endpoint>& addresses);

/// Connects to whichever address answers first: the next one is tried when one fails or does not answer
/// within the stagger, so that an address that swallows everything costs a moment and not the attempt
/// (RFC 8305, 5). The losers are closed. Lane only.
class happy_connect : public std::enable_shared_from_this<happy_connect> {
  public:
    using tcp = boost::asio::ip::tcp;
    using error_code = boost::system::error_code;

    /// The connected socket, or why the last address failed.
    using completion = std::function<void(const error_code&, tcp::socket)>;

    /// Makes a closed socket ready to connect to that address, or says why it cannot.
    using preparation = std::function<error_code(tcp::socket&, const tcp::endpoint&)>;

    static constexpr std::chrono::milliseconds stagger{250};

    /// `addresses` must not be empty.
    happy_connect(
        boost::asio::io_context& context, std::vector<tcp::endpoint> addresses, completion done,
        preparation prepare = {});

    void start() { try_next(); }

    /// Closes everything; the completion is not called any more.
    void cancel() noexcept;

  private:
    void try_next();
    void wait_for_answer();
    void answered(std::size_t index, const error_code& ec);
    void finish(const error_code& ec, tcp::socket winner);

    boost::asio::io_context& context_;
    const std::vector<tcp::endpoint> addresses_;
    completion done_;
    const preparation prepare_;
    std::vector<tcp::socket> sockets_; ///< of the addresses tried, in their order
    std::size_t failed_{0};
    boost::asio::steady_timer timer_;
};

} // namespace weir::mqtt
