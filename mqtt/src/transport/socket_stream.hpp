#pragma once

#include <weir/base/read_blocks.hpp>
#include <weir/mqtt/transport/transport.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/generic/stream_protocol.hpp>

#include <memory>
#include <string>
#include <vector>

namespace weir::mqtt {

/// A connected socket that is read from and written to; those who derive connect it. Shared by its owner and
/// by every operation under way, so that an operation that ends after `close` still finds its buffers; it
/// then reports to nobody.
class socket_stream : public std::enable_shared_from_this<socket_stream> {
  public:
    socket_stream(const socket_stream&) = delete;
    socket_stream& operator=(const socket_stream&) = delete;
    virtual ~socket_stream() = default;

    void set_low_mem() noexcept;
    virtual void connect(const std::string& host, std::uint16_t port, transport_listener& listener) = 0;
    void read();
    void write(output_buffer& out);
    void shutdown() noexcept;
    void close() noexcept;

    [[nodiscard]] std::string_view phase() const noexcept { return phase_; }

    [[nodiscard]] transport::counters stats() const noexcept { return stats_; }

  protected:
    using socket = boost::asio::generic::stream_protocol::socket;
    using error_code = boost::system::error_code;

    socket_stream(boost::asio::io_context& context, block_pool& blocks, std::string_view first_phase);

    /// To be called before anything else.
    void begin(std::string target, transport_listener& listener);

    /// Whether nobody is told any more.
    [[nodiscard]] bool is_closed() const noexcept { return listener_ == nullptr; }

    [[nodiscard]] boost::asio::io_context& context() noexcept { return context_; }

    [[nodiscard]] const std::string& target() const noexcept { return target_; }

    /// The present step is done and the next one is `next`.
    void pass(std::string_view next);

    /// The present step is not needed.
    void skip_to(std::string_view next) noexcept { phase_ = next; }

    /// The last step is done. `peer` is where the socket leads.
    void succeed(socket connected, const std::string& peer);
    void fail(const error& reason);

    /// Ends what connects.
    virtual void stop_connecting() noexcept = 0;

  private:
    void read_what_arrives();
    void arrived(error_code ec);
    void received(const error_code& ec, std::size_t count);
    void write_rest();
    void wrote(const error_code& ec, std::size_t count);
    void broke(const error_code& ec);
    void gather_rest();

    boost::asio::io_context& context_;
    transport_listener* listener_{nullptr};
    socket socket_;
    std::string target_; ///< as asked for
    std::string_view phase_;
    read_blocks input_;
    bool low_mem_{false};
    bool reading_{false};
    error_code broken_; ///< why writing has failed, while what the peer said last is read
    output_buffer writing_;
    std::size_t written_{0}; ///< of `writing_`
    std::vector<boost::asio::const_buffer> gather_;
    transport::counters stats_;
};

/// The handle of a `socket_stream`.
[[nodiscard]] std::unique_ptr<transport> make_transport_of(std::shared_ptr<socket_stream> stream);

} // namespace weir::mqtt
