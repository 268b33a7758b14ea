#include "connection.hpp"

#include <weir/base/log.hpp>
#include <weir/mqtt/types/errc.hpp>

namespace weir::tool {

connection::connection(const mqtt::client_options& o)
    : lane_("weir-client")
    , client_(lane_, o, *this) {}

std::optional<std::string> connection::failure() const {
    const std::lock_guard lock(mutex_);
    return failure_;
}

std::string connection::description() const {
    const std::lock_guard lock(mutex_);
    return endpoint_ + " as " + client_id_;
}

std::string connection::client_id() const {
    const std::lock_guard lock(mutex_);
    return client_id_;
}

void connection::fail(const std::string& reason) {
    {
        const std::lock_guard lock(mutex_);
        if (!failure_) failure_ = reason;
    }
    wait_.notify();
}

void connection::on_warning(const std::string& text) {
    log(log_level::warning, text);
}

void connection::on_connected(const mqtt::connected& info, const std::string& endpoint, duration /*took*/) {
    {
        const std::lock_guard lock(mutex_);
        endpoint_ = endpoint;
        client_id_ = info.client_id;
    }
    up_.store(true, std::memory_order_release);
    wait_.notify();
}

void connection::on_down(const mqtt::connection_down& info) {
    if (info.reason.code == mqtt::errc::local_close) return;
    fail("connection to " + info.endpoint + " lost: " + info.reason.message());
}

void connection::on_attempt_failed(const mqtt::connection_down& info) {
    fail("connection to " + info.endpoint + " failed: " + info.reason.message());
}

} // namespace weir::tool
