#include "options/overflow.hpp"

namespace weir::pipeline {
namespace {

void check_pause(
    const overflow_options& o, std::size_t buffer_size, const std::string& path, fault_list& faults) {
    faults.expect_range(path + ".high_watermark", o.high_watermark, 0, buffer_size);
    const auto e = effective(o, buffer_size);
    faults.expect(
        e.low_watermark < e.high_watermark, path + ".low_watermark", std::to_string(o.low_watermark),
        "an integer from 0, less than high_watermark (" + std::to_string(e.high_watermark) + ")");
    faults.expect_range(path + ".reserve", e.reserve, 0, most_messages);
}

} // namespace

void check_overflow(
    const overflow_options& o, std::size_t buffer_size, const std::string& path, fault_list& faults) {
    if (buffer_size == 0) return; // a fault of its own
    if (o.policy == buffer_policy::pause) return check_pause(o, buffer_size, path, faults);
    constexpr auto only_pause = "not given, since only the policy pause has a use for it";
    constexpr auto absent = overflow_options::automatic;
    faults.expect(
        o.high_watermark == 0, path + ".high_watermark", std::to_string(o.high_watermark), only_pause);
    faults.expect(
        o.low_watermark == absent, path + ".low_watermark", std::to_string(o.low_watermark), only_pause);
    faults.expect(o.reserve == absent, path + ".reserve", std::to_string(o.reserve), only_pause);
}

overflow_options effective(overflow_options o, std::size_t buffer_size) noexcept {
    if (o.policy != buffer_policy::pause) return {.policy = o.policy, .low_watermark = 0, .reserve = 0};
    if (o.high_watermark == 0) o.high_watermark = buffer_size;
    if (o.low_watermark == overflow_options::automatic) o.low_watermark = o.high_watermark / 2;
    if (o.reserve == overflow_options::automatic) o.reserve = buffer_size / 10;
    return o;
}

std::string_view to_string(buffer_policy p) noexcept {
    switch (p) {
    case buffer_policy::pause: return "pause";
    case buffer_policy::drop_oldest: return "drop_oldest";
    case buffer_policy::drop_newest: return "drop_newest";
    }
    return "unknown";
}

} // namespace weir::pipeline
