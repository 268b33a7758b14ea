#pragma once

#include "front.hpp"

#include <map>
#include <string>
#include <vector>

namespace weir::mqtt::fronts {

/// A WebSocket before a broker.
class websocket_front : front {
  public:
    struct settings {
        unsigned status{101};            ///< any other is the answer, and that is all
        std::string subprotocol{"mqtt"}; ///< of the answer; none when empty
        std::size_t frame_size{0}; ///< 0: a frame for what is there, else at most this many bytes in each
        bool continued{false};     ///< the frames are parts of one message
        bool text{false};          ///< frames say that they are text
        bool ping_first{false};    ///< before anything of the broker's
        bool keeps_open{false};    ///< does not answer a close frame
    };

    struct seen {
        std::string target{};
        std::map<std::string, std::string> headers{}; ///< names in small letters
    };

    /// How the client has ended it.
    struct ending {
        unsigned code{0}; ///< of its close frame; 0: none came
        bool all_binary{true};
        std::size_t pongs{0};
    };

    explicit websocket_front(std::uint16_t broker);
    websocket_front(std::uint16_t broker, settings how);
    ~websocket_front();

    using front::port;

    [[nodiscard]] std::vector<seen> requests(std::size_t count) const { return seen_.wait_for(count); }

    [[nodiscard]] std::vector<ending> endings(std::size_t count) const { return endings_.wait_for(count); }

  private:
    asio::awaitable<void> serve(tcp::socket accepted);

    const std::uint16_t broker_;
    const settings how_;
    records<seen> seen_;
    records<ending> endings_;
};

} // namespace weir::mqtt::fronts
