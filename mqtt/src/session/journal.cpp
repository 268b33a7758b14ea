#include "session/journal.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

namespace weir::mqtt {
namespace {

/// Counted for each record besides its content.
constexpr std::size_t overhead = 64;

std::size_t size_of(const store_change& c) {
    return c.record.head.size() + c.record.payload.size() + overhead;
}

bool is_message_put(const store_change& c) {
    return !c.erase && c.record.what == stored_record::kind::message;
}

} // namespace

void journal::opened(const store_usage& in_use) noexcept {
    open_ = true;
    in_use_ = in_use;
}

journal::mark journal::put(stored_record::kind what, std::uint64_t key, bytes head, bytes payload) {
    next_.push_back({{what, key, std::move(head), std::move(payload)}, false});
    next_bytes_ += size_of(next_.back());
    return number_;
}

journal::mark journal::erase(stored_record::kind what, std::uint64_t key) {
    next_.push_back({{what, key, {}, {}}, true});
    return number_;
}

bool journal::fits(std::size_t size) const noexcept {
    return !failure_.code && in_use_.bytes + under_way_bytes_ + next_bytes_ + size + overhead <= limit_;
}

error journal::refusal() const {
    if (failure_.code) return failure_;
    return {
        errc::store_full,
        std::to_string(in_use_.bytes) + " bytes of " + std::to_string(limit_) + " are in use"};
}

std::shared_ptr<const journal::batch> journal::take(time_point now) {
    if (under_way_ || next_.empty()) return nullptr;
    if (const auto due = deadline(); due && now < *due) return nullptr;
    under_way_ = std::make_shared<batch>(std::move(next_));
    next_.clear();
    under_way_bytes_ = std::exchange(next_bytes_, 0);
    since_.reset();
    retry_at_.reset();
    ++number_;
    return under_way_;
}

void journal::written(const store_usage& in_use) {
    under_way_.reset();
    under_way_bytes_ = 0;
    in_use_ = in_use;
    written_ = number_ - 1;
    failure_ = {};
    ++writes_;
}

std::unordered_set<std::uint64_t> journal::failed(error why, time_point now) {
    auto all = std::move(*std::exchange(under_way_, nullptr));
    std::move(next_.begin(), next_.end(), std::back_inserter(all));
    std::unordered_set<std::uint64_t> taken_back;
    for (auto& c : all) {
        if (!is_message_put(c)) continue;
        taken_back.insert(c.record.key);
        // It may have been written all the same.
        c = {{c.record.what, c.record.key, {}, {}}, true};
    }
    std::erase_if(all, [&](const store_change& c) {
        return !c.erase && c.record.what == stored_record::kind::flight && taken_back.contains(c.record.key);
    });
    for (const auto key : taken_back)
        all.push_back({{stored_record::kind::flight, key, {}, {}}, true});
    next_ = std::move(all);
    next_bytes_ = 0;
    for (const auto& c : next_)
        if (!c.erase) next_bytes_ += size_of(c);
    under_way_bytes_ = 0;
    failure_ = std::move(why);
    retry_at_ = now + retry_after;
    ++failures_;
    return taken_back;
}

std::optional<time_point> journal::deadline() const noexcept {
    if (under_way_ || next_.empty()) return std::nullopt;
    if (retry_at_) return retry_at_;
    if (gather_ != duration{} && since_) return *since_ + gather_;
    return std::nullopt;
}

void journal::turn_ended(time_point now) noexcept {
    if (!since_ && !next_.empty()) since_ = now;
}

} // namespace weir::mqtt
