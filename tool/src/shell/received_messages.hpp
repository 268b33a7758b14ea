#pragma once

#include <weir/mqtt/session/event.hpp>

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <vector>

namespace weir::tool {

/// The numbers of received messages, and with which token each is acknowledged. The last ones are known,
/// decided or not. Thread-safe.
class received_messages {
  public:
    static constexpr std::size_t most = 131'072;

    /// Numbers from 1; `open` when somebody has to decide about it.
    std::uint64_t add(const mqtt::ack_token& token, bool open);

    [[nodiscard]] std::optional<mqtt::ack_token> find(std::uint64_t number) const;

    /// Somebody has decided.
    void decided(std::uint64_t number);

    /// Nobody can decide any more about those so far.
    void decide_all();

    /// Numbers of the messages that nobody has decided about, in their order.
    [[nodiscard]] std::vector<std::uint64_t> open() const;
    [[nodiscard]] std::size_t open_count() const;

  private:
    struct message {
        mqtt::ack_token token{};
        bool open{false};
    };

    [[nodiscard]] const message* at(std::uint64_t number) const;

    mutable std::mutex mutex_;
    std::deque<message> known_;
    std::uint64_t first_{1}; ///< number of the first one in `known_`
    std::size_t open_count_{0};
};

} // namespace weir::tool
