#pragma once

#include <weir/base/time.hpp>

#include <optional>
#include <vector>

namespace weir::pipeline::engine {

/// A part of a pipeline that has something to do at certain times.
class timed {
  public:
    virtual ~timed() = default;

    /// When; nothing: not now. When that moves forward outside of `tick`, the part raises the progress
    /// signal.
    [[nodiscard]] virtual std::optional<time_point> due() const = 0;

    /// Does what has come due by `now`. Quick: others wait for their turn.
    virtual void tick(time_point now) = 0;

  protected:
    timed() = default;
    timed(const timed&) = default;
    timed& operator=(const timed&) = default;
};

/// All parts with something to do at certain times; the conductor keeps their time.
class agenda {
  public:
    /// Before the start. The part must outlive the conductor's thread.
    void add(timed& part) { parts_.push_back(&part); }

    [[nodiscard]] std::optional<time_point> due() const {
        std::optional<time_point> first;
        for (const auto* p : parts_)
            first = earlier(first, p->due());
        return first;
    }

    /// Whether anything was due.
    bool tick(time_point now) {
        bool any = false;
        for (auto* p : parts_) {
            const auto when = p->due();
            if (!when || *when > now) continue;
            p->tick(now);
            any = true;
        }
        return any;
    }

    [[nodiscard]] static std::optional<time_point> earlier(
        std::optional<time_point> a, std::optional<time_point> b) noexcept {
        if (!a || !b) return a ? a : b;
        return *a < *b ? a : b;
    }

  private:
    std::vector<timed*> parts_;
};

} // namespace weir::pipeline::engine
