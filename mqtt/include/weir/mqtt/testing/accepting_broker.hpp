#pragma once

#include <weir/mqtt/packet/packets.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

namespace weir::mqtt::testing {

/// A small broker on a free port of 127.0.0.1 that says yes to everything: it accepts every CONNECT, grants
/// every filter, answers QoS 1 and 2 in both directions, routes what it receives to those who subscribed,
/// and publishes what a test pushes. It keeps the sessions of clients that ask for it and sends what they
/// left unacknowledged again, with DUP. For tests of what stands on a client; no retained messages, no will,
/// no shared groups beyond sending to every member.
///
/// Thread-safe. One thread per connection.
class accepting_broker {
  public:
    struct options {
        connack answer{}; ///< of every CONNECT; Session Present is filled in
        std::uint16_t send_window{
            100}; ///< unacknowledged publishes to one client, beside its Receive Maximum
    };

    /// What has arrived so far, from all clients.
    struct counters {
        std::size_t connects{0};
        std::size_t subscribes{0}; ///< filters
        std::size_t publishes{0};  ///< first deliveries; a repeated QoS 2 id counts once
        std::size_t pubacks{0};
        std::size_t pubrecs{0};
        std::size_t pubcomps{0};
        std::size_t pings{0};
        std::size_t disconnects{0}; ///< DISCONNECT packets
        std::size_t pushed{0};      ///< publishes sent to clients, repetitions apart
        std::size_t resent{0};      ///< with DUP, after a reconnect
        std::size_t waiting{0};     ///< publishes not yet acknowledged or not yet sent, QoS 1 and 2
    };

    accepting_broker();
    explicit accepting_broker(options o);
    accepting_broker(const accepting_broker&) = delete;
    accepting_broker& operator=(const accepting_broker&) = delete;
    ~accepting_broker();

    [[nodiscard]] std::uint16_t port() const noexcept;

    /// To every session with a subscription that matches; the QoS is the lower of the two. Ids are chosen.
    /// False when nobody subscribed.
    bool push(const publish& p);

    /// Told of every publish received, on the thread of its connection. To be set before clients connect.
    void on_publish(std::function<void(const publish&)> listener);

    [[nodiscard]] counters stats() const;

    /// Waits until `holds`; false when `limit` has passed first.
    [[nodiscard]] bool wait_for(
        const std::function<bool(const counters&)>& holds,
        std::chrono::milliseconds limit = std::chrono::seconds{30});

    /// Resets every connection; sessions stay, and clients may come again.
    void drop_connections();

    /// Forgets every session: the next CONNECT gets Session Present 0.
    void forget_sessions();

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace weir::mqtt::testing
