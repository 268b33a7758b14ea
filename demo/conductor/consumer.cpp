#include "conductor/consumer.hpp"

#include <csignal>
#include <fstream>
#include <iterator>
#include <utility>

namespace weir::demo {
namespace {

using namespace std::chrono_literals;

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string tail_of(const std::string& text, std::size_t size) {
    return text.size() <= size ? text : "..." + text.substr(text.size() - size);
}

} // namespace

consumer::consumer(std::string program, std::string config, const workspace& where)
    : program_(std::move(program))
    , config_(std::move(config))
    , log_(where.path("weir.log"))
    , report_(where.path("report.json")) {}

void consumer::start() {
    ended_.add(current_);
    current_ = {};
    process_.emplace(
        std::vector<std::string>{program_, "run", config_, "--progress", "json", "--report", report_}, log_);
}

void consumer::kill() {
    poll();
    process_->signal(SIGKILL);
    if (process_->wait(5s)) ++kills_;
    poll();
}

void consumer::poll() {
    for (const auto& line : process_->read_lines())
        if (auto p = progress::parse(line); !p.empty()) current_ = std::move(p);
}

void consumer::request_stop() {
    process_->signal(SIGTERM);
}

bool consumer::wait(std::chrono::milliseconds limit) {
    if (!process_->wait(limit) || !process_->ended_well()) return false;
    poll();
    if (auto p = progress::parse(text_of(report_)); !p.empty()) current_ = std::move(p);
    return true;
}

progress consumer::totals() const {
    progress sum = ended_;
    sum.add(current_);
    return sum;
}

std::string consumer::last_words() const {
    const auto status = process_ ? process_->wait_status() : std::nullopt;
    const std::string end = status ? "ended with " + describe_wait_status(*status) : "is still running";
    return "weir " + end + "\n" + tail_of(text_of(log_), 2'000);
}

} // namespace weir::demo
