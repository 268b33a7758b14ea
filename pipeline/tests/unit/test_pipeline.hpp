#pragma once

#include "test_source.hpp"

#include <weir/base/telemetry.hpp>
#include <weir/pipeline/start.hpp>

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace weir::pipeline::testing {

using test_message = message<int, int>;
using test_batch = batch<int, int>;

/// A handler out of functions that tests set; shared, since a handler moves into its pipeline.
struct callbacks {
    std::function<void(test_message&)> handle_message = [](auto&) {};
    std::function<void(test_batch&)> handle_batch = [](auto&) {};
    std::function<void(std::span<test_message>)> prepare_messages = [](auto) {};
    std::function<void(std::span<test_message>)> handle_failed = [](auto) {};
};

struct function_handler {
    std::shared_ptr<callbacks> f;

    void handle_message(test_message& m) const { f->handle_message(m); }

    void handle_batch(test_batch& b) const { f->handle_batch(b); }

    void prepare_messages(std::span<test_message> s) const { f->prepare_messages(s); }

    void handle_failed(std::span<test_message> s) const { f->handle_failed(s); }
};

/// A value below zero cannot be decoded: even ones are an error, odd ones throw.
inline result<int> decode(const int& raw) {
    if (raw >= 0) return raw;
    if (raw % 2 == 0) return failure("negative");
    throw std::runtime_error{"odd and negative"};
}

inline running_pipeline run(
    options o, const std::shared_ptr<test_source>& source, const callbacks& f,
    std::shared_ptr<telemetry> bus = nullptr) {
    if (o.name.empty()) o.name = "test";
    return start<int>(
        std::move(o), {source}, function_handler{std::make_shared<callbacks>(f)}, &decode, std::move(bus));
}

/// A door at which callbacks wait until a test opens it.
class door {
  public:
    void pass() {
        std::unique_lock lock{mutex_};
        ++waiting_;
        changed_.notify_all();
        changed_.wait(lock, [this] { return open_; });
        --waiting_;
    }

    void open() {
        const std::scoped_lock lock{mutex_};
        open_ = true;
        changed_.notify_all();
    }

    [[nodiscard]] bool wait_for_waiting(
        std::size_t n, std::chrono::milliseconds limit = std::chrono::seconds{20}) {
        std::unique_lock lock{mutex_};
        return changed_.wait_for(lock, limit, [&] { return waiting_ >= n; });
    }

    [[nodiscard]] std::size_t waiting() const {
        const std::scoped_lock lock{mutex_};
        return waiting_;
    }

  private:
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    std::size_t waiting_{0};
    bool open_{false};
};

} // namespace weir::pipeline::testing
