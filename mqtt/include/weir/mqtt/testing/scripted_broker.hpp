#pragma once

#include <weir/mqtt/testing/conversation.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace weir::mqtt::testing {

/// A broker on a free port of 127.0.0.1 that has one conversation per connection, in the order given, on a
/// thread of its own. After the last conversation began nobody listens any more: further attempts of the
/// client are refused.
///
///     scripted_broker broker{{conversation{}.accept().close(), conversation{}.accept({.session_present =
///     true})}};
///     ... a client with port = broker.port() ...
///     EXPECT_EQ(broker.finish(), "");
class scripted_broker {
  public:
    /// Whether a connection is served when the one before it has ended, or as soon as it comes.
    enum class pace : std::uint8_t { one_by_one, together };

    explicit scripted_broker(std::vector<conversation> connections, pace p = pace::one_by_one);
    scripted_broker(const scripted_broker&) = delete;
    scripted_broker& operator=(const scripted_broker&) = delete;

    /// Ends whatever is left.
    ~scripted_broker();

    [[nodiscard]] std::uint16_t port() const noexcept;

    /// Waits until every step was taken, ends the broker and says what went wrong, "" when nothing did.
    [[nodiscard]] std::string finish(std::chrono::milliseconds limit = std::chrono::seconds{30});

    /// Conversations begun so far.
    [[nodiscard]] std::size_t connections() const noexcept;

    /// Whether every step was taken or a failure has ended the script.
    [[nodiscard]] bool done() const noexcept;

  private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace weir::mqtt::testing
