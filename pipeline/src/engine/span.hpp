#pragma once

#include "engine/control.hpp"

#include <weir/pipeline/engine/parcel.hpp>
#include <weir/pipeline/events/spans.hpp>

#include <vector>

namespace weir::pipeline::engine {

/// One span on the calling worker: open from `start` on, if anybody listened then. A closed one costs a
/// branch. Not thread-safe.
class span {
  public:
    explicit span(control& shared) noexcept
        : shared_(shared) {}

    [[nodiscard]] bool is_open() const noexcept { return open_; }

    /// Opens when somebody listens to any of the events `Listened`, then emits the `Start` that
    /// `make(origin, at)` returns.
    template <class Start, class... Listened, class Make>
    void start(Make&& make) {
        auto& bus = *shared_.bus;
        if (!(bus.listening<Start>() || ... || bus.listening<Listened>())) return;
        open();
        bus.emit<Start>([&] { return make(origin_, at_); });
    }

    /// Closes; emits the `End` that `make(origin, took)` returns.
    template <class End, class Make>
    void end(Make&& make) {
        if (!open_) return;
        open_ = false;
        shared_.bus->emit<End>([&] { return make(origin_, shared_.time->now() - at_.time); });
    }

    /// Emits an event inside of the span, as `end` does.
    template <class Event, class Make>
    void within(Make&& make) {
        if (open_) shared_.bus->emit<Event>([&] { return make(origin_, shared_.time->now() - at_.time); });
    }

  private:
    void open();

    control& shared_;
    bool open_{false};
    span_origin origin_{};
    span_start at_{};
};

/// The messages of a run; `views` is the memory for it.
[[nodiscard]] message_views views_of(const parcel& run, std::vector<message_view>& views);

/// What a failure looks like in an event; views into `why`.
[[nodiscard]] span_failure failure_of(const failure_info& why);

} // namespace weir::pipeline::engine
