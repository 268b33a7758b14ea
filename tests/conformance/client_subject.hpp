#pragma once

#include "case_options.hpp"
#include "memory_store.hpp"
#include "subject.hpp"
#include "testing/broker_socket.hpp"

#include <array>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace weir::conformance {

/// The whole client, over TCP: the test plays the server on a socket.
class client_subject : public subject, mqtt::client_observer {
  public:
    explicit client_subject(const setup& s);
    ~client_subject() override;

    std::string address(int server) override;
    std::string open(int server) override;
    void send(const std::string& bytes) override;
    std::string next_packet() override;
    void silence(milliseconds how_long) override;
    void expect_end() override;
    void close() override;
    void publish(mqtt::outgoing message, int operation) override;
    void subscribe(std::vector<mqtt::subscription> list, mqtt::properties props, int operation) override;
    void unsubscribe(std::vector<std::string> filters, int operation) override;
    void ping(int operation) override;
    void reauthenticate(int operation) override;
    void request(mqtt::outgoing message, milliseconds timeout, int operation) override;
    void acknowledge(const mqtt::ack_outcome& outcome) override;
    void answer(
        const mqtt::ack_token& token, mqtt::reason_code code, mqtt::properties props, int operation) override;
    void send_ack(const mqtt::ack& packet, int operation) override;
    void release(std::uint64_t request) override;
    void demand(std::size_t messages) override;
    void pause() override;
    void resume() override;
    void disconnect(mqtt::reason_code code, mqtt::properties props) override;
    void abort() override;
    void restart() override;
    void let_handler_return() override;
    std::vector<mqtt::granted_subscription> subscriptions() override;
    bool observe(const std::function<bool(const observations&)>& holds) override;

  private:
    void on_connected(const mqtt::connected& info, const std::string& endpoint, duration took) override;
    void on_down(const mqtt::connection_down& info) override;
    void on_attempt_failed(const mqtt::connection_down& info) override;
    void on_messages(std::span<mqtt::message_received> messages) override;
    void on_event(const mqtt::event& e) override;
    void on_gave_up(const error& reason) override;
    void on_callback_error(const std::string& what) noexcept override;

    template <class Change>
    void note(Change&& change);

    /// Files what came of an operation.
    auto file(int operation);

    /// The options, leading to this test's servers.
    mqtt::client_options towards_here();

    [[nodiscard]] std::string with_addresses(std::string text);

    void begin();
    void end();

    std::array<mqtt::testing::loopback_listener, 2> servers_;
    const setup setup_;
    std::shared_ptr<shared_disk> disk_{std::make_shared<shared_disk>()};
    mqtt::testing::stop_signal stop_;
    std::optional<mqtt::testing::broker_connection> connection_;

    std::mutex mutex_;
    std::condition_variable changed_;
    observations seen_;
    std::size_t ends_before_{0}; ///< of this connection
    bool handler_returns_{false};

    mqtt::io_lane lane_{"conformance"};
    std::unique_ptr<mqtt::client> client_;
    std::thread stopping_; ///< `stop` returns only when the server's end has closed too
};

} // namespace weir::conformance
