#include "drop_reports.hpp"

#include <chrono>
#include <string_view>
#include <utility>

namespace weir::connector {

namespace {

using namespace std::chrono_literals;

constexpr auto pause_between = 1s;

constexpr std::array<std::string_view, 2> names{"qos0_buffer_full", "draining"};

} // namespace

drop_reports::drop_reports(const producer_context& context, mqtt::io_lane& lane)
    : context_(context)
    , timer_(lane, [this] { flush(); }) {}

void drop_reports::add(reason why, std::size_t count) {
    untold_[static_cast<std::size_t>(why)] += count;
    if (!last_ || context_.time.now() - *last_ >= pause_between) return flush();
    timer_.at(*last_ + pause_between);
}

void drop_reports::stop() {
    timer_.cancel();
    flush();
}

void drop_reports::flush() {
    for (std::size_t i = 0; i < names.size(); ++i) {
        const auto count = std::exchange(untold_[i], 0);
        if (count == 0) continue;
        last_ = context_.time.now();
        context_.bus->emit<events::message_dropped>([&] {
            return events::message_dropped{.origin = context_.stamp(), .reason = names[i], .count = count};
        });
    }
}

} // namespace weir::connector
