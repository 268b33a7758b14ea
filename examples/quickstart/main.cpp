#include <weir/weir.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>

using namespace std::chrono_literals;

struct reading {
    std::string sensor;
    double celsius;
};

// The decoder: a received message in, a value or an error out. An error fails that message.
weir::result<reading> decode_reading(const weir::inbound& in) {
    const std::string text{in.payload().text()};
    char* end = nullptr;
    const double celsius = std::strtod(text.c_str(), &end);
    if (end == text.c_str()) return weir::failure("not a number: " + text);
    return reading{std::string{in.topic()}, celsius};
}

struct sensors {
    // Runs on a processor's thread.
    void handle_message(weir::message<reading>& m) {
        if (m.data.celsius > 150) return m.fail("out of range");
        m.put_batcher(m.data.celsius > 80 ? "alarms" : "default");
    }

    // Runs on a batch processor's thread. When it returns, the messages of the batch are acknowledged.
    void handle_batch(weir::batch<reading>& b) {
        for (const auto& m : b)
            std::printf(
                "%s %s %.1f\n", std::string{b.info().batcher}.c_str(), m.data.sensor.c_str(), m.data.celsius);
        std::fflush(stdout);
    }
};

int main(int argc, char** argv) {
    using weir::qos;
    const std::string host = argc > 1 ? argv[1] : "localhost";
    const auto port = static_cast<std::uint16_t>(argc > 2 ? std::atoi(argv[2]) : 1883);
    auto running = weir::start(
        sensors{}, decode_reading,
        {
            .name = "sensors",
            .producer =
                {
                    .topics =
                        {{"sensors/status", qos::at_most_once},
                         {"sensors/temperature", qos::at_least_once},
                         {"sensors/humidity", qos::exactly_once}},
                    .max_inflight = 100,
                    .config =
                        {.host = host,
                         .port = port,
                         .username = "my-user",
                         .password = "my-password",
                         .clientid = "my-pipeline"},
                    .concurrency = 1,
                },
            .processors = {.concurrency = 10},
            .batchers =
                {{.name = "default", .batch_size = 100, .batch_timeout = 500ms, .concurrency = 5},
                 {.name = "alarms", .batch_size = 1}},
        });
    return weir::run_until_signal(running); // SIGINT or SIGTERM drains
}
