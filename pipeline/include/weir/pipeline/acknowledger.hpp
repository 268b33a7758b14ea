#pragma once

#include <any>
#include <cstdint>
#include <span>
#include <string_view>

namespace weir::pipeline {

/// The three ends of a message. Every accepted message gets exactly one of them, once.
enum class outcome : std::uint8_t {
    successful, ///< its last callback returned it unfailed
    failed,     ///< a handler or the routing rejected it; there is a reason
    abandoned,  ///< it never got a verdict (stop deadline, overflow); the source should bring it again
};

[[nodiscard]] std::string_view to_string(outcome o) noexcept;

/// The end of one message, told to its acknowledger.
struct settlement {
    std::uint64_t token{0}; ///< what the producer attached to the message
    outcome result{outcome::successful};
    std::string_view reason{}; ///< why it failed, was abandoned or (successful) dropped; during the call only
};

/// Learns the outcome of messages.
///
/// Called from whichever worker a message ended on, and from several at once; once per chunk or batch and
/// acknowledger, messages in order. May block; what it throws is contained and logged, and the messages
/// count as settled.
class acknowledger {
  public:
    virtual ~acknowledger() = default;
    virtual void settle(std::span<const settlement> settlements) = 0;

    /// Takes options for one message, by `message::configure_ack`, on the worker that runs the callback;
    /// returns the token that stands for the message from now on. Throws for options it does not understand,
    /// and says which: that is what the callback sees. By default an acknowledger takes none and throws
    /// `std::logic_error` with its class's name.
    [[nodiscard]] virtual std::uint64_t configure(std::uint64_t token, const std::any& options);

  protected:
    acknowledger() = default;
    acknowledger(const acknowledger&) = default;
    acknowledger& operator=(const acknowledger&) = default;
};

/// Whom to tell about a message, and under which token.
struct ack_ref {
    acknowledger* owner{nullptr};
    std::uint64_t token{0};
};

} // namespace weir::pipeline
