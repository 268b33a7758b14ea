// Messages as values of your own type: JSON in, a struct out, and what does not fit fails with a reason.
#include <weir/weir.hpp>

#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

struct position {
    std::string vehicle;
    double latitude;
    double longitude;
};

// Exceptions of the parser and of missing fields fail the message as well; `failure` is for rules of your
// own.
weir::result<position> decode_position(const weir::inbound& in) {
    const auto json = nlohmann::json::parse(in.payload().text());
    position p{json.at("vehicle"), json.at("lat"), json.at("lon")};
    if (p.latitude < -90 || p.latitude > 90)
        return weir::failure("lat must be -90..90, got " + json.at("lat").dump());
    return p;
}

struct tracker {
    void handle_message(weir::message<position>& m) {
        if (m.data.latitude == 0 && m.data.longitude == 0) return m.fail("no fix yet");
        std::printf("%s is at %.5f, %.5f\n", m.data.vehicle.c_str(), m.data.latitude, m.data.longitude);
        std::fflush(stdout);
    }

    // Sees what `handle_message` failed, before the failure policy applies.
    void handle_failed(std::span<weir::message<position>> messages) {
        for (const auto& m : messages)
            std::fprintf(
                stderr, "%s: %s\n", std::string{m.metadata.topic()}.c_str(), m.failure()->text.c_str());
    }
};

int main(int argc, char** argv) {
    weir::options options{
        .name = "positions",
        .producer = {
            .topics = {{"vehicles/+/position", weir::qos::at_least_once}},
            .on_failure = weir::on_failure::ack, // a message that cannot be read will not get better
            .config = {.host = argc > 1 ? argv[1] : "localhost", .clientid = "positions"}}};
    if (argc > 2) options.producer.config.port = static_cast<std::uint16_t>(std::atoi(argv[2]));
    auto running = weir::start(tracker{}, decode_position, std::move(options));
    return weir::run_until_signal(running);
}
