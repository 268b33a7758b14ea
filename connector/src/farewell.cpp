#include "farewell.hpp"

#include <chrono>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace weir::connector {

namespace {

using namespace std::chrono_literals;

constexpr auto pause_between = 10ms;

/// The window bounds what comes.
constexpr std::size_t all_there_is = std::numeric_limits<std::uint32_t>::max();

std::vector<std::string> filters_of(const producer_options& o) {
    std::vector<std::string> list;
    for (auto& s : subscriptions(o))
        list.push_back(std::move(s.filter));
    return list;
}

} // namespace

farewell::farewell(const producer_context& context, mqtt::io_lane& lane, mqtt::client& client)
    : context_(context)
    , client_(client)
    , timer_(lane, [this] { ask(); }) {}

void farewell::begin(std::function<void()> done) {
    done_ = std::move(done);
    client_.resume(); // one that has failed takes nothing otherwise
    client_.unsubscribe(filters_of(context_.options), [this](const mqtt::unsubscribe_done& answer) {
        if (answer.failed) return finish();
        client_.demand(all_there_is);
        answered();
    });
}

void farewell::stop() {
    stopped_ = true;
    timer_.cancel();
}

/// A broker works in order: it answers a ping after it has sent what acknowledgements before the ping made
/// room for. The client's sums are those of its last turn, so they are read between turns.
void farewell::ask() {
    const auto arrivals = client_.stats().messages_delivered;
    const bool is_idle = all_is_acknowledged();
    if (was_idle_ && is_idle && arrivals == arrivals_) return finish();
    was_idle_ = is_idle;
    arrivals_ = arrivals;
    client_.ping([this](const mqtt::ping_done& answer) {
        if (answer.failed) return finish();
        answered();
    });
}

void farewell::answered() {
    if (!stopped_) timer_.at(context_.time.now() + pause_between);
}

void farewell::finish() {
    if (stopped_) return;
    if (const auto done = std::exchange(done_, nullptr)) done();
}

/// But for what was passed over, which stays so on this connection.
bool farewell::all_is_acknowledged() const {
    const auto s = client_.stats();
    return s.unacknowledged <= s.deferred && s.read_ahead == 0 && s.qos0_waiting == 0;
}

} // namespace weir::connector
