#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace weir {

/// An event bus. An event is a struct with `static constexpr std::string_view event_name`, such as
/// "connection.up"; its members are measurements and metadata. Views in a payload are valid during the call
/// only; listeners that keep data copy it.
///
/// Listeners run on the emitting thread, one after another; one that throws is detached and reported. With no
/// listener an event costs one atomic load: the payload is not even built. Thread-safe.
class telemetry {
  public:
    using failure_hook =
        std::function<void(std::string_view event, std::string_view listener, std::string_view what)>;

    telemetry();
    telemetry(const telemetry&) = delete;
    telemetry& operator=(const telemetry&) = delete;
    ~telemetry();

    /// Calls `listener` for every `Event` from now on. The same id may listen to any number of events.
    template <class Event>
    void attach(std::string id, std::function<void(const Event&)> listener) { // NOLINT: id is moved
        attach_erased(
            slot<Event>(), Event::event_name, std::move(id),
            [f = std::move(listener)](const void* e) { f(*static_cast<const Event*>(e)); });
    }

    /// Ends every listener of that id. One that runs at this moment may still finish.
    void detach(std::string_view id);

    [[nodiscard]] bool listening(std::size_t slot) const noexcept {
        return tables_[slot].load(std::memory_order_acquire) != nullptr;
    }

    /// Whether anybody listens to that event at this moment.
    template <class Event>
    [[nodiscard]] bool listening() const noexcept {
        return listening(slot<Event>());
    }

    /// Emits what `make()` returns, if anybody listens.
    template <class Event, class Make>
    void emit(Make&& make) {
        if (!listening(slot<Event>())) return;
        const Event e = std::forward<Make>(make)();
        dispatch(slot<Event>(), &e);
    }

    /// Told when a listener throws. Default: writes to the log. Null: nobody is told.
    void on_listener_failure(failure_hook hook);

  private:
    static constexpr std::size_t max_event_types = 128;
    using erased_listener = std::function<void(const void*)>;
    struct table;
    struct store;

    [[nodiscard]] static std::size_t next_slot() noexcept;

    template <class Event>
    [[nodiscard]] static std::size_t slot() noexcept {
        static const std::size_t index = next_slot();
        return index;
    }

    void attach_erased(std::size_t slot, std::string_view name, std::string id, erased_listener listener);
    void dispatch(std::size_t slot, const void* e);
    void report_listener_failure(std::string_view event, std::string_view id, std::string_view what);

    std::array<std::atomic<const table*>, max_event_types> tables_{};
    std::unique_ptr<store> store_;
};

} // namespace weir
