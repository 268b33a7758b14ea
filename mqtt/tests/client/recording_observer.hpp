#pragma once

#include <weir/mqtt/client.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

namespace weir::mqtt {

/// Writes down what a client tells it, and lets a test wait for it.
class recording_observer : public client_observer {
  public:
    struct record {
        std::vector<connected> connections;
        std::vector<connection_down> downs;
        std::vector<connection_down> failures;
        std::vector<error> given_up;
        std::vector<message_received> messages;
        std::vector<std::size_t> batches; ///< sizes of the calls of `on_messages`
        std::vector<event> events;
        std::vector<std::string> errors;
        std::vector<std::string> warnings;
        std::size_t ready{0};
        std::string order; ///< U up, D down, F failed attempt, R ready, G gave up
    };

    void on_connected(const connected& info, const std::string&, duration) override {
        note('U', [&] { seen_.connections.push_back(info); });
    }

    void on_warning(const std::string& text) override {
        const std::lock_guard lock{mutex_};
        seen_.warnings.push_back(text);
    }

    void on_ready() override {
        note('R', [&] { ++seen_.ready; });
    }

    void on_down(const connection_down& info) override {
        note('D', [&] { seen_.downs.push_back(info); });
    }

    void on_attempt_failed(const connection_down& info) override {
        note('F', [&] { seen_.failures.push_back(info); });
    }

    void on_messages(std::span<message_received> messages) override {
        if (handler) handler(messages);
        const std::lock_guard lock{mutex_};
        seen_.batches.push_back(messages.size());
        for (auto& m : messages)
            seen_.messages.push_back(std::move(m));
        changed_.notify_all();
    }

    void on_event(const event& e) override {
        const std::lock_guard lock{mutex_};
        seen_.events.push_back(e);
        changed_.notify_all();
    }

    void on_gave_up(const error& reason) override {
        note('G', [&] { seen_.given_up.push_back(reason); });
    }

    void on_callback_error(const std::string& what) noexcept override {
        const std::lock_guard lock{mutex_};
        seen_.errors.push_back(what);
        changed_.notify_all();
    }

    /// Waits until `holds`; false when that took longer than `limit`.
    [[nodiscard]] bool wait_for(
        const std::function<bool(const record&)>& holds,
        std::chrono::milliseconds limit = std::chrono::seconds{30}) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, limit, [&] { return holds(seen_); });
    }

    [[nodiscard]] record seen() const {
        const std::lock_guard lock{mutex_};
        return seen_;
    }

    /// Runs inside `on_messages`. To be set before the client starts.
    std::function<void(std::span<message_received>)> handler;

  private:
    template <class Change>
    void note(char letter, Change&& change) {
        const std::lock_guard lock{mutex_};
        seen_.order += letter;
        change();
        changed_.notify_all();
    }

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    record seen_;
};

} // namespace weir::mqtt
