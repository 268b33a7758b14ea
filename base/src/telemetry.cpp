#include <weir/base/log.hpp>
#include <weir/base/telemetry.hpp>

#include <exception>
#include <mutex>
#include <stdexcept>
#include <vector>

namespace weir {
namespace {

struct listener {
    std::string id;
    std::function<void(const void*)> call;
};

std::string current_exception_text() {
    try {
        throw;
    } catch (const std::exception& e) {
        return e.what();
    } catch (...) {
        return "something not derived from std::exception";
    }
}

void log_listener_failure(std::string_view event, std::string_view id, std::string_view what) {
    log(log_level::error, "telemetry listener '" + std::string{id} + "' of '" + std::string{event} +
                              "' threw and is detached: " + std::string{what});
}

} // namespace

/// The listeners of one event: immutable, replaced as a whole.
struct telemetry::table {
    std::string event;
    std::vector<listener> listeners;
};

/// Every table there ever was. An emitting thread may still walk one that was replaced, so they are freed
/// with the bus; their number is that of attach and detach calls.
struct telemetry::store {
    std::mutex mutex;
    std::vector<std::unique_ptr<const table>> tables;
    failure_hook on_failure{&log_listener_failure};
};

telemetry::telemetry()
    : store_(std::make_unique<store>()) {}

telemetry::~telemetry() = default;

std::size_t telemetry::next_slot() noexcept {
    static std::atomic<std::size_t> next{0};
    const auto slot = next.fetch_add(1);
    if (slot >= max_event_types) {
        log(log_level::error, "more kinds of telemetry events than the bus has room for");
        std::terminate();
    }
    return slot;
}

void telemetry::attach_erased(std::size_t slot, std::string_view name, std::string id, erased_listener call) {
    const std::scoped_lock lock{store_->mutex};
    auto next = std::make_unique<table>();
    if (const auto* current = tables_[slot].load(std::memory_order_relaxed)) *next = *current;
    next->event = name;
    next->listeners.push_back({std::move(id), std::move(call)});
    tables_[slot].store(next.get(), std::memory_order_release);
    store_->tables.push_back(std::move(next));
}

void telemetry::detach(std::string_view id) {
    const std::scoped_lock lock{store_->mutex};
    for (auto& slot : tables_) {
        const auto* current = slot.load(std::memory_order_relaxed);
        if (current == nullptr) continue;
        auto next = std::make_unique<table>(*current);
        if (std::erase_if(next->listeners, [&](const listener& l) { return l.id == id; }) == 0) continue;
        slot.store(next->listeners.empty() ? nullptr : next.get(), std::memory_order_release);
        store_->tables.push_back(std::move(next));
    }
}

void telemetry::dispatch(std::size_t slot, const void* e) {
    const auto* current = tables_[slot].load(std::memory_order_acquire);
    if (current == nullptr) return;
    for (const auto& l : current->listeners) {
        try {
            l.call(e);
        } catch (...) {
            const auto what = current_exception_text();
            detach(l.id);
            report_listener_failure(current->event, l.id, what);
        }
    }
}

void telemetry::report_listener_failure(std::string_view event, std::string_view id, std::string_view what) {
    failure_hook hook;
    {
        const std::scoped_lock lock{store_->mutex};
        hook = store_->on_failure;
    }
    if (!hook) return;
    try {
        hook(event, id, what);
    } catch (...) {
        log_listener_failure(event, id, what);
    }
}

void telemetry::on_listener_failure(failure_hook hook) {
    const std::scoped_lock lock{store_->mutex};
    store_->on_failure = std::move(hook);
}

} // namespace weir
