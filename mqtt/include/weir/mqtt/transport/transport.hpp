#pragma once

#include <weir/base/bytes.hpp>
#include <weir/base/error.hpp>
#include <weir/mqtt/codec/output_buffer.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::mqtt {

/// Told what becomes of a transport's work. All calls come from the lane, never from inside a call of the
/// transport's user, and none after `close`.
class transport_listener {
  public:
    /// The stream is up. `endpoint` is the peer's address, "127.0.0.1:1883".
    virtual void transport_connected(const std::string& endpoint) = 0;

    /// A step of connecting is done: "resolve", "tcp", "proxy", "tls", "websocket". A step that is not needed
    /// is not told. `transport_connected` follows the last one. To be noted only: neither this nor
    /// `transport_warned` may close the transport.
    virtual void transport_passed(std::string_view phase);

    /// Something about this connection that somebody should know: it is not as safe as it looks.
    virtual void transport_warned(const std::string& text);

    /// Answers `read`: what has arrived, never empty.
    virtual void transport_received(bytes chunk) = 0;

    /// Answers `write`: the operating system has taken all of it.
    virtual void transport_written() = 0;

    /// The stream, or the attempt to open it, has ended. `peer_closed` is the regular end of the peer's side.
    virtual void transport_failed(const error& reason) = 0;

  protected:
    transport_listener() = default;
    transport_listener(const transport_listener&) = default;
    transport_listener& operator=(const transport_listener&) = default;
    ~transport_listener() = default;
};

/// A reliable byte stream to one peer: the only thing a client knows about the network. One object is one
/// connection; a new attempt takes a new object. Some stand on another one (TLS, WebSocket, a proxy), which
/// they own; so they combine freely, and a stream of your own takes its place below them or alone, see
/// `client_options::byte_stream`.
///
/// Not thread-safe: all calls come from one lane. Nothing throws but for lack of memory; what goes wrong is
/// told through the listener, under the names of `errc`.
class transport {
  public:
    /// What was done, for people and tests that ask what a message costs.
    struct counters {
        std::uint64_t reads{0};
        std::uint64_t writes{0};
        std::uint64_t bytes_read{0};
        std::uint64_t bytes_written{0};
    };

    virtual ~transport() = default;
    transport(const transport&) = delete;
    transport& operator=(const transport&) = delete;

    /// Holds no buffer while nothing arrives or leaves, see `client_options::low_mem`. Before `connect`; a
    /// stream that stands on another passes it on. A stream that holds none need not know of it.
    virtual void set_low_mem() noexcept {}

    /// Opens the stream; answered by `transport_connected` or `transport_failed`. Once per object. `listener`
    /// must live until `close`.
    virtual void connect(const std::string& host, std::uint16_t port, transport_listener& listener) = 0;

    /// The step of connecting that runs or failed, as in `transport_passed`.
    [[nodiscard]] virtual std::string_view phase() const noexcept = 0;

    /// Asks for whatever arrives next. One at a time.
    virtual void read() = 0;

    /// Takes over the content of `out` and sends it; `out` comes back empty, with memory to fill again. One
    /// at a time.
    virtual void write(output_buffer& out) = 0;

    /// Tells the peer that nothing more will be sent; reading goes on. Only between writes.
    virtual void shutdown() noexcept = 0;

    /// Ends everything at once and forgets the listener. Idempotent.
    virtual void close() noexcept = 0;

    [[nodiscard]] virtual counters stats() const noexcept = 0;

  protected:
    transport() = default;
};

} // namespace weir::mqtt
