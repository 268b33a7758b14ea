#include "drop_reports.hpp"

#include <weir/base/log.hpp>

#include <chrono>
#include <string>
#include <utility>

namespace weir::connector {

namespace {

using namespace std::chrono_literals;

constexpr auto pause_between = 1s;

constexpr std::array<std::string_view, 4> names{
    "qos0_buffer_full", "draining", "packet_too_large", "payload_format"};

} // namespace

drop_reports::drop_reports(const producer_context& context, mqtt::io_lane& lane, filter_tally& qos0)
    : context_(context)
    , qos0_(qos0)
    , untold_(qos0.size())
    , timer_(lane, [this] { flush(); }) {}

void drop_reports::add(reason why, std::span<const bytes> topics) {
    for (const auto& topic : topics) {
        const auto place = qos0_.place_of(topic.text());
        qos0_.add(place);
        note(why, place, 1);
    }
    tell();
}

void drop_reports::add(reason why, std::string_view topic) {
    note(why, qos0_.place_of(topic), 1);
    tell();
}

void drop_reports::add(reason why, std::size_t count) {
    note(why, qos0_.size() - 1, count);
    tell();
}

void drop_reports::stop() {
    timer_.cancel();
    flush();
}

void drop_reports::note(reason why, std::size_t place, std::size_t count) {
    untold_[place][static_cast<std::size_t>(why)] += count;
}

void drop_reports::tell() {
    if (!last_ || context_.time.now() - *last_ >= pause_between) return flush();
    timer_.at(*last_ + pause_between);
}

void drop_reports::flush() {
    for (std::size_t why = 0; why < reasons; ++why) {
        std::size_t sum = 0;
        for (std::size_t place = 0; place < untold_.size(); ++place) {
            const auto count = std::exchange(untold_[place][why], 0);
            if (count == 0) continue;
            sum += count;
            context_.bus->emit<events::message_dropped>([&] {
                return events::message_dropped{
                    .origin = context_.stamp(),
                    .reason = names[why],
                    .filter = qos0_.filter(place),
                    .count = count};
            });
        }
        if (sum != 0) write_to_log(why, sum);
    }
}

/// A line each time that the sum has doubled.
void drop_reports::write_to_log(std::size_t why, std::size_t count) {
    last_ = context_.time.now();
    told_[why] += count;
    if (told_[why] < next_line_[why]) return;
    next_line_[why] = 2 * told_[why];
    log(log_level::warning, context_.log_prefix() + std::to_string(told_[why]) +
                                " messages dropped so far: " + std::string(names[why]));
}

} // namespace weir::connector
