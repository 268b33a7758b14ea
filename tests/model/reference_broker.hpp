#pragma once

#include <weir/mqtt/packet/packets.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace weir::mqtt::model {

/// A server for one client, as plain as the standard allows: no bytes, no time, one packet at a time. Every
/// message is a number, carried as payload. It gives out the lowest free packet id, so that ids come back as
/// soon as they may.
class reference_broker {
  public:
    explicit reference_broker(std::size_t window)
        : window_(window) {}

    /// A message for the client, sent when the window has room.
    void offer(int number, qos level) { waiting_.push_back({number, level, 0, false}); }

    /// A new connection. Returns Session Present, false when the session was thrown away since.
    bool connect(std::vector<packet>& out);

    /// What was sent is gone with it; what waits is taken for published later.
    void forget_session();

    /// The oldest QoS 1 message that is not answered runs out of time while the client is offline: it is not
    /// sent again, and its id is free for another. Of QoS 2 none may, once it was sent [MQTT-4.3.3-7].
    void expire_oldest();
    [[nodiscard]] bool can_expire() const;

    /// Sends the next message, if there is one and room for it.
    void send_next(std::vector<packet>& out);

    [[nodiscard]] bool can_send() const { return !waiting_.empty() && inflight_.size() < window_; }

    void received(const packet& p, std::vector<packet>& out);

    /// Which message the packet id names at this moment; 0 = none.
    [[nodiscard]] int message_of(std::uint16_t packet_id) const;

    /// How often each published number has arrived in sessions that live or ended.
    [[nodiscard]] const std::map<int, int>& arrived() const { return arrived_; }

    /// Numbers that expired, or went with a session that was thrown away.
    [[nodiscard]] const std::set<int>& gone() const { return gone_; }

    [[nodiscard]] bool is_idle() const {
        return waiting_.empty() && inflight_.empty() && unreleased_.empty();
    }

    /// What the client did that no client may; empty when nothing.
    [[nodiscard]] const std::string& complaint() const { return complaint_; }

  private:
    struct sent {
        int number{0};
        qos level{};
        std::uint16_t packet_id{0};
        bool recorded{false}; ///< PUBREC came, PUBREL is out
    };

    [[nodiscard]] static bool may_expire(const sent& m);
    void acknowledged(const ack& a, std::vector<packet>& out);
    void published(const publish& p, std::vector<packet>& out);
    void transmit(const sent& m, bool again, std::vector<packet>& out) const;
    [[nodiscard]] std::uint16_t free_id() const;
    [[nodiscard]] std::deque<sent>::iterator find(std::uint16_t packet_id);
    void complain(std::string text);

    std::size_t window_;
    bool has_session_{false};
    std::deque<sent> waiting_;
    std::deque<sent> inflight_;          ///< in the order of their PUBLISHes
    std::set<std::uint16_t> unreleased_; ///< QoS 2 ids of the client between PUBLISH and PUBREL
    std::map<int, int> arrived_;
    std::set<int> gone_;
    std::string complaint_;
};

} // namespace weir::mqtt::model
