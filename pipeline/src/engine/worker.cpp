#include "engine/worker.hpp"

#include <weir/base/thread_name.hpp>
#include <weir/pipeline/this_worker.hpp>

namespace weir::pipeline::engine {
namespace {

thread_local const worker* current_worker = nullptr;

} // namespace

const worker* worker::current() noexcept {
    return current_worker;
}

void worker::start() {
    thread_ = std::thread{[this] { body(); }};
}

void worker::join() {
    if (thread_.joinable()) thread_.join();
}

void worker::body() noexcept {
    set_thread_name(thread_name_);
    current_worker = this;
    run();
    current_worker = nullptr;
}

} // namespace weir::pipeline::engine

namespace weir::pipeline::this_worker {

std::stop_token stop_token() noexcept {
    const auto* me = engine::worker::current();
    return me != nullptr ? me->shared().stop_callbacks.get_token() : std::stop_token{};
}

std::string_view name() noexcept {
    const auto* me = engine::worker::current();
    return me != nullptr ? std::string_view{me->name()} : std::string_view{};
}

} // namespace weir::pipeline::this_worker
