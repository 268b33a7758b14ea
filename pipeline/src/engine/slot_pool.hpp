#pragma once

#include "engine/agenda.hpp"
#include "engine/coro_worker.hpp"

#include <weir/pipeline/engine/parcel.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace weir::pipeline::engine {

/// The slots of one worker, used again and again. Others may call `revoke`, `expire`, `began` and
/// `hangs`.
template <class Work>
class slot_pool {
  public:
    struct slot final : coro_slot {
        slot(coro_worker& owner, std::unique_ptr<Work> w) noexcept
            : coro_slot(owner)
            , work(std::move(w)) {}

        slot(const slot&) = delete;
        slot& operator=(const slot&) = delete;

        ~slot() override { forget(); } // it uses the work's messages

        std::unique_ptr<Work> work;
    };

    slot_pool(coro_worker& owner, std::function<std::unique_ptr<Work>()> make)
        : owner_(owner)
        , make_(std::move(make)) {}

    [[nodiscard]] slot& take() {
        if (free_.empty()) grow();
        auto* const s = free_.back();
        free_.pop_back();
        return *s;
    }

    void give_back(slot& s) noexcept { free_.push_back(&s); }

    template <class Function>
    void for_each(Function f) {
        for (const auto& s : all_)
            f(*s);
    }

    /// The works that have something in hand.
    template <class Function>
    void for_each_busy(Function f) {
        for (const auto& s : all_)
            if (s->work->hand().busy()) f(*s->work);
    }

    /// As `worker::revoke`.
    [[nodiscard]] bool revoke(std::vector<obligation>& into) {
        const std::scoped_lock lock{mutex_};
        bool any_begun = false;
        for (const auto& s : all_) {
            const bool begun = s->begun();
            if (s->work->hand().revoke(into) && begun) any_begun = true;
        }
        return any_begun;
    }

    /// As `worker::expire`.
    [[nodiscard]] bool expire(time_point began_by, std::vector<obligation>& into) {
        const std::scoped_lock lock{mutex_};
        bool any = false;
        for (const auto& s : all_)
            any |= s->work->hand().expire(began_by, into);
        return any;
    }

    /// The earliest of all.
    [[nodiscard]] std::optional<time_point> began() const {
        const std::scoped_lock lock{mutex_};
        std::optional<time_point> first;
        for (const auto& s : all_)
            first = agenda::earlier(first, std::as_const(*s->work).hand().began());
        return first;
    }

    [[nodiscard]] bool hangs() const {
        const std::scoped_lock lock{mutex_};
        return std::any_of(all_.begin(), all_.end(), [](const auto& s) {
            return std::as_const(*s->work).hand().has_expired();
        });
    }

  private:
    void grow() {
        free_.reserve(all_.size() + 1);
        auto added = std::make_unique<slot>(owner_, make_());
        const std::scoped_lock lock{mutex_};
        free_.push_back(added.get());
        all_.push_back(std::move(added));
    }

    coro_worker& owner_;
    std::function<std::unique_ptr<Work>()> make_;
    mutable std::mutex mutex_;               // held while `all_` grows, and by others while they look at it
    std::vector<std::unique_ptr<slot>> all_; // at most what the worker may have in hand
    std::vector<slot*> free_;
};

} // namespace weir::pipeline::engine
