#include "client/store_worker.hpp"

#include <weir/base/thread_name.hpp>
#include <weir/mqtt/types/errc.hpp>

#include <exception>
#include <string>
#include <utility>

namespace weir::mqtt {
namespace {

/// Calls a store, which may be the application's own.
template <class Outcome, class Call>
Outcome shielded(Call&& call) noexcept {
    try {
        return call();
    } catch (const std::exception& e) {
        return error{errc::io_error, std::string{"the session store threw: "} + e.what()};
    } catch (...) {
        return error{errc::io_error, "the session store threw what is no std::exception"};
    }
}

} // namespace

store_worker::store_worker(io_lane& lane, std::unique_ptr<session_store> store)
    : lane_(lane)
    , store_(std::move(store))
    , thread_([this] { work(); }) {}

store_worker::~store_worker() {
    {
        const std::lock_guard lock{mutex_};
        ending_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void store_worker::open(std::function<void(result<store_content>)> done) {
    add([this, done = std::move(done)] {
        auto content = std::make_shared<result<store_content>>(
            shielded<result<store_content>>([this] { return store_->open(); }));
        lane_.post([done, content] { done(std::move(*content)); });
    });
}

void store_worker::write(changes list, std::function<void(result<store_usage>)> done) {
    add([this, list = std::move(list), done = std::move(done)] {
        auto outcome = shielded<result<store_usage>>([&] { return store_->write(*list); });
        lane_.post([done, outcome = std::move(outcome)] { done(outcome); });
    });
}

void store_worker::close(std::function<void()> done) {
    add([this, done = std::move(done)] {
        store_->close();
        lane_.post(done);
    });
}

void store_worker::add(std::function<void()> job) {
    {
        const std::lock_guard lock{mutex_};
        jobs_.push_back(std::move(job));
    }
    changed_.notify_one();
}

void store_worker::work() {
    set_thread_name("weir-store");
    std::unique_lock lock{mutex_};
    while (true) {
        changed_.wait(lock, [this] { return ending_ || !jobs_.empty(); });
        if (jobs_.empty()) break;
        const auto job = std::move(jobs_.front());
        jobs_.pop_front();
        lock.unlock();
        job();
        lock.lock();
    }
    store_->close();
}

} // namespace weir::mqtt
