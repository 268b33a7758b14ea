#pragma once

#include "engine/agenda.hpp"
#include "engine/control.hpp"
#include "stage/retry_schedule.hpp"

#include <weir/base/time.hpp>
#include <weir/pipeline/engine/parcel.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <random>
#include <utility>
#include <vector>

namespace weir::pipeline::engine {

/// Where failed items wait for another attempt. One takes a place before it is given a verdict; the places
/// are bounded. Thread-safe.
template <class Item>
class waiting_room : public timed {
  public:
    enum class answer : std::uint8_t {
        granted,   ///< a place is taken
        exhausted, ///< no attempt is left
        full,      ///< no place is left
    };

    struct place {
        waiting_room::answer answer{answer::exhausted};
        duration pause{}; ///< before the next attempt
    };

    [[nodiscard]] bool enabled() const noexcept { return schedule_.enabled(); }

    [[nodiscard]] std::size_t bound() const noexcept { return bound_; }

    [[nodiscard]] std::size_t taken() const noexcept {
        const std::scoped_lock lock{mutex_};
        return taken_;
    }

    /// The item takes its place. False: nothing waits any more; the place is given back, the item stays where
    /// it was.
    [[nodiscard]] bool put(Item& item, duration pause) {
        bool earliest = false;
        {
            const std::scoped_lock lock{mutex_};
            if (abandoned_) {
                --taken_;
                return false;
            }
            if (draining_)
                send(std::move(item), true);
            else
                earliest = push({time_.now() + pause, next_number_++, std::move(item)});
        }
        if (earliest) shared_.progress.raise();
        return true;
    }

    /// Gives a place back: it was not needed, or its item was taken up.
    void leave() noexcept {
        const std::scoped_lock lock{mutex_};
        --taken_;
    }

    /// Those that wait get one last attempt now; those that come later, too.
    void drain() {
        const std::scoped_lock lock{mutex_};
        draining_ = true;
        while (!heap_.empty())
            send(pop(), true);
    }

    /// Refuses items from now on and gives up those that wait here; says what is owed for them.
    [[nodiscard]] std::vector<obligation> abandon() {
        const std::scoped_lock lock{mutex_};
        abandoned_ = true;
        std::vector<obligation> owed;
        for (const auto& w : heap_)
            owed_for(w.item, owed);
        taken_ -= heap_.size();
        heap_.clear();
        return owed;
    }

    [[nodiscard]] std::optional<time_point> due() const override {
        const std::scoped_lock lock{mutex_};
        if (heap_.empty()) return std::nullopt;
        return heap_.front().due;
    }

    void tick(time_point now) override {
        const std::scoped_lock lock{mutex_};
        while (!heap_.empty() && heap_.front().due <= now)
            send(pop(), false);
    }

  protected:
    waiting_room(
        const retry_schedule& schedule, std::size_t bound, control& shared, const time_source& time,
        std::uint64_t seed)
        : schedule_(schedule)
        , bound_(schedule.enabled() ? bound : 0)
        , shared_(shared)
        , time_(time)
        , chance_(static_cast<std::minstd_rand::result_type>(seed + 1)) {}

    /// Sends an item on its way to its next attempt; after a `last` one there is none.
    virtual void send(Item item, bool last) = 0;

    virtual void owed_for(const Item& item, std::vector<obligation>& into) const = 0;

    /// Asks for another attempt after that many, the first of which began `since`.
    [[nodiscard]] place ask(std::size_t attempts, time_point since, time_point now) {
        const std::scoped_lock lock{mutex_};
        const auto chance = std::uniform_real_distribution<double>{0.0, 1.0}(chance_);
        const auto pause = schedule_.pause(attempts, now - since, chance);
        if (!pause) return {};
        if (taken_ == bound_) return {answer::full};
        ++taken_;
        return {answer::granted, draining_ ? duration{} : *pause};
    }

    /// Inside of `send`: the item's place is free again.
    void free_place() noexcept { --taken_; }

    [[nodiscard]] time_point now() const noexcept { return time_.now(); }

  private:
    struct waiting {
        time_point due{};
        std::uint64_t number{0}; // first come, first served among those due at once
        Item item;
    };

    /// For a heap whose front is the earliest.
    struct later {
        bool operator()(const waiting& a, const waiting& b) const noexcept {
            return a.due != b.due ? a.due > b.due : a.number > b.number;
        }
    };

    /// Whether it is the earliest now.
    [[nodiscard]] bool push(waiting w) {
        const auto number = w.number;
        heap_.push_back(std::move(w));
        std::push_heap(heap_.begin(), heap_.end(), later{});
        return heap_.front().number == number;
    }

    [[nodiscard]] Item pop() {
        std::pop_heap(heap_.begin(), heap_.end(), later{});
        auto item = std::move(heap_.back().item);
        heap_.pop_back();
        return item;
    }

    retry_schedule schedule_;
    std::size_t bound_;
    control& shared_;
    const time_source& time_;

    mutable std::mutex mutex_;  // guards all below
    std::vector<waiting> heap_; // at most bound_
    std::size_t taken_{0};      // places
    std::uint64_t next_number_{0};
    std::minstd_rand chance_;
    bool draining_{false};
    bool abandoned_{false};
};

} // namespace weir::pipeline::engine
