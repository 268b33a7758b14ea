#include "publisher.hpp"

#include <algorithm>
#include <utility>

namespace weir::tool {

namespace {

using clock = std::chrono::steady_clock;
using wake = wait_point::wake;
using namespace std::chrono_literals;

constexpr std::size_t most_outstanding_bytes = 32u << 20;

/// Any payload fits: how much waits is bounded here, message by message.
mqtt::client_options with_room(mqtt::client_options o) {
    constexpr std::size_t room = 1u << 30;
    o.send_queue_bytes = std::max(o.send_queue_bytes, room);
    return o;
}

} // namespace

publisher::publisher(const mqtt::client_options& o, publication what)
    : connection(with_room(o))
    , what_(std::move(what))
    , most_outstanding_(o.send_queue_messages / 2) {}

publisher::outcome publisher::connect(std::chrono::milliseconds limit) {
    open();
    const auto end = clock::now() + limit;
    while (!is_up()) {
        if (failure()) return outcome::failed;
        if (clock::now() >= end) return outcome::timed_out;
        if (waiting().wait(time_left(end)) == wake::signal) return outcome::interrupted;
    }
    return outcome::done;
}

publisher::outcome publisher::publish_all(
    payload_source& from, std::chrono::milliseconds delay, std::chrono::milliseconds limit) {
    using state = payload_source::state;
    std::string payload;
    auto result = outcome::done;
    for (auto s = from.next(payload); s != state::ended && result == outcome::done; s = from.next(payload)) {
        if (s == state::too_long) {
            fail("standard input: a line is too long for a message");
            return outcome::failed;
        }
        if (s == state::waiting) {
            result = wait_for_input(from);
            continue;
        }
        if (published_ > 0) result = pause(delay);
        if (result != outcome::done) break;
        const auto of_this_size = most_outstanding_bytes / (payload.size() + 1);
        publish_one(std::exchange(payload, {}));
        result = wait_until_outstanding(std::min<std::uint64_t>(most_outstanding_, of_this_size), limit);
    }
    return result == outcome::done ? wait_until_outstanding(0, limit) : result;
}

void publisher::publish_one(const std::string& payload) {
    ++published_;
    mqtt::outgoing message{
        .topic = bytes::copy(what_.topic),
        .payload = bytes::copy(payload),
        .qos = what_.qos,
        .retain = what_.retain,
        .props = what_.props};
    client().publish(std::move(message), [this](const mqtt::publish_done& d) { settled(d); });
}

void publisher::settled(const mqtt::publish_done& d) {
    if (d.failed) return fail("publishing to " + what_.topic + " failed: " + d.failed.message());
    if (mqtt::is_failure(d.code))
        return fail("publishing to " + what_.topic + " refused: " + std::string(mqtt::to_string(d.code)));
    ++confirmed_;
    waiting().notify();
}

/// The limit counts from the last outcome: a long row of messages may take long, silence may not.
publisher::outcome publisher::wait_until_outstanding(std::uint64_t most, std::chrono::milliseconds limit) {
    auto seen = confirmed();
    auto end = clock::now() + limit;
    while (published_ - confirmed() > most) {
        if (failure()) return outcome::failed;
        if (confirmed() != seen) end = clock::now() + limit;
        seen = confirmed();
        if (clock::now() >= end) return outcome::timed_out;
        if (waiting().wait(time_left(end)) == wake::signal) return outcome::interrupted;
    }
    return failure() ? outcome::failed : outcome::done;
}

publisher::outcome publisher::pause(std::chrono::milliseconds delay) {
    const auto end = clock::now() + delay;
    while (clock::now() < end) {
        if (waiting().wait(time_left(end)) == wake::signal) return outcome::interrupted;
        if (failure()) return outcome::failed;
    }
    return outcome::done;
}

publisher::outcome publisher::wait_for_input(payload_source& from) {
    switch (waiting().wait(1h, from.input())) {
    case wake::signal: return outcome::interrupted;
    case wake::input: from.input_ready(); break;
    default: break;
    }
    return failure() ? outcome::failed : outcome::done;
}

} // namespace weir::tool
