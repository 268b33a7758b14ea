#include "connect_probe.hpp"

#include <weir/mqtt/types/errc.hpp>

namespace weir::tool {

namespace {

using clock = std::chrono::steady_clock;
using wake = wait_point::wake;

} // namespace

connect_probe::outcome connect_probe::run(std::chrono::milliseconds limit) {
    open();
    const auto end = clock::now() + limit;
    while (!is_up()) {
        if (failure()) {
            const auto r = result();
            const bool late = r.end && r.end->reason.code == mqtt::errc::connect_timeout;
            return late ? outcome::timed_out : outcome::failed;
        }
        if (clock::now() >= end) return outcome::timed_out;
        if (waiting().wait(time_left(end)) == wake::signal) return outcome::interrupted;
    }
    return outcome::accepted;
}

connect_probe::report connect_probe::result() {
    const auto timings = client().timings();
    const std::lock_guard lock(mutex_);
    report_.timings = timings;
    return report_;
}

void connect_probe::on_connected(const mqtt::connected& info, const std::string& endpoint, duration took) {
    {
        const std::lock_guard lock(mutex_);
        report_.endpoint = endpoint;
        report_.connack = info;
    }
    connection::on_connected(info, endpoint, took);
}

void connect_probe::on_warning(const std::string& text) {
    const std::lock_guard lock(mutex_);
    report_.warnings.push_back(text);
}

void connect_probe::on_attempt_failed(const mqtt::connection_down& info) {
    {
        const std::lock_guard lock(mutex_);
        report_.endpoint = info.endpoint;
        report_.end = info;
    }
    connection::on_attempt_failed(info);
}

} // namespace weir::tool
