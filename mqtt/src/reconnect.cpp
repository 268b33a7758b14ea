#include <weir/mqtt/reconnect.hpp>

#include <algorithm>

namespace weir::mqtt {
namespace {

/// The splitmix64 step: neighbouring inputs give unrelated outputs.
std::uint64_t scramble(std::uint64_t x) noexcept {
    x += 0x9E3779B97F4A7C15u;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

std::chrono::milliseconds ceiling(const reconnect_options& options, std::uint32_t attempt) noexcept {
    auto d = std::min(options.backoff_min, options.backoff_max);
    for (std::uint32_t n = 1; n < attempt && d < options.backoff_max; ++n)
        d = std::min(d * 2, options.backoff_max);
    return d;
}

} // namespace

std::chrono::milliseconds backoff_delay(
    const reconnect_options& options, std::uint32_t attempt, std::uint64_t seed) noexcept {
    const auto d = static_cast<std::uint64_t>(std::max<std::int64_t>(ceiling(options, attempt).count(), 0));
    const std::uint64_t least = d - d / 2;
    const std::uint64_t spread = scramble(seed ^ scramble(attempt)) % (d / 2 + 1);
    return std::chrono::milliseconds{static_cast<std::int64_t>(least + spread)};
}

reconnect_policy::verdict reconnect_policy::failed(duration uptime, bool fatal, bool slowly) noexcept {
    if (uptime >= options_.stable_after) failures_ = 0;
    ++failures_;
    if (fatal && !options_.retry_fatal) return {.failures = failures_};
    if (options_.limit && failures_ > *options_.limit) return {.failures = failures_, .gave_up = true};
    return {.retry = true, .delay = pause(fatal || slowly), .failures = failures_};
}

std::chrono::milliseconds reconnect_policy::pause(bool slowly) const noexcept {
    if (options_.fixed) return *options_.fixed;
    return slowly ? options_.backoff_max : backoff_delay(options_, failures_, seed_);
}

} // namespace weir::mqtt
