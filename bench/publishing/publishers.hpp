#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace weir::bench {

/// What every publisher does: connect, keep `window` messages under way until `messages` of them have had
/// their outcome, disconnect.
struct publishing_task {
    std::uint16_t port{0};
    int qos{1};
    std::size_t payload{64}; ///< bytes
    std::uint16_t window{100};
    std::size_t messages{200'000};
    int version{5}; ///< level of the protocol: 4 is MQTT 3.1.1, 5 is MQTT 5.0
};

/// A publisher; it calls `begun` when it is connected and `ended` with the last outcome, and throws when a
/// message fails.
struct publisher {
    std::string_view name;
    void (*run)(
        const publishing_task&, const std::function<void()>& begun, const std::function<void()>& ended);
};

[[nodiscard]] const std::vector<publisher>& publishers();

/// The topic of the n-th message, one of a thousand.
[[nodiscard]] std::string topic_of(std::size_t n);

void run_weir(const publishing_task&, const std::function<void()>& begun, const std::function<void()>& ended);
void run_mosquitto(
    const publishing_task&, const std::function<void()>& begun, const std::function<void()>& ended);

} // namespace weir::bench
