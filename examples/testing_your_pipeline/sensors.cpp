#include "sensors.hpp"

#include <charconv>

weir::result<reading> decode_reading(const weir::inbound& in) {
    const auto text = in.payload().text();
    reading r{.sensor = std::string{in.topic().substr(in.topic().rfind('/') + 1)}};
    const auto end = text.data() + text.size();
    if (const auto parsed = std::from_chars(text.data(), end, r.celsius);
        parsed.ec != std::errc{} || parsed.ptr != end)
        return weir::failure("\"" + std::string{text} + "\" is not a number");
    return r;
}

void sensors::handle_message(weir::message<reading>& m) const {
    if (m.data.celsius < -273.15) return m.fail("colder than possible");
    if (m.data.celsius > 80) m.put_batch_mode(weir::batch_mode::flush); // an alarm does not wait
}

void sensors::handle_batch(weir::batch<reading>& b) const {
    std::vector<reading> readings;
    for (const auto& m : b)
        readings.push_back(m.data);
    into->insert(readings); // what it throws fails the batch
}

weir::options sensor_options() {
    using namespace std::chrono_literals;
    return {
        .name = "sensors",
        .producer =
            {.topics = {{"plant/+", weir::qos::at_least_once}},
             .config = {.host = "mqtt.example.com", .clientid = "sensors"}},
        .processors = {.concurrency = 2},
        .batchers = {{.name = "default", .batch_size = 100, .batch_timeout = 500ms}}};
}
