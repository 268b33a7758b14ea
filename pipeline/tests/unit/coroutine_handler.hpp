#pragma once

#include "test_pipeline.hpp"

#include <weir/base/completion.hpp>
#include <weir/base/task.hpp>
#include <weir/pipeline/testing/virtual_pipeline.hpp>
#include <weir/pipeline/this_worker.hpp>

#include <functional>
#include <memory>
#include <utility>

namespace weir::pipeline::testing {

/// Coroutines that tests set.
struct coroutines {
    std::function<task<void>(test_message&)> handle_message = [](auto&) -> task<void> { co_return; };
    std::function<task<void>(test_batch&)> handle_batch = [](auto&) -> task<void> { co_return; };
    std::function<void(std::span<test_message>)> handle_failed = [](auto) {};
};

/// Both callbacks are coroutines.
struct coroutine_handler {
    std::shared_ptr<coroutines> f;

    task<void> handle_message(test_message& m) const { return f->handle_message(m); }

    task<void> handle_batch(test_batch& b) const { return f->handle_batch(b); }

    void handle_failed(std::span<test_message> s) const { f->handle_failed(s); }
};

/// Only `handle_batch` is one.
struct mixed_handler {
    std::shared_ptr<coroutines> f;
    std::shared_ptr<callbacks> sync;

    void handle_message(test_message& m) const { sync->handle_message(m); }

    task<void> handle_batch(test_batch& b) const { return f->handle_batch(b); }
};

} // namespace weir::pipeline::testing
