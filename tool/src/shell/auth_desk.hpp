#pragma once

#include <weir/mqtt/auth/authenticator.hpp>

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace weir::tool {

/// Where an enhanced authentication waits for a person, or a script, to say what is sent next. Thread-safe.
class auth_desk {
  public:
    /// Told of each step: "start", "step" or "finish", and what the server said.
    using listener = std::function<void(std::string_view stage, const mqtt::auth_message& said)>;

    explicit auth_desk(listener tell)
        : tell_(std::move(tell)) {}

    /// Tells of the step and waits for `give`. Fails when the desk closes, or another exchange asks.
    [[nodiscard]] result<mqtt::auth_message> ask(std::string_view stage, const mqtt::auth_message& said);

    /// Tells of it; there is nothing to answer.
    void note(std::string_view stage, const mqtt::auth_message& said);

    /// What is sent next, or why the exchange ends. False when nobody asks.
    [[nodiscard]] bool give(result<mqtt::auth_message> reply);

    /// Whoever waits fails, and nothing is told any more.
    void close();

  private:
    listener tell_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::optional<result<mqtt::auth_message>> given_;
    std::uint64_t turn_{0}; ///< counts questions; only the last one gets the answer
    bool asking_{false};
    bool closed_{false};
};

/// An authenticator whose every message comes over the desk.
[[nodiscard]] std::unique_ptr<mqtt::authenticator> make_manual_authenticator(
    std::shared_ptr<auth_desk> desk, std::string method);

} // namespace weir::tool
