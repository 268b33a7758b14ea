#pragma once

#include "inbound_record.hpp"
#include "producer_context.hpp"

#include <weir/mqtt/client.hpp>

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace weir::connector {

/// The connection over which one producer publishes what has failed. It tries for ever to be up; what it
/// could not hand over within `ack_timeout` has failed.
class dead_letters final : mqtt::client_observer {
  public:
    /// Told on the lane, once: no error means that the broker has it.
    using completion = std::function<void(const error&)>;

    dead_letters(const producer_context& context, mqtt::io_lane& lane);
    dead_letters(const dead_letters&) = delete;
    dead_letters& operator=(const dead_letters&) = delete;

    void start() { client_.start(); }

    /// Any thread.
    void put(const inbound_record& record, std::string_view reason, completion done);

    /// Waits until nothing is under way, and begins to close the connection. What is under way still at
    /// `deadline` has failed when this returns. Not on the lane.
    void leave(time_point deadline);

    /// Nothing is called any more when this returns.
    void stop() { client_.stop(); }

  private:
    void on_warning(const std::string& text) override;
    void on_down(const mqtt::connection_down& info) override;
    void on_attempt_failed(const mqtt::connection_down& info) override;

    void say(const std::string& text) const;
    void finished();

    const producer_context& context_;
    std::mutex mutex_;
    std::condition_variable idle_;
    std::size_t under_way_{0};
    mqtt::client client_; ///< last: it ends what calls back
};

} // namespace weir::connector
