#include "failure_log.hpp"

#include <weir/base/log.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace weir::connector {

namespace {

using namespace std::chrono_literals;

constexpr auto pause_between = 10s;

} // namespace

std::string description_of(const inbound_record& r, std::string_view reason) {
    return "topic " + std::string(r.received.topic.text()) + ", packet id " +
           std::to_string(r.received.packet_id) + ", attempt " + std::to_string(r.attempt) + ": " +
           std::string(reason);
}

void failure_log::failed(const inbound_record& record, std::string_view reason, time_point now) {
    std::uint64_t others = 0;
    {
        const std::lock_guard lock(mutex_);
        if (last_ && now - *last_ < pause_between) {
            ++untold_;
            return;
        }
        last_ = now;
        others = std::exchange(untold_, 0);
    }
    log(log_level::warning,
        context_.log_prefix() + "failed: " + description_of(record, reason) +
            (others == 0 ? "" : " (and " + std::to_string(others) + " more since the last such line)"));
}

} // namespace weir::connector
