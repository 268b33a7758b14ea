#pragma once

#include "case_options.hpp"
#include "subject.hpp"

#include <weir/mqtt/session/session.hpp>

#include <optional>

namespace weir::conformance {

/// The session alone: no socket, no thread, and time passes only when the case says so.
class session_subject : public subject {
  public:
    /// `bytewise`: whatever the server sends arrives one byte at a time.
    explicit session_subject(const setup& s, bool bytewise = false);

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
    void settle();
    void answer(const mqtt::auth_challenge& challenge);
    void pass_time_until(const std::function<bool()>& enough);
    void note(const mqtt::event& e);
    void end(const error& reason);

    template <class Result>
    void file(int operation, const Result& accepted);

    const mqtt::client_options options_;
    const bool bytewise_;
    mqtt::session session_;
    std::unique_ptr<mqtt::authenticator> exchange_;
    time_point now_{std::chrono::hours{1}};
    mqtt::events events_;
    std::string output_; ///< sent and not yet looked at
    std::optional<error> asked_to_close_;
    bool up_{false};
    std::map<mqtt::operation_id, int> operations_;
    observations seen_;
};

} // namespace weir::conformance
