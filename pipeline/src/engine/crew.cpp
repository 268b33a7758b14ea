#include "engine/crew.hpp"

#include <weir/pipeline/engine/capture.hpp>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace weir::pipeline::engine {

crew::crew(std::size_t size, const recruiter& recruit, ledger_lanes& lanes, bool stepped)
    : recruit_(recruit)
    , lanes_(lanes)
    , stepped_(stepped) {
    for (std::size_t i = 0; i < size; ++i)
        members_.push_back(this->recruit(i));
}

crew::member crew::recruit(std::size_t index) {
    const auto lane = lanes_.take();
    if (!lane) throw std::length_error{"too many workers that were let go have not returned yet"};
    try {
        return {recruit_(index, *lane), *lane};
    } catch (...) {
        lanes_.give_back(*lane);
        throw;
    }
}

void crew::start() {
    for (const auto& w : everyone())
        begin(*w);
}

void crew::begin(worker& w) const {
    if (stepped_)
        w.enter();
    else
        w.start();
}

std::size_t crew::size() const {
    const std::scoped_lock lock{mutex_};
    return members_.size();
}

void crew::grow(std::size_t size) {
    const std::scoped_lock change{changing_};
    forget_finished();
    const auto before = this->size();
    try {
        for (auto i = before; i < size; ++i) {
            auto fresh = recruit(i);
            {
                // A member before it begins: what it has in hand must be seen from the first message on.
                const std::scoped_lock lock{mutex_};
                members_.push_back(fresh);
            }
            begin(*fresh.who);
        }
    } catch (...) {
        while (this->size() > before)
            send_off();
        throw;
    }
}

void crew::shrink(std::size_t size) {
    const std::scoped_lock change{changing_};
    while (this->size() > size)
        send_off();
    forget_finished();
}

bool crew::replace(const worker& hanging, std::size_t most) noexcept {
    const std::scoped_lock change{changing_};
    try {
        forget_finished();
        const auto index = index_of(hanging);
        if (!index || everyone().size() >= most) return false;
        take_place(*index);
        return true;
    } catch (...) {
        static_cast<void>(capture_exception("replacing " + hanging.name()));
        return false;
    }
}

std::optional<std::size_t> crew::index_of(const worker& w) const {
    const std::scoped_lock lock{mutex_};
    for (std::size_t i = 0; i < members_.size(); ++i)
        if (members_[i].who.get() == &w) return i;
    return std::nullopt;
}

void crew::take_place(std::size_t index) {
    const auto fresh = recruit(index);
    member old;
    {
        const std::scoped_lock lock{mutex_};
        old = members_[index];
        leaving_.push_back(old);
        members_[index] = fresh;
    }
    try {
        begin(*fresh.who);
    } catch (...) {
        const std::scoped_lock lock{mutex_};
        members_[index] = old;
        leaving_.pop_back();
        lanes_.give_back(fresh.lane);
        throw;
    }
    old.who->dismiss();
}

void crew::send_off() {
    const std::scoped_lock lock{mutex_};
    leaving_.push_back(std::move(members_.back()));
    members_.pop_back();
    leaving_.back().who->dismiss();
}

/// Their lanes are free for others.
void crew::forget_finished() {
    for (const auto& gone : take_finished()) {
        gone.who->join();
        if (stepped_) gone.who->leave();
        lanes_.give_back(gone.lane);
    }
}

std::vector<crew::member> crew::take_finished() {
    const std::scoped_lock lock{mutex_};
    const auto first = std::stable_partition(
        leaving_.begin(), leaving_.end(), [](const member& m) { return !m.who->finished(); });
    std::vector<member> gone{first, leaving_.end()};
    leaving_.erase(first, leaving_.end());
    return gone;
}

std::vector<std::shared_ptr<worker>> crew::everyone() const {
    const std::scoped_lock lock{mutex_};
    std::vector<std::shared_ptr<worker>> all;
    for (const auto* list : {&members_, &leaving_})
        for (const auto& m : *list)
            all.push_back(m.who);
    return all;
}

void crew::join() {
    for (const auto& w : everyone())
        w->join();
}

} // namespace weir::pipeline::engine
