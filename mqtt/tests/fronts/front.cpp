#include "front.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <exception>
#include <utility>

namespace weir::mqtt::fronts {

front::front()
    : acceptor_(context_, tcp::endpoint{asio::ip::address_v4::loopback(), 0})
    , port_(acceptor_.local_endpoint().port()) {}

void front::start(server serve) {
    asio::co_spawn(context_, accept_loop(std::move(serve)), asio::detached);
    thread_ = std::thread{[this] { context_.run(); }};
}

void front::stop() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
}

void front::post(std::function<void()> task) {
    asio::post(context_, std::move(task));
}

asio::awaitable<void> front::accept_loop(server serve) {
    for (;;) {
        auto accepted = co_await acceptor_.async_accept(asio::use_awaitable);
        accepted.set_option(tcp::no_delay{true});
        asio::co_spawn(context_, serve(std::move(accepted)), [](const std::exception_ptr&) {});
    }
}

asio::awaitable<tcp::socket> front::dial(std::uint16_t port) {
    tcp::socket socket{context_};
    const tcp::endpoint broker{asio::ip::address_v4::loopback(), port};
    co_await socket.async_connect(broker, asio::use_awaitable);
    socket.set_option(tcp::no_delay{true});
    co_return socket;
}

} // namespace weir::mqtt::fronts
