// The MQTT client on its own, without a pipeline: receives readings, publishes each of them doubled, and
// acknowledges a reading once the server has what came of it. Killed at any moment, it loses nothing.
#include <weir/mqtt/messenger.hpp>

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

using weir::mqtt::messenger;
using weir::mqtt::qos;

bool failed(const char* what, const weir::error& why) {
    std::fprintf(stderr, "%s: %s\n", what, why.message().c_str());
    return false;
}

weir::task<bool> begin(messenger& m, std::stop_token stop) {
    const auto up = co_await m.connect(stop);
    if (!up) co_return failed("connecting", up.error());
    std::vector<weir::mqtt::subscription> wanted{{.filter = "readings/+", .qos = qos::at_least_once}};
    const auto granted = co_await m.subscribe(std::move(wanted));
    if (!granted) co_return failed("subscribing", granted.error());
    std::printf("connected as %s\n", up->client_id.c_str());
    std::fflush(stdout);
    co_return true;
}

weir::task<void> process(messenger& m, weir::mqtt::incoming reading) {
    const double value = std::strtod(std::string{reading.text()}.c_str(), nullptr);
    const std::string topic = "doubled/" + std::string{reading.topic().substr(9)};
    const auto told = co_await m.publish(topic, std::to_string(2 * value), qos::at_least_once);
    if (!told) {
        failed("publishing", told.error());
        co_return; // not acknowledged: the server will send the reading again
    }
    reading.ack();
    std::printf("%s is %g\n", topic.c_str(), 2 * value);
    std::fflush(stdout);
}

weir::task<int> work(messenger& m, std::stop_token stop) {
    if (!co_await begin(m, stop)) co_return 1;
    for (;;) {
        auto reading = co_await m.receive(stop);
        if (!reading) break;
        co_await process(m, std::move(*reading));
    }
    co_await m.disconnect(); // after the acknowledgements that are ready
    co_return stop.stop_requested() ? 0 : 1;
}

int main(int argc, char** argv) {
    sigset_t asked_to_end;
    sigemptyset(&asked_to_end);
    sigaddset(&asked_to_end, SIGINT);
    sigaddset(&asked_to_end, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &asked_to_end, nullptr); // before there are other threads

    weir::mqtt::client_options options;
    if (argc > 1) options.host = argv[1];
    if (argc > 2) options.port = static_cast<std::uint16_t>(std::atoi(argv[2]));
    options.clientid = "plain-client"; // names the session that the server keeps for an hour
    options.clean_start = false;
    options.session_expiry = 3'600;
    options.auto_ack = false;
    messenger m{options};

    std::stop_source end;
    const std::jthread signals{[&](const std::stop_token& over) {
        const timespec moment{0, 100'000'000};
        while (!over.stop_requested())
            if (sigtimedwait(&asked_to_end, nullptr, &moment) > 0) end.request_stop();
    }};
    return weir::run(work(m, end.get_token()));
}
