#pragma once

#include <weir/mqtt/session/fingerprint.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace weir::connector {

/// Proof that a QoS 2 message was received, to be stored in the transaction of the message's effect.
struct receipt {
    std::string_view client_id{};
    std::uint16_t packet_id{0};
    mqtt::fingerprint fingerprint{}; ///< of the message as the broker sent it
};

/// A store's memory of the QoS 2 messages it has taken, for `qos2_mode::sink`.
///
/// In one transaction the store looks for the receipt of a message that may have come before (DUP, or a
/// further attempt). When one with the same client id, packet id and fingerprint is there, it leaves the
/// effect out and takes the message as stored. Otherwise it applies the effect and writes the receipt, in
/// place of an older one with the same client id and packet id: a packet id alone proves nothing, since
/// brokers use it again. So a message whose acknowledgement a crash has swallowed takes effect once.
///
/// Both calls come from a thread of the connector's own, which they may block. They are durable when they
/// return, and may be repeated. What they throw is logged, and the call is made again until it succeeds.
class receipts {
  public:
    receipts() = default;
    receipts(const receipts&) = delete;
    receipts& operator=(const receipts&) = delete;
    virtual ~receipts() = default;

    /// The broker has ended these exchanges: the receipts are not needed any more. It uses the packet ids
    /// again only after this has returned, since PUBCOMP waits for it [MQTT-4.3.3-12].
    virtual void release(std::string_view client_id, std::span<const std::uint16_t> packet_ids) = 0;

    /// The broker has no session for this client: all of its receipts are void [MQTT-3.2.2-5]. No message of
    /// the new session is handed out before this has returned.
    virtual void reset(std::string_view client_id) = 0;
};

} // namespace weir::connector
