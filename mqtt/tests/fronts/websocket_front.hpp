#pragma once

#include "front.hpp"

#include <functional>
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

    /// Sends a ping on the last connection that was accepted; one at a time.
    void ping();

    /// Whether the client has answered so many pings, or does so soon.
    [[nodiscard]] bool was_answered(std::size_t pings) const {
        return pongs_.wait_for(pings).size() >= pings;
    }

  private:
    asio::awaitable<void> serve(tcp::socket accepted);

    const std::uint16_t broker_;
    const settings how_;
    records<seen> seen_;
    records<ending> endings_;
    records<char> pongs_;        ///< one for each
    std::function<void()> ping_; ///< on the present connection
};

} // namespace weir::mqtt::fronts
