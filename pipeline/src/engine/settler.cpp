#include "engine/settler.hpp"

#include <weir/pipeline/engine/capture.hpp>
#include <weir/pipeline/events.hpp>

#include <algorithm>

namespace weir::pipeline::engine {

void settler::add_all(std::span<const obligation> owed, outcome result, std::string_view reason) {
    for (const auto& o : owed)
        add(o, result, reason);
}

void settler::flush() {
    if (!settlements_.empty()) tell_all();
    if (settled_before_ > 0) accounts_.left_early(lane_, settled_before_);
    settled_before_ = 0;
}

void settler::settle_now(head_list heads, in_hand& hand) {
    for (std::size_t i = 0; i < heads.size(); ++i) {
        auto& head = heads[i];
        if (head.ack.owner == nullptr) continue;
        const auto release = hand.let_go(head.ack);
        if (release == in_hand::release::not_here) continue;
        if (release == in_hand::release::granted) {
            accounts_.count(lane_, ledger::entry::early, 1);
            const bool failed = head.failure != nullptr;
            add(owed(head), failed ? outcome::failed : outcome::successful,
                failed ? std::string_view{head.failure->text} : std::string_view{});
        }
        head.ack.owner = nullptr;
        head.windowed = false;
    }
    flush();
}

void settler::tell_all() {
    if (single_owner()) {
        const auto windowed =
            std::count_if(owners_.begin(), owners_.end(), [](const whom& w) { return w.windowed; });
        tell(owners_.front().owner, {settlements_, accepted_, static_cast<std::size_t>(windowed)});
    } else {
        flush_by_owner();
    }
    settlements_.clear();
    owners_.clear();
    accepted_.clear();
}

bool settler::single_owner() const noexcept {
    const auto* first = owners_.front().owner;
    return std::all_of(owners_.begin(), owners_.end(), [&](const whom& w) { return w.owner == first; });
}

void settler::flush_by_owner() {
    for (std::size_t first = 0; first < owners_.size(); ++first) {
        auto* const owner = owners_[first].owner;
        if (owner == nullptr) continue; // told already
        std::size_t windowed = 0;
        group_.clear();
        group_accepted_.clear();
        for (std::size_t i = first; i < owners_.size(); ++i) {
            if (owners_[i].owner != owner) continue;
            group_.push_back(settlements_[i]);
            group_accepted_.push_back(accepted_[i]);
            windowed += owners_[i].windowed ? 1 : 0;
            owners_[i].owner = nullptr;
        }
        tell(owner, {group_, group_accepted_, windowed});
    }
}

void settler::tell(acknowledger* owner, const told& what) {
    const auto settlements = what.settlements;
    tally t;
    for (const auto& s : settlements)
        t.count(s.result);
    span_.start<ack_start, ack_stop, ack_exception>([&](const span_origin& o, const span_start& at) {
        return ack_start{o, at, settlements.size()};
    });
    try {
        owner->settle(settlements);
    } catch (...) {
        report_failure(settlements.size());
    }
    span_.end<ack_stop>([&](const span_origin& o, duration took) {
        return ack_stop{o, took, settlements.size()};
    });
    if (shared_.outcomes != nullptr && verdicts_ == verdicts::given) shared_.outcomes->settled(settlements);
    accounts_.settled(lane_, owner, t, what.windowed);
    if (stage_ != nullptr) stage_->settled(lane_, t);
    shared_.bus->emit<messages_settled>([&] {
        return messages_settled{shared_.pipeline, settlements, what.accepted, shared_.time->now()};
    });
}

void settler::report_failure(std::size_t count) {
    const auto why = capture_exception("the acknowledger");
    span_.end<ack_exception>([&](const span_origin& o, duration took) {
        return ack_exception{o, took, count, failure_of(why)};
    });
    accounts_.count(lane_, ledger::entry::settle_failures, count);
    shared_.bus->emit<settlement_failed>([&] {
        return settlement_failed{shared_.pipeline, count, why.text};
    });
}

} // namespace weir::pipeline::engine
