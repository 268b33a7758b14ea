#pragma once

#include "system/wait_point.hpp"

#include <weir/mqtt/client.hpp>

#include <atomic>
#include <mutex>
#include <optional>
#include <string>

namespace weir::tool {

/// A client of the command line: one connection, waited for by the main thread. Whatever happens on the
/// client's lane is noted and wakes `waiting()`.
class connection : public mqtt::client_observer {
  public:
    explicit connection(const mqtt::client_options& o);

    /// Begins to connect. Derived classes must be whole by then.
    void open() { client_.start(); }

    /// Says goodbye and closes; nothing is called back afterwards.
    void close() { client_.stop(); }

    [[nodiscard]] mqtt::client& client() noexcept { return client_; }

    [[nodiscard]] wait_point& waiting() noexcept { return wait_; }

    [[nodiscard]] bool is_up() const noexcept { return up_.load(std::memory_order_acquire); }

    /// Why it cannot go on: refused, lost, or an operation failed. The first reason counts.
    [[nodiscard]] std::optional<std::string> failure() const;

    /// "localhost:1883 as weir-abc": valid once it is up.
    [[nodiscard]] std::string description() const;
    [[nodiscard]] std::string client_id() const;

  protected:
    void fail(const std::string& reason);

    void on_warning(const std::string& text) override;
    void on_connected(const mqtt::connected& info, const std::string& endpoint, duration took) override;
    void on_down(const mqtt::connection_down& info) override;
    void on_attempt_failed(const mqtt::connection_down& info) override;

  private:
    mutable std::mutex mutex_;
    std::optional<std::string> failure_;
    std::string endpoint_;
    std::string client_id_;
    std::atomic<bool> up_{false};
    wait_point wait_;
    mqtt::io_lane lane_;
    mqtt::client client_;
};

} // namespace weir::tool
