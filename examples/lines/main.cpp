// A pipeline without a broker: sums up a file of lines such as "kitchen,21.5", and ends with the file.
//
//   lines readings.csv

#include "line_producer.hpp"

#include <weir/pipeline/start.hpp>

#include <cstdio>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

struct reading {
    std::string sensor;
    double value{0};
};

/// Runs on the processors, so that parsing keeps all of them busy.
weir::result<reading> parse(const std::string& line) {
    const auto comma = line.find(',');
    if (comma == std::string::npos) return weir::failure("no comma in \"" + line + "\"");
    try {
        return reading{line.substr(0, comma), std::stod(line.substr(comma + 1))};
    } catch (const std::exception&) {
        return weir::failure("no number in \"" + line + "\"");
    }
}

struct totals {
    std::mutex mutex;
    std::map<std::string, std::pair<std::size_t, double>> by_sensor;
};

/// One handler serves all workers.
struct summing {
    std::shared_ptr<totals> sums;

    void handle_message(weir::pipeline::message<reading, std::string>&) {}

    void handle_batch(weir::pipeline::batch<reading, std::string>& b) {
        const std::scoped_lock lock{sums->mutex};
        for (const auto& m : b) {
            auto& [count, sum] = sums->by_sensor[m.data.sensor];
            ++count;
            sum += m.data.value;
        }
    }
};

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: lines FILE\n", stderr);
        return 2;
    }
    try {
        const auto file = std::make_shared<line_producer>(argv[1]);
        const auto sums = std::make_shared<totals>();
        auto pipeline = weir::pipeline::start<std::string>(
            {.name = "lines", .batchers = {{.batch_size = 500}}}, {file}, summing{sums}, parse);
        const auto end = pipeline.wait();
        if (!end) {
            std::fprintf(stderr, "%s\n", end.error().message().c_str());
            return 1;
        }
        for (const auto& [sensor, t] : sums->by_sensor)
            std::printf("%s: %zu readings, mean %.2f\n", sensor.c_str(), t.first, t.second / double(t.first));
        std::printf("%zu lines handled, %zu rejected\n", file->handled(), file->rejected());
    } catch (const std::exception& e) {
        std::fprintf(stderr, "%s\n", e.what());
        return 1;
    }
}
