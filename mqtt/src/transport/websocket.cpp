#include "io_lane_engine.hpp"
#include "transport/async_stream.hpp"
#include "transport/host_text.hpp"
#include "transport/shared_transport.hpp"

#include <weir/base/read_blocks.hpp>
#include <weir/mqtt/codec/input_buffer.hpp>
#include <weir/mqtt/transport/websocket.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <boost/asio/append.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/stream_traits.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <utility>

namespace weir::mqtt {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace ws = boost::beast::websocket;

namespace {

using error_code = boost::system::error_code;

/// What Beast holds: it wants its stream by value, and the stream cannot move.
class stream_handle {
  public:
    using executor_type = async_stream::executor_type;

    explicit stream_handle(async_stream& stream) noexcept
        : stream_(&stream) {}

    [[nodiscard]] executor_type get_executor() const noexcept { return stream_->get_executor(); }

    template <class Buffers, class Token>
    auto async_read_some(const Buffers& into, Token&& token) {
        return stream_->async_read_some(into, std::forward<Token>(token));
    }

    template <class Buffers, class Token>
    auto async_write_some(const Buffers& from, Token&& token) {
        return stream_->async_write_some(from, std::forward<Token>(token));
    }

    void end() noexcept { stream_->below().shutdown(); }

  private:
    async_stream* stream_;
};

/// How Beast ends the stream below once both sides have said goodbye.
template <class Handler>
void async_teardown(boost::beast::role_type, stream_handle& stream, Handler&& done) {
    stream.end();
    asio::post(stream.get_executor(), asio::append(std::forward<Handler>(done), error_code{}));
}

/// What Beast calls at a time limit, of which none is set here: its owner watches the clock.
void beast_close_socket(stream_handle& stream) {
    stream.end();
}

/// How long a peer that broke the rules may take to agree to the end.
constexpr std::chrono::seconds goodbye_limit{1};

/// Frames go out whole up to this size, which is what one write below carries.
constexpr std::size_t write_step = 64u << 10;

/// With so much received and not asked for, nothing more is read.
constexpr std::size_t ahead_limit = 64u << 10;

/// Nor with so many reads in a block of their own each, as `low_mem` has them, however little came in each.
constexpr std::size_t ahead_reads = 8;

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names)
        out += (out.empty() ? "" : ", ") + name;
    return out;
}

/// The working part: shared by its owner and by every operation under way.
///
/// Beast answers the peer's pings and close frames inside a read and nowhere else, so that one is always
/// under way, whether the owner asks for bytes or not, until as many wait for it as may.
class ws_stream final : public std::enable_shared_from_this<ws_stream>, async_stream::owner {
  public:
    ws_stream(io_lane& lane, std::unique_ptr<transport> below, websocket_options options)
        : options_(std::move(options))
        , input_(lane.native().blocks)
        , below_(lane.native().context, std::move(below), *this)
        , stream_(stream_handle{below_})
        , goodbye_(lane.native().context) {}

    void set_low_mem() noexcept {
        low_mem_ = true;
        input_.set_low_mem();
        below_.below().set_low_mem();
    }

    void connect(const std::string& host, std::uint16_t port, transport_listener& listener) {
        listener_ = &listener;
        host_ = port == options_.default_port ? bracketed(host) : host_and_port(host, port);
        below_.connect(host, port);
    }

    [[nodiscard]] std::string_view phase() noexcept {
        return endpoint_.empty() ? below_.below().phase() : "websocket";
    }

    void read();
    void write(output_buffer& out);
    void shutdown();
    void close() noexcept;

    [[nodiscard]] transport::counters stats() noexcept { return below_.below().stats(); }

  private:
    static std::string bracketed(const std::string& host) {
        return host.find(':') != std::string::npos && host.front() != '[' ? '[' + host + ']' : host;
    }

    void stream_passed(std::string_view phase) override { listener_->transport_passed(phase); }

    void stream_warned(const std::string& text) override { listener_->transport_warned(text); }

    void stream_connected(const std::string& endpoint) override;

    void stream_failed(const error& reason) override { fail(reason); }

    void decorate(ws::request_type& request) const;
    void upgraded(const error_code& ec);
    [[nodiscard]] error refusal(const error_code& ec) const;
    [[nodiscard]] bool speaks_our_protocol() const;
    void start_reading();
    void received(const error_code& ec, std::size_t count);
    void hand_out();
    void refuse_text();

    [[nodiscard]] bool holds_enough() const noexcept {
        return held_.size() >= ahead_limit || (low_mem_ && reads_held_ >= ahead_reads);
    }

    void wrote(const error_code& ec);
    [[nodiscard]] error reason_of(const error_code& ec) const;
    void fail(const error& reason);

    const websocket_options options_;
    transport_listener* listener_{nullptr};
    std::string host_;     ///< as the Host header names it
    std::string endpoint_; ///< as reached
    read_blocks input_;
    bool low_mem_{false};
    std::size_t expected_{0}; ///< of the next read
    bool asked_{false};       ///< by the owner, for what comes next
    bool reading_{false};
    bool refusing_{false};       ///< and waits for the peer to agree to the end
    input_buffer held_;          ///< received and not asked for
    std::size_t reads_held_{0};  ///< that have come since nothing was held
    std::optional<error> ended_; ///< how reading has; told once all before it was asked for
    output_buffer writing_;
    std::vector<asio::const_buffer> gather_;
    ws::response_type response_;
    async_stream below_;
    ws::stream<stream_handle, false> stream_; ///< without compression
    asio::steady_timer goodbye_;
};

void ws_stream::stream_connected(const std::string& endpoint) {
    endpoint_ = endpoint;
    stream_.binary(true);
    stream_.auto_fragment(false);
    stream_.write_buffer_bytes(write_step);
    stream_.read_message_max(0); // what is too large is a matter of packets, which may share a message
    stream_.set_option(ws::stream_base::decorator([this](ws::request_type& request) { decorate(request); }));
    const auto target = options_.path + (options_.query.empty() ? "" : '?' + options_.query);
    stream_.async_handshake(
        response_, host_, target, [self = shared_from_this()](const error_code& ec) { self->upgraded(ec); });
}

void ws_stream::decorate(ws::request_type& request) const {
    request.set(http::field::sec_websocket_protocol, joined(options_.subprotocols));
    for (const auto& [name, value] : options_.headers)
        request.insert(name, value);
}

void ws_stream::upgraded(const error_code& ec) {
    if (listener_ == nullptr) return;
    if (ec) return fail(refusal(ec));
    if (!speaks_our_protocol()) {
        const auto offered = joined(options_.subprotocols);
        const auto taken = std::string(response_[http::field::sec_websocket_protocol]);
        return fail(
            {errc::ws_upgrade_failed,
             "101: " + host_ + " answered with subprotocol \"" + taken + "\" to an offer of " + offered});
    }
    listener_->transport_passed("websocket");
    listener_->transport_connected(endpoint_);
}

error ws_stream::refusal(const error_code& ec) const {
    if (below_.failure()) return *below_.failure();
    // Errors of this category are judgements of an answer that was read.
    const bool was_answered = ec.category() == make_error_code(ws::error::closed).category();
    const auto status = std::to_string(response_.result_int()) + ' ' + std::string(response_.reason());
    return {
        errc::ws_upgrade_failed,
        (was_answered ? status : "no answer") + ": " + host_ + options_.path + ": " + ec.message()};
}

bool ws_stream::speaks_our_protocol() const {
    const auto taken = std::string(response_[http::field::sec_websocket_protocol]);
    return std::find(options_.subprotocols.begin(), options_.subprotocols.end(), taken) !=
           options_.subprotocols.end();
}

void ws_stream::read() {
    asked_ = true;
    if (held_.size() == 0 && !ended_) return start_reading();
    // Never inside the owner's call.
    asio::post(stream_.get_executor(), [self = shared_from_this()] {
        self->hand_out();
        self->start_reading();
    });
}

void ws_stream::start_reading() {
    if (listener_ == nullptr || reading_ || refusing_ || ended_ || holds_enough()) return;
    reading_ = true;
    const auto space = input_.space(expected_);
    stream_.async_read_some(
        asio::buffer(space.data(), space.size()),
        [self = shared_from_this()](const error_code& ec, std::size_t count) { self->received(ec, count); });
}

void ws_stream::received(const error_code& ec, std::size_t count) {
    reading_ = false;
    if (listener_ == nullptr) return;
    if (ec) {
        ended_ = reason_of(ec);
    } else if (!stream_.got_binary()) {
        return refuse_text();
    } else {
        // More is likely to follow what has filled its room.
        expected_ = count == input_.space().size() ? 2 * count : 0;
        if (count != 0) ++reads_held_; // an empty frame brings nothing
        held_.feed(input_.commit(count));
    }
    hand_out();
    start_reading();
}

void ws_stream::hand_out() {
    if (listener_ == nullptr || !asked_) return;
    if (held_.size() != 0) {
        asked_ = false;
        auto chunk = held_.slice(0, held_.front().size());
        held_.consume(chunk.size());
        if (held_.size() == 0) reads_held_ = 0;
        listener_->transport_received(std::move(chunk));
    } else if (ended_) {
        fail(*ended_);
    }
}

void ws_stream::refuse_text() {
    refusing_ = true;
    // Told only when the peer has seen the close frame, or never will: closing at once could destroy it.
    const error fault{
        errc::protocol_error, "a text frame from " + endpoint_ + ", where only binary ones are allowed"};
    const auto tell = [self = shared_from_this(), fault](const error_code&) {
        self->goodbye_.cancel();
        self->fail(fault);
    };
    stream_.async_close(ws::close_code::unknown_data, tell);
    goodbye_.expires_after(goodbye_limit);
    goodbye_.async_wait([tell](const error_code& ec) {
        if (!ec) tell(ec);
    });
}

void ws_stream::write(output_buffer& out) {
    writing_.swap(out);
    out.clear();
    gather_.clear();
    for (const auto& segment : writing_.segments())
        gather_.emplace_back(segment.data(), segment.size());
    stream_.async_write(
        std::span<const asio::const_buffer>{gather_},
        [self = shared_from_this()](const error_code& ec, std::size_t) { self->wrote(ec); });
}

void ws_stream::wrote(const error_code& ec) {
    if (listener_ == nullptr) return;
    if (ec) return fail(ended_ ? *ended_ : reason_of(ec)); // what ended reading says more
    writing_.clear();
    if (low_mem_) writing_.release();
    listener_->transport_written();
}

error ws_stream::reason_of(const error_code& ec) const {
    if (below_.failure()) return *below_.failure();
    if (ec != ws::error::closed) return {errc::protocol_error, endpoint_ + ": WebSocket: " + ec.message()};
    const auto& said = stream_.reason();
    std::string text = endpoint_ + ": WebSocket closed with code " + std::to_string(said.code);
    if (!said.reason.empty()) text += ", \"" + std::string(said.reason.c_str()) + '"';
    return {errc::peer_closed, std::move(text)};
}

void ws_stream::shutdown() {
    stream_.async_close(ws::close_code::normal, [self = shared_from_this()](const error_code& ec) {
        if (self->listener_ != nullptr)
            self->fail(self->reason_of(ec ? ec : make_error_code(ws::error::closed)));
    });
}

void ws_stream::close() noexcept {
    listener_ = nullptr;
    goodbye_.cancel();
    // Handlers refer to this object, so it would keep itself alive.
    below_.abandon();
}

void ws_stream::fail(const error& reason) {
    if (listener_ != nullptr) listener_->transport_failed(reason);
}

} // namespace

std::unique_ptr<transport> make_websocket_transport(
    io_lane& lane, std::unique_ptr<transport> below, websocket_options options) {
    return std::make_unique<shared_transport<ws_stream>>(
        std::make_shared<ws_stream>(lane, std::move(below), std::move(options)));
}

} // namespace weir::mqtt
