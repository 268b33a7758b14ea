#pragma once

#include <weir/mqtt/client.hpp>

#include <chrono>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace weir::conformance {

using std::chrono::milliseconds;

/// What a case asked for did not happen.
class failure : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The outcome of an operation of the application.
struct outcome {
    error failed{};
    std::vector<mqtt::reason_code> codes{};
    std::string payload{}; ///< of the response to a request
};

/// What the application was told.
struct observations {
    std::vector<mqtt::connected> connections;
    std::vector<mqtt::message_received> messages;
    std::vector<std::uint64_t> releases; ///< asked for before PUBCOMP
    std::vector<error> ends;             ///< of connections and attempts
    std::map<int, outcome> outcomes;
    std::vector<std::string> events;
    std::vector<std::string> life; ///< "up", "down", "failed" (an attempt), "gave_up"
};

/// How a case names what the application is told; empty for what it does not ask about.
[[nodiscard]] std::string name_of(const mqtt::event& e);

/// A client seen from both its ends: the one a server sees and the one an application sees. Two things hide
/// behind it: the session alone, in virtual time, and the whole client over TCP.
class subject {
  public:
    virtual ~subject() = default;

    /// Where the server of that number, 1 or 2, is reached: always 15 bytes.
    virtual std::string address(int server) = 0;

    /// Waits for the next connection to that server and returns its CONNECT.
    virtual std::string open(int server) = 0;

    virtual void send(const std::string& bytes) = 0;

    /// The next packet of the client, whole. Throws when none comes.
    virtual std::string next_packet() = 0;

    /// Lets time pass. Throws when the client sends or closes meanwhile.
    virtual void silence(milliseconds how_long) = 0;

    /// The client closes, and sends nothing before that.
    virtual void expect_end() = 0;

    /// The server closes.
    virtual void close() = 0;

    // The application's calls; outcomes are filed under `operation`.
    virtual void publish(mqtt::outgoing message, int operation) = 0;
    virtual void subscribe(std::vector<mqtt::subscription> list, mqtt::properties props, int operation) = 0;
    virtual void unsubscribe(std::vector<std::string> filters, int operation) = 0;
    virtual void ping(int operation) = 0;
    virtual void reauthenticate(int operation) = 0;
    virtual void request(mqtt::outgoing message, milliseconds timeout, int operation) = 0;
    virtual void acknowledge(const mqtt::ack_outcome& outcome) = 0;
    virtual void answer(
        const mqtt::ack_token& token, mqtt::reason_code code, mqtt::properties props, int operation) = 0;
    virtual void send_ack(const mqtt::ack& packet, int operation) = 0;
    virtual void release(std::uint64_t request) = 0;
    virtual void demand(std::size_t messages) = 0;
    virtual void pause() = 0;
    virtual void resume() = 0;
    virtual void disconnect(mqtt::reason_code code, mqtt::properties props) = 0;

    /// Ends without DISCONNECT. Throws when anything is sent all the same.
    virtual void abort() = 0;

    /// Ends as a process that is killed, and begins anew with what its store has.
    virtual void restart() = 0;

    /// A handler that blocks returns.
    virtual void let_handler_return() = 0;

    /// Filters that stand.
    virtual std::vector<mqtt::granted_subscription> subscriptions() = 0;

    /// Waits until `holds`, asked with what the application was told so far.
    virtual bool observe(const std::function<bool(const observations&)>& holds) = 0;
};

} // namespace weir::conformance
