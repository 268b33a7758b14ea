#pragma once

#include "support/eventually.hpp"

#include <weir/weir.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace weir::testing {

/// Which numbers have been handled how often. Thread-safe.
class tally {
  public:
    void add(std::size_t number) {
        const std::lock_guard lock(mutex_);
        ++seen_[number];
    }

    [[nodiscard]] std::size_t times(std::size_t number) const {
        const std::lock_guard lock(mutex_);
        const auto found = seen_.find(number);
        return found == seen_.end() ? 0 : found->second;
    }

    /// Different numbers.
    [[nodiscard]] std::size_t size() const {
        const std::lock_guard lock(mutex_);
        return seen_.size();
    }

    [[nodiscard]] std::size_t total() const {
        const std::lock_guard lock(mutex_);
        std::size_t sum = 0;
        for (const auto& [number, count] : seen_)
            sum += count;
        return sum;
    }

    [[nodiscard]] std::vector<std::size_t> numbers() const {
        const std::lock_guard lock(mutex_);
        std::vector<std::size_t> list;
        for (const auto& [number, count] : seen_)
            list.push_back(number);
        return list;
    }

    /// Numbers of [`first`, `first + count`) that were never handled.
    [[nodiscard]] std::vector<std::size_t> missing(std::size_t first, std::size_t count) const {
        const std::lock_guard lock(mutex_);
        std::vector<std::size_t> list;
        for (std::size_t n = first; n < first + count; ++n)
            if (!seen_.contains(n)) list.push_back(n);
        return list;
    }

  private:
    mutable std::mutex mutex_;
    std::map<std::size_t, std::size_t> seen_;
};

[[nodiscard]] inline std::size_t number_in(const weir::bytes& payload) {
    return std::stoul(std::string(payload.text()));
}

/// A handler made of a function.
struct function_handler {
    std::function<void(weir::message<weir::bytes>&)> on_message;

    void handle_message(weir::message<weir::bytes>& m) { on_message(m); }
};

/// A handler that notes every number and does no more.
[[nodiscard]] inline function_handler counting(tally& into) {
    return {[&into](weir::message<weir::bytes>& m) { into.add(number_in(m.data)); }};
}

/// Options of a consumer of "numbers/#" that suits tests: quick to retry and to stop.
[[nodiscard]] inline weir::options consumer_options(
    std::uint16_t port, mqtt::protocol_version version, weir::qos level, std::string name = "consumer") {
    using namespace std::chrono_literals;
    weir::options o;
    o.name = name;
    o.producer.topics = {{"numbers/#", level}};
    o.producer.redelivery = {.min = 20ms, .max = 200ms, .skip_after = 10s};
    o.producer.config.host = "127.0.0.1";
    o.producer.config.port = port;
    o.producer.config.clientid = std::move(name);
    o.producer.config.proto_ver = version;
    o.producer.config.backoff_min = 20ms;
    o.producer.config.backoff_max = 200ms;
    o.processors.concurrency = 4;
    return o;
}

} // namespace weir::testing
