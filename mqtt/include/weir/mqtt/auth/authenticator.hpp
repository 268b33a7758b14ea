#pragma once

#include <weir/base/error.hpp>
#include <weir/base/result.hpp>
#include <weir/mqtt/types/property.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace weir::mqtt {

/// What one packet of an enhanced authentication carries besides the method [MQTT 5.0, 4.12].
struct auth_message {
    std::optional<std::string> data{}; ///< Authentication Data: any bytes, at most 65,535
    properties props{};                ///< Reason String, User Properties

    friend bool operator==(const auth_message&, const auth_message&) = default;
};

/// The client's side of one exchange of enhanced authentication. Every CONNECT and every re-authentication
/// begins a new one with a new object, so that nothing of an old exchange is ever sent again.
///
/// Called one function at a time, away from the client's lane, so they may block; together they have what is
/// left of `connect_timeout`. What they throw counts as a failure. A function that blocks for longer goes on
/// when the client has given it up, and even when the client is gone.
class authenticator {
  public:
    virtual ~authenticator() = default;

    /// Authentication Method, the same throughout the exchange [MQTT-4.12.0-5].
    [[nodiscard]] virtual std::string_view method() const = 0;

    /// For CONNECT, or the AUTH that asks for re-authentication.
    [[nodiscard]] virtual result<auth_message> start() = 0;

    /// Answers an AUTH "continue authentication".
    [[nodiscard]] virtual result<auth_message> step(const auth_message& challenge) = 0;

    /// The server says that it is content, with `last`: an error when it has not proved what it has to.
    [[nodiscard]] virtual error finish(const auth_message& last) = 0;

  protected:
    authenticator() = default;
    authenticator(const authenticator&) = default;
    authenticator& operator=(const authenticator&) = default;
};

/// Makes the object of one exchange.
using authenticator_factory = std::function<std::unique_ptr<authenticator>()>;

} // namespace weir::mqtt
