#pragma once

#include "fleet/fleet.hpp"
#include "fleet/ledger.hpp"

#include <weir/mqtt/client.hpp>
#include <weir/mqtt/io_lane.hpp>

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace weir::demo {

struct publisher_options {
    std::string host{"127.0.0.1"};
    std::uint16_t port{1883};
    mqtt::protocol_version version{mqtt::protocol_version::v5};
    mqtt::qos qos{mqtt::qos::at_least_once};
    std::size_t connections{4};
};

/// Sums since the start.
struct publisher_counts {
    std::uint64_t published{0}; ///< handed to a client
    std::uint64_t confirmed{0}; ///< acknowledged by the broker; at QoS 0 written to the socket
    std::uint64_t refused{0};   ///< ended with an error
    std::uint64_t connects{0};

    [[nodiscard]] std::uint64_t outstanding() const noexcept { return published - confirmed - refused; }
};

/// Publishes reports over several connections and enters each confirmed one in the ledger. A vehicle always
/// uses the same connection, so its reports stay in order.
class publisher {
  public:
    publisher(const publisher_options& options, ledger_writer& ledger);
    publisher(const publisher&) = delete;
    publisher& operator=(const publisher&) = delete;
    ~publisher();

    /// False when a connection is still missing after `limit`.
    [[nodiscard]] bool connect(std::chrono::milliseconds limit);
    void publish(const report& r);

    /// False when something is still unconfirmed after `limit`.
    [[nodiscard]] bool wait_confirmed(std::chrono::milliseconds limit);
    [[nodiscard]] publisher_counts counts() const;

  private:
    struct connection;

    void on_connected();
    void on_done(const ledger_entry& entry, const error& failed);

    const publisher_options options_;
    ledger_writer& ledger_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    publisher_counts counts_;
    mqtt::io_lane lane_{"fleet-sim"};
    std::vector<std::unique_ptr<connection>> connections_;
};

} // namespace weir::demo
