#pragma once

#include "client/ack_desk.hpp"
#include "client/inbox.hpp"

#include <weir/base/limited_log.hpp>
#include <weir/mqtt/messenger.hpp>

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace weir::mqtt {

/// What stands behind a messenger: the observer of its client, and where its acknowledgement handles go.
class messenger::core final : public client_observer,
                              public detail::ack_desk,
                              public std::enable_shared_from_this<core> {
  public:
    /// Without `lane` it has one of its own.
    core(io_lane* lane, client_observer* listener);

    /// The client cannot be made before this can be shared.
    void open(client_options options);

    /// Nothing is pending when it returns.
    void close();

    [[nodiscard]] mqtt::client& client() noexcept { return *client_; }

    operation<connected> connect(std::stop_token cancel);
    operation<void> disconnect(reason_code code, properties props);
    operation<incoming> receive(std::stop_token cancel);

    /// With what the server ended the last attempt or connection, unless one has come up since.
    [[nodiscard]] std::optional<closing_packet> said();

    [[nodiscard]] std::optional<incoming> try_receive() { return inbox_->take(); }

    void begin_receiving() { inbox_->begin(); }

    void receive_each(std::function<void(incoming&)> handler);

    [[nodiscard]] std::uint64_t log_lines_left_out() const noexcept {
        return warnings_.left_out() + callback_errors_.left_out();
    }

    // -- ack_desk
    [[nodiscard]] error acknowledge(const ack_token& token, reason_code code, properties props) override;
    [[nodiscard]] error decide(const ack_outcome& outcome) override;

    [[nodiscard]] bool acknowledges_what_is_dropped() const noexcept override { return auto_ack_; }

    /// An operation of `T` that `cancel` ends; what it waits for goes on.
    template <class T>
    std::shared_ptr<pending<T>> watched(
        std::stop_token cancel, typename pending<T>::listener on_given_up = {}) {
        auto one = std::make_shared<pending<T>>(std::move(on_given_up));
        watch(*one, std::move(cancel));
        return one;
    }

  private:
    using message_handler = std::function<void(incoming&)>;

    // -- client_observer
    void on_connected(const connected& info, const std::string& endpoint, duration took) override;
    void on_warning(const std::string& text) override;
    void on_ready() override;
    void on_down(const connection_down& info) override;
    void on_attempt_failed(const connection_down& info) override;
    void on_messages(std::span<message_received> messages) override;
    void on_event(const event& e) override;
    void on_gave_up(const error& reason) override;
    void on_callback_error(const std::string& what) noexcept override;

    /// On the lane, where there still is a client.
    void post(std::function<void()> task);

    template <class T>
    void watch(pending<T>& one, std::stop_token cancel) {
        one.watch(std::move(cancel), [weak = weak_from_this()](std::function<void()> task) {
            if (const auto self = weak.lock()) self->post(std::move(task));
        });
    }

    template <class Call>
    error with_client(Call call);
    void forget(const pending<connected>* one);

    void hand_over(incoming&& one);
    void call_handler(incoming&& one);
    [[nodiscard]] std::vector<std::shared_ptr<pending<connected>>> take_connecting();
    void end(const error& why);

    std::shared_ptr<io_lane> own_lane_;
    io_lane& lane_;
    client_observer* const listener_; ///< may be null
    bool auto_ack_{true};
    bool strict_utf8_{false};
    std::unique_ptr<mqtt::client> client_; ///< made and destroyed with no other call under way
    const std::shared_ptr<inbox> inbox_;

    // For the log, where nobody listens
    limited_log warnings_{log_level::warning, "warnings of an MQTT client"};
    limited_log callback_errors_{log_level::error, "errors of callbacks of an MQTT client"};

    // On the lane
    std::shared_ptr<const message_handler> handler_;
    connected info_;

    std::mutex mutex_; // guards all below
    bool open_{false}; ///< there is a client
    bool ready_{false};
    std::size_t ends_asked_{0}; ///< for ever, unless refused
    std::optional<closing_packet> said_;
    connected ready_info_;
    protocol_version version_{protocol_version::v5};
    std::vector<std::shared_ptr<pending<connected>>> connecting_;
};

} // namespace weir::mqtt
