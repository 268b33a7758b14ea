#pragma once

#include "recording_observer.hpp"

#include <weir/mqtt/client.hpp>
#include <weir/mqtt/testing/accepting_broker.hpp>
#include <weir/mqtt/testing/scripted_broker.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <limits>
#include <memory>
#include <string>

namespace weir::mqtt {

using namespace std::chrono_literals;
using test_broker = testing::scripted_broker;
using testing::accepting_broker;
using testing::conversation;

inline constexpr std::size_t endless = std::numeric_limits<std::size_t>::max();

/// Options for tests: quick to retry, quick to fail.
inline client_options quick_options(std::uint16_t port, protocol_version version = protocol_version::v5) {
    client_options o;
    o.host = "127.0.0.1";
    o.port = port;
    o.proto_ver = version;
    o.clientid = "tester";
    o.backoff_min = 10ms;
    o.backoff_max = 50ms;
    o.connect_timeout = 5s;
    return o;
}

/// A lane, an observer and at most one client on them.
class client_test : public ::testing::Test {
  protected:
    client& start(client_options options) {
        client_ = std::make_unique<client>(lane_, std::move(options), observer_);
        client_->start();
        client_->demand(endless);
        return *client_;
    }

    io_lane lane_{"test-io"};
    recording_observer observer_;
    std::unique_ptr<client> client_;
};

/// The same for 3.1.1 and 5.0.
class client_version_test : public client_test, public ::testing::WithParamInterface<protocol_version> {};

inline std::string version_name(const ::testing::TestParamInfo<protocol_version>& info) {
    return std::string{to_string(info.param)};
}

inline outgoing message(std::string_view topic, std::string_view payload, qos level = qos::at_most_once) {
    return {.topic = bytes::copy(topic), .payload = bytes::copy(payload), .qos = level};
}

inline publish publish_packet(
    std::string_view topic, std::string_view payload, qos level = qos::at_most_once, std::uint16_t id = 0) {
    return {.topic = bytes::copy(topic), .payload = bytes::copy(payload), .qos = level, .packet_id = id};
}

} // namespace weir::mqtt
