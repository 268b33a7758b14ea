#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace weir::connector {

/// Names one message that was taken over into the session store (`qos2_mode::durable`). It is the same
/// whenever the message is handed out, in later processes too, and is never used for another message,
/// whatever becomes of the broker's session.
struct delivery_token {
    std::string_view store{}; ///< the name of the session store, drawn at random when it was made
    std::uint64_t number{0};  ///< rises from message to message, with gaps

    friend bool operator==(const delivery_token&, const delivery_token&) = default;
};

/// "<store>-<number>", for those who keep one text, such as a service that takes idempotency keys.
[[nodiscard]] std::string to_string(const delivery_token& t);

/// A sink's memory of the stored messages it has taken, so that each takes effect once.
///
/// In one transaction the sink looks for the token of a message. When it is there, the sink leaves the effect
/// out and takes the message as stored. Otherwise it applies the effect and writes the token.
///
/// Both calls come from a thread of the connector's own, which they may block. They may be repeated. What
/// they throw is logged, and the call is made again until it succeeds. Nothing depends on them but the size
/// of what the sink keeps.
class delivery_tokens {
  public:
    delivery_tokens() = default;
    delivery_tokens(const delivery_tokens&) = delete;
    delivery_tokens& operator=(const delivery_tokens&) = delete;
    virtual ~delivery_tokens() = default;

    /// The session store has forgotten these messages: their tokens are not asked for any more.
    virtual void release(std::string_view store, std::span<const std::uint64_t> numbers) = 0;

    /// The session store was opened, and has no message below `first`: the tokens of an earlier process that
    /// are not needed any more, and whose release its end has prevented.
    virtual void reset(std::string_view store, std::uint64_t first) = 0;
};

} // namespace weir::connector
