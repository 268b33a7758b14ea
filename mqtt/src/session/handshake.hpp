#pragma once

#include "session/close_cause.hpp"

#include <weir/mqtt/options.hpp>
#include <weir/mqtt/packet/packets.hpp>
#include <weir/mqtt/session/event.hpp>
#include <weir/mqtt/session/session.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace weir::mqtt {

/// CONNECT and what CONNACK says to it: who the client is, what both sides may send, and whether the session
/// is still there.
class handshake {
  public:
    /// What becomes of the Session State [MQTT-3.2.2-4, 3.2.2-5].
    struct continuity {
        bool lost{false};        ///< there was a session and the server has it no more
        bool resume{false};      ///< send again what is unanswered
        bool resubscribe{false}; ///< make the subscriptions anew
    };

    struct outcome {
        std::optional<connected> accepted{};
        continuity session{};
        close_cause refused{}; ///< when not accepted
    };

    explicit handshake(const client_options& options);

    /// The CONNECT of the next connection.
    [[nodiscard]] connect make_connect(connect_extras extras);

    [[nodiscard]] outcome answered(const connack& c);

    /// An earlier process had this session.
    void restore(const std::string& client_id, bool had_session) {
        if (client_id_.empty() || options_.clientid.empty()) client_id_ = client_id;
        restored_ = had_session;
    }

    /// The options are those of an older version now; no CONNACK was accepted yet.
    void version_changed();

    [[nodiscard]] const std::string& client_id() const noexcept { return client_id_; }

    /// How long the server may keep the session from now on without a connection; nothing when that has no
    /// end, or when CONNACK will tell all the same.
    [[nodiscard]] std::optional<duration> kept_for() const noexcept;

    /// A DISCONNECT has said how long.
    void expiry_changed(std::uint32_t seconds) noexcept { left_with_ = seconds; }

    /// That time has passed: the loss was told. Clean Start is not asked for; a server that has it all the
    /// same, since it was away itself, may send what it kept.
    void session_ended() noexcept { ended_ = true; }

    /// Session Expiry Interval of the last CONNECT, 0 when it asked for none.
    [[nodiscard]] std::uint32_t session_expiry_asked() const noexcept { return asked_expiry_; }

  private:
    [[nodiscard]] bool wants_clean_start() const noexcept;
    [[nodiscard]] properties connect_properties() const;
    [[nodiscard]] std::optional<close_cause> fault_of(const connack& c) const;
    [[nodiscard]] close_cause refusal(const connack& c) const;
    [[nodiscard]] connected limits_of(const connack& c) const;
    [[nodiscard]] continuity judge(bool session_present) const noexcept;

    const client_options& options_;
    std::string client_id_;
    std::uint32_t asked_expiry_;
    std::uint32_t expiry_in_force_{0};         ///< of the session, as the server last said
    std::optional<std::uint32_t> left_with_{}; ///< the same, by the last DISCONNECT
    bool ended_{false};                        ///< that time has passed since
    bool unanswered_{false};                   ///< the last CONNECT
    bool restored_{false};                     ///< there is a session of an earlier process
    bool had_session_{false};                  ///< a CONNACK was accepted before
    bool clean_start_{true};                   ///< of the last CONNECT
    bool start_over_{false};                   ///< the server has a session that we do not have
};

} // namespace weir::mqtt
