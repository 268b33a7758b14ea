// Several ways out of one pipeline: archive everything in large batches, tell the operators about alarms at
// once, and keep the messages of a site together. Payloads are used as they come, without a decoder.
#include <weir/weir.hpp>

#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>

using namespace std::chrono_literals;

struct router {
    void handle_message(weir::message<weir::bytes>& m) {
        const auto topic = m.metadata.topic();
        m.put_batch_key(std::string{topic.substr(0, topic.find('/'))}); // one site per batch
        if (topic.ends_with("/alarm")) {
            m.put_batcher("alarms");
            m.put_batch_mode(weir::batch_mode::flush); // does not wait for company
        } else {
            m.put_batcher("archive");
        }
    }

    void handle_batch(weir::batch<weir::bytes>& b) {
        const auto& info = b.info();
        std::printf(
            "%s: %zu messages of %s\n", std::string{info.batcher}.c_str(), info.size, info.batch_key.c_str());
        std::fflush(stdout);
    }
};

int main(int argc, char** argv) {
    weir::options options{
        .name = "sites",
        .producer =
            {.topics = {{"+/measurement", weir::qos::at_least_once}, {"+/alarm", weir::qos::exactly_once}},
             .max_inflight = 1'000,
             .config = {.host = argc > 1 ? argv[1] : "localhost", .clientid = "sites"}},
        .batchers = {
            {.name = "archive", .batch_size = 500, .batch_timeout = 2s, .concurrency = 2},
            {.name = "alarms", .batch_size = 10, .batch_timeout = 100ms}}};
    if (argc > 2) options.producer.config.port = static_cast<std::uint16_t>(std::atoi(argv[2]));
    auto running = weir::start(router{}, std::move(options));
    return weir::run_until_signal(running);
}
