#pragma once

#include "client_claim.hpp"
#include "connection_reports.hpp"
#include "copies.hpp"
#include "dead_letters.hpp"
#include "delivery.hpp"
#include "farewell.hpp"
#include "filter_tally.hpp"
#include "key_keeper.hpp"
#include "mqtt_acknowledger.hpp"
#include "producer_context.hpp"
#include "readiness.hpp"
#include "receipt_gate.hpp"
#include "record_pool.hpp"
#include "subscriber.hpp"
#include "token_keeper.hpp"
#include "window_keeper.hpp"

#include <weir/base/histogram.hpp>
#include <weir/connector/stats.hpp>
#include <weir/mqtt/client.hpp>
#include <weir/mqtt/lane_timer.hpp>
#include <weir/mqtt/reconnect.hpp>
#include <weir/pipeline/producer.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace weir::connector {

/// One connection to the broker as a source of messages, and the one who acknowledges them.
///
/// What the client reports comes on the lane, and so does everything that changes the producer's state.
class mqtt_producer final : public pipeline::producer<inbound>, private mqtt::client_observer {
  public:
    mqtt_producer(producer_context context, mqtt::io_lane& lane, readiness& ready, histogram& latency);
    mqtt_producer(const mqtt_producer&) = delete;
    mqtt_producer& operator=(const mqtt_producer&) = delete;
    ~mqtt_producer() override;

    void start(pipeline::intake<inbound>& into) override;
    void demand(std::size_t count) override;
    void drain() override;
    void stop(time_point deadline) override;
    [[nodiscard]] std::size_t window() const noexcept override;

    void settle(std::span<const pipeline::settlement> settlements) override { acks_.settle(settlements); }

    /// Ends the connection for good; blocks until that is done. Does nothing the second time, or when it was
    /// never started.
    void close(time_point deadline);

    /// Called by `stop` in place of `close`, so that connections that stop together need not wait for each
    /// other.
    void stop_with(std::function<void(time_point deadline)> all) { stop_all_ = std::move(all); }

    /// Adds this producer's share. Any thread.
    void add_to(stats& sum) const;

    /// The same by itself. Any thread.
    [[nodiscard]] connection_stats share() const;

  private:
    void on_warning(const std::string& text) override { reports_.warned(text); }

    void on_connected(const mqtt::connected& info, const std::string& endpoint, duration took) override;
    void on_down(const mqtt::connection_down& info) override;
    void on_attempt_failed(const mqtt::connection_down& info) override;
    void on_messages(std::span<mqtt::message_received> messages) override;
    void on_event(const mqtt::event& e) override;
    void on_gave_up(const error& reason) override;
    void on_callback_error(const std::string& what) noexcept override;

    [[nodiscard]] mqtt_acknowledger::services services();
    void begin();
    void take_keys();
    void connect();
    void acknowledge(std::span<const mqtt::ack_outcome> outcomes);
    void subscribe();
    void subscribe(const subscription_group& group);
    void subscribed(const mqtt::subscribe_done& answer, const subscription_group* group);
    void become_ready();
    void leave_old_filters();
    void ask_again_later();
    void leave();
    void drain_client();
    [[nodiscard]] bool leaves_group() const;
    void stop_stores(time_point deadline);
    void take_in(std::span<mqtt::message_received> messages);
    void guarded(const std::function<void()>& work) noexcept;
    void failed_inside(const std::string& what);
    void tell_totals() const;
    void tell_begin();
    void tell_end();
    void end_session_elsewhere(time_point deadline) const;
    void start_anew();
    [[nodiscard]] mqtt::reconnect_policy restart_policy() const;
    void fail(const error& reason);

    const producer_context context_;
    std::optional<client_claim> claim_; ///< until it has stopped
    filter_tally qos0_drops_;
    std::function<void(time_point)> stop_all_{};
    std::atomic<bool> stopped_{false};
    const std::size_t window_; ///< 0 when nothing is acknowledged
    mqtt::io_lane& lane_;
    readiness& ready_;
    std::shared_ptr<record_origin> origin_;
    record_pool* pool_; ///< its own owner, since records may outlive all of this
    mqtt::client client_;
    std::unique_ptr<key_keeper> keys_; ///< with a store and keys to remember
    copies copies_;
    mqtt_acknowledger acks_;
    std::optional<dead_letters> dead_letters_;

    // Lane only.
    window_keeper keeper_;
    delivery delivery_;
    connection_reports reports_;
    subscriber subscriber_;
    farewell farewell_;
    std::optional<receipt_gate> receipts_; ///< with `qos2_mode::sink`
    std::optional<token_keeper> tokens_;   ///< with `qos2_mode::durable` and a sink that keeps them
    pipeline::intake<inbound>* into_{nullptr};
    bool keys_asked_for_{false};
    result<std::vector<kept_key>> found_keys_{std::vector<kept_key>{}}; ///< by the keeper's thread, once
    bool subscribed_once_{false};
    bool session_lasts_{true}; ///< longer than a connection, by what the broker last granted
    mqtt::connection_down last_end_{};
    std::string fault_{}; ///< why the connection was dropped from inside
    mqtt::reconnect_policy restarts_;
    error end_{}; ///< why it failed

    std::atomic<bool> began_{false}; ///< was told, and its end was not
    std::atomic<bool> draining_{false};
    std::atomic<bool> restarting_{false};
    std::atomic<bool> session_ended_{false}; ///< the broker was told that nobody comes back
    std::atomic<bool> is_connected_{false};
    std::atomic<std::uint64_t> connects_{0};
    mqtt::lane_timer keys_found_; ///< these two last: they must be gone before what they work on
    mqtt::lane_timer subscribe_timer_;
};

} // namespace weir::connector
