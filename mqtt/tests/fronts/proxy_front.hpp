#pragma once

#include "front.hpp"

#include <string>

namespace weir::mqtt::fronts {

/// A proxy that leads to one broker, wherever the client wants to go.
class proxy_front : front {
  public:
    struct settings {
        bool socks{false};      ///< SOCKS5, else HTTP CONNECT
        std::string username{}; ///< demanded when not empty
        std::string password{};
        std::string http_answer{"HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n"};
        unsigned char socks_answer{0};
    };

    struct seen {
        std::string target{};      ///< "broker:1883"
        std::string credentials{}; ///< "user:password"; of HTTP as they came
    };

    proxy_front(std::uint16_t broker, settings how);
    ~proxy_front();

    using front::port;

    [[nodiscard]] std::vector<seen> requests(std::size_t count) const { return seen_.wait_for(count); }

  private:
    asio::awaitable<void> serve(tcp::socket client);
    asio::awaitable<bool> agree_http(tcp::socket& client);
    asio::awaitable<bool> agree_socks(tcp::socket& client);

    const std::uint16_t broker_;
    const settings how_;
    records<seen> seen_;
};

} // namespace weir::mqtt::fronts
