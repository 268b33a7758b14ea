#include "fleet/fleet.hpp"

namespace weir::demo {
namespace {

using namespace std::chrono_literals;
constexpr duration period = 1s;
constexpr std::int64_t jitter_us = 100'000;

} // namespace

fleet::fleet(std::size_t vehicles, std::uint64_t seed, time_point start)
    : random_(seed) {
    members_.reserve(vehicles);
    for (std::size_t i = 0; i < vehicles; ++i) {
        const duration phase = period / static_cast<duration::rep>(vehicles) * static_cast<duration::rep>(i);
        members_.push_back(
            {.self = vehicle(static_cast<std::uint32_t>(i + 1), random_), .regular = start + phase});
        schedule(i);
    }
}

void fleet::schedule(std::size_t index) {
    const std::chrono::microseconds jitter{
        std::uniform_int_distribution<std::int64_t>{-jitter_us, jitter_us}(random_)};
    due_.push({.at = members_[index].regular + jitter, .index = index});
}

void fleet::report_until(
    time_point now, system_time_point wall_now, const std::function<void(report)>& publish) {
    while (due_.top().at <= now) {
        const std::size_t index = due_.top().index;
        due_.pop();
        auto& m = members_[index];
        m.self.advance(1.0, random_);
        const identity id{.vehicle = m.self.number(), .sequence = ++m.sequence};
        publish(
            {.id = id,
             .vehicle_index = index,
             .topic = m.self.topic(),
             .payload = m.self.payload(id.sequence, wall_now)});
        m.regular += period;
        schedule(index);
    }
}

} // namespace weir::demo
