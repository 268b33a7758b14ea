#pragma once

#include "connection.hpp"
#include "message_format.hpp"
#include "message_printer.hpp"

#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::tool {

/// What a `sub` asks for and how it shows what comes.
struct subscription_request {
    std::vector<mqtt::subscription> filters{};
    mqtt::properties props{};
    print_mode print{print_mode::payload};
    bool with_topic{false};
    std::optional<message_format> format{}; ///< in place of the two above
    std::optional<std::uint64_t> count{};   ///< messages, then done
};

/// Subscribes, prints what comes, and acknowledges what was printed.
class subscriber final : public connection {
  public:
    enum class outcome : std::uint8_t { done, failed, timed_out, interrupted, output_closed };

    subscriber(const mqtt::client_options& o, subscription_request what);

    ~subscriber() override { close(); }

    /// Until the count is reached, a signal comes, something fails, or `limit` is over.
    outcome run(std::optional<std::chrono::milliseconds> limit);

  private:
    void on_connected(const mqtt::connected& info, const std::string& endpoint, duration took) override;
    void on_messages(std::span<mqtt::message_received> messages) override;

    void subscribed(const mqtt::subscribe_done& d);
    [[nodiscard]] bool print_waiting();
    [[nodiscard]] std::string line_of(const mqtt::publish& m, system_time_point at) const;
    [[nodiscard]] std::vector<mqtt::message_received> take_waiting();
    void acknowledge(const std::vector<mqtt::message_received>& printed);
    void ask_for_more(std::uint64_t printed);
    [[nodiscard]] bool is_complete() const noexcept;

    subscription_request what_;
    std::mutex mutex_;
    std::vector<mqtt::message_received> waiting_; ///< never more than was demanded
    std::uint64_t printed_{0};
    std::uint64_t demanded_{0};
};

} // namespace weir::tool
