#include "subscriber.hpp"

#include "output/output_line.hpp"

#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace weir::tool {

namespace {

using clock = std::chrono::steady_clock;
using wake = wait_point::wake;
using namespace std::chrono_literals;

/// Messages that may wait to be printed.
constexpr std::uint64_t most_waiting = 1'000;

} // namespace

subscriber::subscriber(const mqtt::client_options& o, subscription_request what)
    : connection(o)
    , what_(std::move(what)) {}

subscriber::outcome subscriber::run(std::optional<std::chrono::milliseconds> limit) {
    waiting().watch_output(STDOUT_FILENO);
    ask_for_more(0);
    open();
    const auto end = limit ? std::optional(clock::now() + *limit) : std::nullopt;
    while (!is_complete()) {
        if (failure()) return outcome::failed;
        if (end && clock::now() >= *end) return outcome::timed_out;
        switch (waiting().wait(end ? time_left(*end) : 1h)) {
        case wake::signal: return outcome::interrupted;
        case wake::output_closed: return outcome::output_closed;
        default: break;
        }
        if (!print_waiting()) return outcome::output_closed;
    }
    return outcome::done;
}

void subscriber::on_connected(const mqtt::connected& info, const std::string& endpoint, duration took) {
    connection::on_connected(info, endpoint, took);
    client().subscribe(
        what_.filters, [this](const mqtt::subscribe_done& d) { subscribed(d); }, what_.props);
}

void subscriber::subscribed(const mqtt::subscribe_done& d) {
    if (d.failed) return fail("subscribing failed: " + d.failed.message());
    for (std::size_t i = 0; i < d.codes.size() && i < d.asked.size(); ++i) {
        if (mqtt::is_failure(d.codes[i]))
            fail(
                "subscribing to " + d.asked[i].filter +
                " refused: " + std::string(mqtt::to_string(d.codes[i])));
    }
}

void subscriber::on_messages(std::span<mqtt::message_received> messages) {
    {
        const std::lock_guard lock(mutex_);
        std::move(messages.begin(), messages.end(), std::back_inserter(waiting_));
    }
    waiting().notify();
}

bool subscriber::print_waiting() {
    const auto messages = take_waiting();
    if (messages.empty()) return true;
    const auto at = std::chrono::system_clock::now();
    std::string lines;
    for (const auto& m : messages)
        lines += line_of(m.received, at);
    if (!write_output(lines)) return false;
    acknowledge(messages);
    ask_for_more(messages.size());
    return true;
}

std::string subscriber::line_of(const mqtt::publish& m, system_time_point at) const {
    if (what_.format) return what_.format->line(m, client_id(), at) + '\n';
    return to_line(m, what_.print, what_.with_topic, client_id(), at);
}

std::vector<mqtt::message_received> subscriber::take_waiting() {
    const std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
}

void subscriber::acknowledge(const std::vector<mqtt::message_received>& printed) {
    std::vector<mqtt::ack_outcome> outcomes;
    outcomes.reserve(printed.size());
    for (const auto& m : printed)
        outcomes.push_back({.token = m.token});
    client().acknowledge(outcomes);
}

/// With a count, nothing is taken from the broker that would not be printed.
void subscriber::ask_for_more(std::uint64_t printed) {
    printed_ += printed;
    const auto all = what_.count.value_or(printed_ + most_waiting);
    const auto wanted = std::min(all, printed_ + most_waiting);
    if (wanted > demanded_) client().demand(static_cast<std::size_t>(wanted - demanded_));
    demanded_ = std::max(demanded_, wanted);
}

bool subscriber::is_complete() const noexcept {
    return what_.count && printed_ >= *what_.count;
}

} // namespace weir::tool
