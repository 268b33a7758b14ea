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

/// Counts from any thread; a test waits for it.
class counter {
  public:
    int operator++() {
        const std::lock_guard lock{mutex_};
        changed_.notify_all();
        return ++count_;
    }

    operator int() const {
        const std::lock_guard lock{mutex_};
        return count_;
    }

    [[nodiscard]] bool wait_for(int count, std::chrono::milliseconds limit = std::chrono::seconds{30}) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, limit, [&] { return count_ >= count; });
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    int count_{0};
};

/// A lane, an observer and at most one client on them.
class client_test : public ::testing::Test {
  protected:
    client& start(client_options options) {
        client_ = std::make_unique<client>(lane_, std::move(options), observer_);
        client_->start();
        client_->demand(endless);
        return *client_;
    }

    /// Whether it gets through before it gives up.
    bool connects(client_options o) {
        start(std::move(o));
        return observer_.wait_for([](const auto& r) { return r.ready != 0 || !r.given_up.empty(); }) &&
               observer_.seen().ready != 0;
    }

    /// What the first attempt failed for; nothing when it did not.
    error failure_of(client_options o) {
        start(std::move(o));
        if (!observer_.wait_for([](const auto& r) { return r.ready != 0 || !r.failures.empty(); })) return {};
        const auto failures = observer_.seen().failures;
        return failures.empty() ? error{} : failures[0].reason;
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
