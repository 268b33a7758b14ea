#pragma once

#include "front.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <array>

namespace weir::mqtt::fronts {

/// Passes on what comes from `from` until it ends, then ends the sending side of `to`.
template <class From, class To, class End>
asio::awaitable<void> pump(From& from, To& to, End end) {
    std::array<char, 65'536> space{};
    for (;;) {
        boost::system::error_code ec;
        const auto count =
            co_await from.async_read_some(asio::buffer(space), asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
        co_await asio::async_write(
            to, asio::buffer(space.data(), count), asio::redirect_error(asio::use_awaitable, ec));
        if (ec) break;
    }
    end();
}

inline void end_sending(tcp::socket& socket) {
    boost::system::error_code ignored;
    socket.shutdown(tcp::socket::shutdown_send, ignored);
}

} // namespace weir::mqtt::fronts
