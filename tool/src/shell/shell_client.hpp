#pragma once

#include "auth_desk.hpp"
#include "client_settings.hpp"
#include "event_json.hpp"
#include "event_queue.hpp"
#include "pending_calls.hpp"
#include "received_messages.hpp"

#include <weir/mqtt/client.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>

namespace weir::tool {

/// A command that needs a client that has been told to connect.
class no_client : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// One named client of the shell: what it is told goes to the queue. What makes and ends it comes from one
/// thread; the rest is thread-safe.
class shell_client final : public mqtt::client_observer {
  public:
    /// `lane` and `out` outlive it.
    shell_client(std::string name, mqtt::io_lane& lane, event_queue& out);
    ~shell_client() override;

    [[nodiscard]] const std::string& name() const noexcept { return name_; }

    /// Makes a client. There must be none, or one that has given up.
    void prepare(client_settings s);

    /// Lets it connect, for the first time or after it has given up.
    void begin();

    /// Ends it with DISCONNECT, unless that may not be sent: then the reason, and it stays. Or without.
    [[nodiscard]] error disconnect(mqtt::reason_code code, mqtt::properties props);
    void abort();

    [[nodiscard]] bool exists() const noexcept { return client_ != nullptr; }

    [[nodiscard]] bool has_given_up() const noexcept { return gave_up_.load(); }

    /// Throws `no_client`.
    [[nodiscard]] mqtt::client& get() const;

    [[nodiscard]] received_messages& messages() noexcept { return messages_; }

    [[nodiscard]] pending_calls& calls() noexcept { return calls_; }

    [[nodiscard]] auth_desk* desk() const noexcept { return desk_.get(); }

    /// Of the last CONNECT.
    [[nodiscard]] mqtt::protocol_version version() const noexcept { return version_.load(); }

    /// "none", "connecting", "connected", "waiting" for the next attempt, "gave_up".
    [[nodiscard]] std::string state() const;
    [[nodiscard]] std::string client_id() const;

    /// The release that was told under this number; nothing when there is none, or no more.
    [[nodiscard]] std::optional<std::uint64_t> take_release(std::uint64_t number);

    /// From now on messages are only taken by demand.
    void demand(std::size_t count);

    /// What was taken has been written: more may come, unless too many wait for a decision.
    void ask_for_more();

  private:
    void on_connected(const mqtt::connected& info, const std::string& endpoint, duration took) override;
    void on_warning(const std::string& text) override;
    void on_ready() override;
    void on_down(const mqtt::connection_down& info) override;
    void on_attempt_failed(const mqtt::connection_down& info) override;
    void on_messages(std::span<mqtt::message_received> messages) override;
    void on_event(const mqtt::event& e) override;
    void on_gave_up(const error& reason) override;
    void on_callback_error(const std::string& what) noexcept override;

    void tell(const named_event& e);
    void tell_release(const mqtt::release_requested& r);
    void ended(const mqtt::connection_down& info, bool was_up);
    void set_state(std::string state);
    void forget();

    const std::string name_;
    mqtt::io_lane& lane_;
    event_queue& out_;
    received_messages messages_;
    pending_calls calls_;
    std::shared_ptr<auth_desk> desk_;
    std::atomic<mqtt::protocol_version> version_{mqtt::protocol_version::v5};
    std::atomic<bool> gave_up_{false};
    std::atomic<bool> takes_all_{true};    ///< as many messages as come
    std::atomic<bool> decides_{true};      ///< messages are acknowledged by command
    std::atomic<std::size_t> demanded_{0}; ///< and not yet received
    mutable std::mutex mutex_;
    std::string state_{"none"};
    std::string client_id_;
    std::deque<std::pair<std::uint64_t, std::uint64_t>> deliveries_; ///< the last ones, with their numbers
    std::map<std::uint64_t, std::uint64_t> releases_; ///< requested and not answered, by their numbers
    std::uint64_t last_release_{0};
    std::unique_ptr<mqtt::client> client_; ///< last: its callbacks use all the above
};

} // namespace weir::tool
