#pragma once

#include "subject.hpp"

#include <weir/mqtt/session/session.hpp>

#include <optional>

namespace weir::conformance {

/// The session alone: no socket, no thread, and time passes only when the case says so.
class session_subject final : public subject {
  public:
    explicit session_subject(mqtt::client_options options);

    std::string open() override;
    void send(const std::string& bytes) override;
    std::string next_packet() override;
    void silence(milliseconds how_long) override;
    void expect_end() override;
    void close() override;
    void publish(mqtt::outgoing message, int operation) override;
    void subscribe(std::vector<mqtt::subscription> list, int operation) override;
    void unsubscribe(std::vector<std::string> filters, int operation) override;
    void acknowledge(const mqtt::ack_outcome& outcome) override;
    void pause() override;
    void resume() override;
    void disconnect(mqtt::reason_code code) override;
    bool observe(const std::function<bool(const observations&)>& holds) override;

  private:
    void settle();
    void pass_time_until(const std::function<bool()>& enough);
    void note(const mqtt::event& e);
    void end(const error& reason);

    template <class Result>
    void file(int operation, const Result& accepted);

    const bool auto_ack_;
    mqtt::session session_;
    time_point now_{std::chrono::hours{1}};
    mqtt::events events_;
    std::string output_; ///< sent and not yet looked at
    std::optional<error> asked_to_close_;
    std::map<mqtt::operation_id, int> operations_;
    observations seen_;
};

} // namespace weir::conformance
