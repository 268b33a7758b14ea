#pragma once

#include "client_fixture.hpp"

#include <atomic>
#include <cstdint>
#include <functional>
#include <ostream>
#include <string>
#include <vector>

/// The table of docs/guide/limits.md, as what drives a client to each bound.
namespace weir::mqtt {

using testing::broker_connection;

/// What a broker says and does on one connection once it has accepted it, again and again until it is over.
class broker_side {
  public:
    broker_side(broker_connection& client, std::atomic<bool>& over)
        : connection(client)
        , over_(over) {}

    [[nodiscard]] bool over() const { return over_ || connection.stopping(); }

    void send(const std::string& text) { connection.send_raw(text); }

    /// So many publishes that ask for an answer, with ids that have not been used lately.
    void send_acknowledged(protocol_version version, std::size_t count, std::size_t size = 1'000);

    /// Takes the next packet, whatever it is.
    void take() {
        if (!connection.next(clock::now() + 1h)) throw testing::script_failure{"the client has closed"};
    }

    void wait_until_over() {
        while (!over())
            connection.stall(10ms);
    }

    broker_connection& connection;

  private:
    std::atomic<bool>& over_;
    std::uint16_t id_{0};
};

/// One row of the table.
struct bound {
    std::string name;
    protocol_version version{protocol_version::v5};
    std::function<bool(const session_stats&)> reached;
    std::function<void(client_options&)> options = [](client_options&) {};
    bool takes_messages{true};
    bool defers{false}; ///< each of them
    std::size_t connections{1};
    connack answer{};
    /// Of the broker; returns or throws when its connection is of no more use.
    std::function<void(broker_side&)> broker = [](broker_side& b) {
        while (!b.over())
            b.take(); // and never answers
    };
    /// Of the application, on the client's lane.
    std::function<void(client&)> caller{};
};

inline void PrintTo(const bound& row, std::ostream* out) {
    *out << row.name;
}

/// Every row that a plain connection can be driven to.
std::vector<bound> all_bounds();

} // namespace weir::mqtt
