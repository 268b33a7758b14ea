#pragma once

#include <weir/base/result.hpp>
#include <weir/mqtt/packet/packets.hpp>
#include <weir/mqtt/session/fingerprint.hpp>
#include <weir/mqtt/store/session_store.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>

/// How what a session keeps is written down in the records of its store.
namespace weir::mqtt {

/// Time as another process will understand it.
using wall_time = std::chrono::milliseconds; ///< since 1970

/// A message, to be sent or received. Its payload is that of the record.
struct stored_message {
    publish packet{};
    wall_time at{}; ///< when it was accepted or received

    [[nodiscard]] bytes head() const;
    [[nodiscard]] static result<stored_message> from(const stored_record& r);
};

/// A message that has, or may have, been sent.
struct stored_flight {
    enum class stage : std::uint8_t {
        published = 0,
        releasing = 1, ///< PUBREC came
        abandoned = 2, ///< given up, but the server may know its id
    };
    std::uint16_t packet_id{0};
    stage progress{stage::published};
    std::uint64_t order{0}; ///< of the PUBRECs

    [[nodiscard]] bytes head() const;
    [[nodiscard]] static result<stored_flight> from(const stored_record& r);
};

/// What a store holds of the way out, by key.
struct stored_outbound {
    std::map<std::uint64_t, stored_message> messages{};
    std::map<std::uint64_t, stored_flight> flights{};
};

/// A received QoS 2 message between PUBREC and PUBREL. The key is its packet id.
struct stored_id {
    fingerprint print{};

    [[nodiscard]] bytes head() const;
    [[nodiscard]] static result<stored_id> from(const stored_record& r);
};

struct stored_session {
    std::string client_id{};
    std::uint64_t incarnation{0}; ///< counts the sessions the server has made; 0: none yet
    std::uint32_t expiry{0};      ///< seconds, as the server last said

    friend bool operator==(const stored_session&, const stored_session&) = default;

    [[nodiscard]] bytes head() const;
    [[nodiscard]] static result<stored_session> from(const stored_record& r);
};

/// Numbers of received messages below it may have been given out. Beside the session, under a key of its own.
struct stored_numbers {
    static constexpr std::uint64_t key = 1;
    std::uint64_t end{1};

    [[nodiscard]] bytes head() const;
    [[nodiscard]] static result<stored_numbers> from(const stored_record& r);
};

struct stored_subscription {
    granted_subscription granted{};

    [[nodiscard]] bytes head() const;
    [[nodiscard]] static result<stored_subscription> from(const stored_record& r);
};

/// All that an earlier process left.
struct stored_state {
    stored_session session{};
    stored_outbound outbound{};
    std::map<std::uint16_t, fingerprint> ids{};
    std::map<std::uint64_t, stored_message> received{};
    stored_numbers numbers{};
    std::map<std::uint64_t, granted_subscription> subscriptions{};
};

/// Fails with `store_corrupt`, naming the record.
[[nodiscard]] result<stored_state> read_state(const store_content& content);

} // namespace weir::mqtt
