#include "generator.hpp"

#include <algorithm>

namespace weir::bench {
namespace {

constexpr std::size_t max_burst = 256; // what a read from a socket brings

} // namespace

generator::~generator() {
    join();
}

void generator::start(pipeline::intake<item>& into) {
    into_ = &into;
    thread_ = std::thread{[this] { run(); }};
}

void generator::demand(std::size_t count) {
    credit_.fetch_add(count);
    parker_.wake_one();
}

void generator::run() {
    auto next = clock::now();
    while (!ending_.load()) {
        if (!parker_.wait([this] { return credit_.load() > 0 || ending_.load(); })) return;
        if (interval_ > std::chrono::nanoseconds::zero()) {
            std::this_thread::sleep_until(next += interval_);
            emit(1);
        } else {
            emit(std::min(credit_.load(), max_burst));
        }
    }
}

void generator::emit(std::size_t count) {
    credit_.fetch_sub(count);
    burst_.clear();
    for (std::size_t i = 0; i < count; ++i) {
        ++next_;
        burst_.push_back({.value = {.number = next_}, .token = next_});
    }
    into_->emit(burst_);
}

void generator::join() {
    ending_.store(true);
    parker_.close();
    if (thread_.joinable()) thread_.join();
}

void generator::drain() {
    join();
    into_->drained();
}

void generator::stop(time_point /*deadline*/) {
    join();
}

void generator::settle(std::span<const pipeline::settlement> settlements) {
    settled_.fetch_add(settlements.size());
}

} // namespace weir::bench
