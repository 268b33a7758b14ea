#pragma once

#include "reference_broker.hpp"

#include <weir/mqtt/codec/decoder.hpp>
#include <weir/mqtt/session/session.hpp>

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace weir::mqtt::model {

/// A client session, an application that takes its time, and the reference broker, joined by a link that
/// delivers packet by packet and may break at any moment. One step at a time; after each the world knows
/// whether a promise was broken.
class lossy_world {
  public:
    struct settings {
        protocol_version version{protocol_version::v5};
        std::uint16_t window{2};
        int offered{3};   ///< messages of the server, QoS 1 and 2 by turns
        int published{2}; ///< messages of the client, likewise
        int losses{2};    ///< times the server may throw the session away
        bool defers{true};
        int expiries{1}; ///< times a message may expire while the link is down
    };

    /// What can happen next. The argument picks among held messages.
    enum class step : std::uint8_t {
        to_client,  ///< the next packet arrives at the client
        to_server,  ///< the next packet arrives at the server
        offer,      ///< the server sends its next message
        publish,    ///< the client publishes its next message
        process,    ///< the application is done with a message it holds
        defer,      ///< the application leaves a message for later
        break_link, ///< everything on the way is lost; the client connects again
        lose_session,
        expire, ///< as `break_link`, and meanwhile the server drops a message that was on its way
    };

    struct move {
        step what{};
        std::size_t which{0};
    };

    explicit lossy_world(const settings& s);

    /// What can happen now.
    [[nodiscard]] std::vector<move> moves() const;
    void make(const move& m);

    /// Lets everything run to its end without further trouble, and checks that it ended well.
    void settle();

    /// The first promise that was broken; empty when none.
    [[nodiscard]] const std::string& fault() const { return fault_; }

  private:
    struct held {
        ack_token token{};
        int number{0};
        int epoch{0};
        bool deferred{false};
    };

    void connect();
    void reconnect();
    void process(std::size_t which);
    void defer(std::size_t which);
    void deliver_to_client();
    void deliver_to_server();
    void publish_next();
    void take_output();
    void take_events();
    void check_sent(const packet& p);
    void check_ack(const ack& a);
    void note_final_answer(const packet& p);
    void check_window();
    void check_end();
    void blame(const std::string& text);

    settings settings_;
    client_options options_;
    session client_;
    reference_broker broker_;
    decoder from_client_;
    time_point now_{std::chrono::hours{1}};
    events events_;
    std::deque<packet> to_client_;
    std::deque<packet> to_server_;

    int offers_left_;
    int publishes_left_;
    int losses_left_;
    int expiries_left_;
    int next_publish_{1};
    int epoch_{0};
    std::vector<held> held_;
    std::set<int> processed_;
    std::map<std::pair<int, int>, int> handed_out_;        ///< by epoch and number
    std::map<int, qos> level_of_;                          ///< of the server's messages
    std::map<std::uint16_t, std::uint64_t> arrival_order_; ///< of ids on this connection
    std::uint64_t arrivals_{0};
    std::uint64_t last_puback_{0};
    std::uint64_t last_pubrec_{0};
    std::set<std::uint16_t> ids_in_flight_; ///< of the client's publishes
    std::map<operation_id, int> publishing_;
    std::set<int> confirmed_;
    std::set<int> failed_;
    std::string fault_;
};

} // namespace weir::mqtt::model
