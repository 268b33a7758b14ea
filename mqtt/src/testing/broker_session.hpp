#pragma once

#include <weir/mqtt/packet/packets.hpp>
#include <weir/mqtt/testing/accepting_broker.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace weir::mqtt::testing {

/// What a broker knows of one client: its subscriptions and the messages under way in both directions. It
/// outlives connections. Its owner locks.
class broker_session {
  public:
    using sender = std::function<void(const packet&)>;
    using counters = accepting_broker::counters;

    explicit broker_session(counters& stats)
        : stats_(stats) {}

    /// How a connection is reached, and ended when another one takes the session over.
    struct connection {
        sender send;
        std::function<void()> end;
        const void* id{nullptr};
    };

    /// A connection begins: sends again what is unacknowledged, then what waited.
    void attach(connection c, std::uint16_t window);

    /// Its end; no effect when another one has taken over.
    void detach(const void* id) noexcept;

    /// Publishes of QoS 1 and 2 not yet acknowledged or not yet sent.
    [[nodiscard]] std::size_t unfinished() const noexcept;

    /// Queues `p` when a subscription matches; false when none does.
    bool offer(const publish& p);

    /// Handles any packet but CONNECT. True with `first` set when it is a publish not seen before.
    bool received(const packet& p, publish& first);

  private:
    struct in_flight {
        publish message;
        bool released{false}; ///< PUBREC has come, PUBREL was sent
    };

    void answer(const ack& a);
    void grant(const subscribe& s);
    void drop(const unsubscribe& u);
    [[nodiscard]] bool is_new(const publish& p);
    void finish(std::uint16_t id);
    void send_waiting();
    void send_now(publish p);
    void resend();
    [[nodiscard]] std::uint16_t free_id();

    void send(const packet& p);

    counters& stats_;
    connection connection_{};
    std::uint16_t window_{0};
    std::vector<subscription> subscriptions_;
    std::deque<publish> waiting_;
    std::map<std::uint16_t, in_flight> in_flight_;
    std::vector<std::uint16_t> order_; ///< of `in_flight_`, as first sent
    std::set<std::uint16_t> received_qos2_;
    std::uint16_t last_id_{0};
};

} // namespace weir::mqtt::testing
