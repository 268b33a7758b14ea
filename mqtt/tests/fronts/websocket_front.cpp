#include "websocket_front.hpp"

#include "relay.hpp"

#include <boost/asio/detached.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>

#include <algorithm>
#include <cctype>
#include <utility>

namespace weir::mqtt::fronts {

namespace http = boost::beast::http;
namespace ws = boost::beast::websocket;

namespace {

using request_type = http::request<http::empty_body>;
using stream = ws::stream<tcp::socket>;

websocket_front::seen describe(const request_type& request) {
    websocket_front::seen out;
    out.target = std::string(request.target());
    for (const auto& field : request) {
        std::string name{field.name_string()};
        std::transform(
            name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
        out.headers.emplace(std::move(name), std::string(field.value()));
    }
    return out;
}

asio::awaitable<void> decline(tcp::socket& client, unsigned status) {
    http::response<http::string_body> answer{static_cast<http::status>(status), 11};
    answer.set(http::field::location, "ws://127.0.0.1:1/elsewhere");
    answer.body() = "no";
    answer.prepare_payload();
    co_await http::async_write(client, answer, asio::use_awaitable);
    end_sending(client);
    std::array<char, 1'024> space{};
    boost::system::error_code ec;
    while (!ec)
        co_await client.async_read_some(asio::buffer(space), asio::redirect_error(asio::use_awaitable, ec));
}

asio::awaitable<void> to_broker(stream& client, tcp::socket& broker, websocket_front::ending& end) {
    boost::beast::flat_buffer message;
    for (;;) {
        boost::system::error_code ec;
        const auto count = co_await client.async_read(message, asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
        end.all_binary = end.all_binary && client.got_binary();
        co_await asio::async_write(broker, message.data(), asio::redirect_error(asio::use_awaitable, ec));
        message.consume(count);
        if (ec) break;
    }
    end.code = client.reason().code;
    end_sending(broker);
}

asio::awaitable<void> send(
    stream& client, const char* data, std::size_t size, std::size_t frame, bool continued) {
    for (std::size_t at = 0; at < size; at += frame) {
        const auto part = asio::buffer(data + at, std::min(frame, size - at));
        const bool last = !continued || at + frame >= size;
        co_await client.async_write_some(last, part, asio::use_awaitable);
    }
}

asio::awaitable<void> to_client(tcp::socket& broker, stream& client, const websocket_front::settings& how) {
    std::array<char, 65'536> space{};
    for (;;) {
        boost::system::error_code ec;
        const auto count = co_await broker.async_read_some(
            asio::buffer(space), asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
        co_await send(
            client, space.data(), count, how.frame_size == 0 ? count : how.frame_size, how.continued);
    }
    boost::system::error_code ignored;
    co_await client.async_close(ws::close_code::normal, asio::redirect_error(asio::use_awaitable, ignored));
}

} // namespace

websocket_front::websocket_front(std::uint16_t broker)
    : websocket_front(broker, settings{}) {}

websocket_front::websocket_front(std::uint16_t broker, settings how)
    : broker_(broker)
    , how_(std::move(how)) {
    start([this](tcp::socket accepted) { return serve(std::move(accepted)); });
}

websocket_front::~websocket_front() {
    stop();
}

void websocket_front::ping() {
    post([this] {
        if (ping_) ping_();
    });
}

asio::awaitable<void> websocket_front::serve(tcp::socket accepted) {
    boost::beast::flat_buffer head;
    request_type request;
    co_await http::async_read(accepted, head, request, asio::use_awaitable);
    seen_.add(describe(request));
    if (how_.status != 101) co_return co_await decline(accepted, how_.status);
    stream client{std::move(accepted)};
    client.set_option(ws::stream_base::decorator([this](ws::response_type& answer) {
        if (!how_.subprotocol.empty()) answer.set(http::field::sec_websocket_protocol, how_.subprotocol);
    }));
    co_await client.async_accept(request, asio::use_awaitable);
    client.text(how_.text);
    client.binary(!how_.text);
    client.auto_fragment(false);
    ending end;
    client.control_callback([this, &end](ws::frame_type kind, boost::beast::string_view) {
        if (kind != ws::frame_type::pong) return;
        ++end.pongs;
        pongs_.add('p');
    });
    auto broker = co_await dial(broker_);
    ping_ = [&client] { client.async_ping({}, asio::detached); };
    if (how_.ping_first) co_await client.async_ping({}, asio::use_awaitable);
    using namespace asio::experimental::awaitable_operators;
    if (how_.keeps_open) {
        co_await to_client(broker, client, how_);
    } else {
        co_await (to_broker(client, broker, end) && to_client(broker, client, how_));
    }
    ping_ = nullptr;
    endings_.add(end);
}

} // namespace weir::mqtt::fronts
