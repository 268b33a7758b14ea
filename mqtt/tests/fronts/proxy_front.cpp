#include "proxy_front.hpp"

#include "relay.hpp"

#include <boost/asio/read.hpp>
#include <boost/asio/read_until.hpp>

#include <utility>

namespace weir::mqtt::fronts {

namespace {

asio::awaitable<std::string> read_exactly(tcp::socket& from, std::size_t count) {
    std::string out(count, '\0');
    co_await asio::async_read(from, asio::buffer(out), asio::use_awaitable);
    co_return out;
}

/// What is preceded by its length.
asio::awaitable<std::string> read_counted(tcp::socket& from) {
    const auto size = co_await read_exactly(from, 1);
    co_return co_await read_exactly(from, static_cast<unsigned char>(size[0]));
}

asio::awaitable<void> say(tcp::socket& to, std::string text) {
    co_await asio::async_write(to, asio::buffer(text), asio::use_awaitable);
}

std::string header(const std::string& head, const std::string& name) {
    const auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + 4 + name.size();
    return head.substr(begin, head.find("\r\n", begin) - begin);
}

} // namespace

proxy_front::proxy_front(std::uint16_t broker, settings how)
    : broker_(broker)
    , how_(std::move(how)) {
    start([this](tcp::socket accepted) { return serve(std::move(accepted)); });
}

proxy_front::~proxy_front() {
    stop();
}

asio::awaitable<void> proxy_front::serve(tcp::socket client) {
    const bool agreed = how_.socks ? co_await agree_socks(client) : co_await agree_http(client);
    if (!agreed) co_return;
    auto broker = co_await dial(broker_);
    using namespace asio::experimental::awaitable_operators;
    co_await (pump(client, broker, [&] { end_sending(broker); }) && pump(broker, client, [&] {
                  end_sending(client);
              }));
}

asio::awaitable<bool> proxy_front::agree_http(tcp::socket& client) {
    std::string head;
    co_await asio::async_read_until(client, asio::dynamic_buffer(head), "\r\n\r\n", asio::use_awaitable);
    const auto target = head.substr(0, head.find(" HTTP/1.1\r\n"));
    seen_.add({target, header(head, "Proxy-Authorization")});
    // In two parts, as a network may deliver it.
    const auto middle = how_.http_answer.size() / 2;
    co_await say(client, how_.http_answer.substr(0, middle));
    co_await say(client, how_.http_answer.substr(middle));
    co_return how_.http_answer.find(" 200 ") != std::string::npos;
}

asio::awaitable<bool> proxy_front::agree_socks(tcp::socket& client) {
    co_await read_exactly(client, 1);
    const auto methods = co_await read_counted(client);
    seen request;
    // Whole objects only inside co_await: g++ 12 destroys temporaries there twice.
    const char method = how_.username.empty()                       ? '\x00'
                        : methods.find('\x02') == std::string::npos ? '\xFF'
                                                                    : '\x02';
    const std::string choice{'\x05', method};
    co_await say(client, choice);
    if (method == '\xFF') co_return false;
    if (method == '\x02') {
        co_await read_exactly(client, 1);
        const auto user = co_await read_counted(client);
        const auto password = co_await read_counted(client);
        request.credentials = user + ':' + password;
        const bool right = user == how_.username && password == how_.password;
        const std::string verdict{'\x01', right ? '\x00' : '\x01'};
        co_await say(client, verdict);
        if (!right) co_return false;
    }
    const auto head = co_await read_exactly(client, 4);
    std::string host;
    if (head[3] == '\x03') {
        host = co_await read_counted(client);
    } else {
        const auto raw = co_await read_exactly(client, 4);
        for (const unsigned char c : raw)
            host += (host.empty() ? "" : ".") + std::to_string(c);
    }
    const auto port = co_await read_exactly(client, 2);
    const auto number = static_cast<unsigned char>(port[0]) * 256 + static_cast<unsigned char>(port[1]);
    request.target = host + ':' + std::to_string(number);
    seen_.add(request);
    std::string answer{"\x05\x00\x00\x01\x7F\x00\x00\x01\x00\x00", 10};
    answer[1] = static_cast<char>(how_.socks_answer);
    co_await say(client, answer);
    co_return how_.socks_answer == 0;
}

} // namespace weir::mqtt::fronts
