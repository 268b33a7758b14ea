#pragma once

#include "session/close_cause.hpp"
#include "session/outbox.hpp"

#include <weir/base/time.hpp>
#include <weir/mqtt/auth/authenticator.hpp>
#include <weir/mqtt/packet/packets.hpp>
#include <weir/mqtt/session/event.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace weir::mqtt {

/// Enhanced authentication and re-authentication [MQTT 5.0, 4.12]: whose turn it is, and that nothing is said
/// out of turn. What is said comes from the application and passes through.
class authentication {
  public:
    explicit authentication(std::chrono::milliseconds answer_timeout) noexcept
        : answer_timeout_(answer_timeout) {}

    /// A new connection; `method` as in its CONNECT, empty for none.
    void opened(std::string method);

    [[nodiscard]] std::optional<close_cause> received(const auth& a, events& ev);

    /// CONNACK of success. Nothing follows from it before the application has looked at it: then true.
    [[nodiscard]] bool accepted(const connack& c, std::optional<close_cause>& fault, events& ev);

    /// The AUTH that says `m`.
    [[nodiscard]] auth packet_of(reason_code code, const auth_message& m) const;

    /// The application's answer to a challenge.
    void answer(const auth& said, time_point now, outbox& out);

    /// The application's judgement over the end of an exchange, or its failure in the midst of one.
    [[nodiscard]] std::optional<close_cause> judged(error failed, events& ev);

    /// Whether the application has a challenge before it.
    [[nodiscard]] bool is_asking() const noexcept { return our_turn_; }

    /// Why there can be no re-authentication now, or nothing.
    [[nodiscard]] std::optional<error> refuse_reauthentication() const;

    void reauthenticate(operation_id operation, const auth& first, time_point now, outbox& out);

    void expire(time_point now, events& ev);

    [[nodiscard]] std::optional<time_point> deadline() const noexcept { return deadline_; }

    /// The connection or the object ends, for `reason`.
    void end(const error& reason, events& ev);

  private:
    enum class state : std::uint8_t {
        none, ///< no method in CONNECT, so no AUTH at all [MQTT-4.12.0-7]
        connecting,
        settled,   ///< no exchange runs
        exchanging ///< re-authentication
    };

    [[nodiscard]] bool has_method(const properties& props) const;
    void challenge(const properties& props, auth_challenge::kind stage, events& ev);
    void finish(error failed, events& ev);

    std::chrono::milliseconds answer_timeout_;
    state state_{state::none};
    bool our_turn_{false}; ///< the application has been asked
    std::string method_;
    operation_id operation_{0}; ///< of a re-authentication, until its outcome
    std::optional<time_point> deadline_;
};

/// `props` with the fields of an exchange.
void add_authentication(properties& props, const std::string& method, const auth_message& m);

} // namespace weir::mqtt
