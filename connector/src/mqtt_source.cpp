#include "mqtt_source.hpp"

#include "lanes.hpp"

#include <functional>
#include <future>
#include <string>
#include <system_error>
#include <utility>

namespace weir::connector {

namespace {

/// On a thread of its own, or by whoever waits for it when there is none to be had.
std::future<void> beside(std::function<void()> work) {
    try {
        return std::async(std::launch::async, work);
    } catch (const std::system_error&) {
        return std::async(std::launch::deferred, work);
    }
}

latency_stats summary(const histogram& h) {
    return {
        .p50_us = h.percentile(50),
        .p90_us = h.percentile(90),
        .p99_us = h.percentile(99),
        .max_us = h.max()};
}

} // namespace

mqtt_source::mqtt_source(const options& o)
    : ready_(o.producer.concurrency)
    , drain_timeout_(*o.producer.drain_timeout)
    , shutdown_(o.shutdown) {
    for (std::size_t i = 0; i < lanes_for(o.producer.concurrency); ++i)
        lanes_.push_back(std::make_unique<mqtt::io_lane>("weir-io-" + std::to_string(i)));
    for (std::size_t i = 0; i < o.producer.concurrency; ++i)
        producers_.push_back(make_producer(o, i));
    for (const auto& p : producers_)
        p->stop_with([this](time_point deadline) { stop_all(deadline); });
}

std::shared_ptr<mqtt_producer> mqtt_source::make_producer(const options& o, std::size_t index) {
    producer_context context{
        .pipeline = o.name,
        .index = index,
        .client_id = client_id(o.producer, index),
        .options = o.producer,
        .bus = o.telemetry,
        .time = real_time()};
    return std::make_shared<mqtt_producer>(
        std::move(context), *lanes_[index % lanes_.size()], ready_, latency_);
}

/// The pipeline stops its producers one after another, when everything is settled; but each may take seconds
/// to close, and longer than that none of them may take.
void mqtt_source::stop_all(time_point deadline) {
    std::call_once(stopped_, [&] {
        std::vector<std::future<void>> others;
        for (std::size_t i = 1; i < producers_.size(); ++i)
            others.push_back(beside([p = producers_[i], deadline] { p->close(deadline); }));
        producers_[0]->close(deadline);
        for (const auto& o : others)
            o.wait();
    });
}

std::vector<std::shared_ptr<pipeline::producer<inbound>>> mqtt_source::producers() const {
    return {producers_.begin(), producers_.end()};
}

stats mqtt_source::stats() const {
    connector::stats sum;
    for (const auto& p : producers_)
        p->add_to(sum);
    sum.latency = summary(latency_);
    return sum;
}

std::vector<connection_stats> mqtt_source::each() const {
    std::vector<connection_stats> list;
    list.reserve(producers_.size());
    for (const auto& p : producers_)
        list.push_back(p->share());
    return list;
}

/// The same share of a limit as `drain_timeout` is of `shutdown`, closing never taking more than it does
/// there.
std::chrono::milliseconds mqtt_source::drain_time(std::chrono::milliseconds limit) const noexcept {
    if (limit >= shutdown_ || shutdown_.count() == 0) return limit - (shutdown_ - drain_timeout_);
    return limit * drain_timeout_.count() / shutdown_.count();
}

} // namespace weir::connector
