#include "unfinished.hpp"

#include "record_pool.hpp"

#include <algorithm>

namespace weir::connector {

void unfinished::add(const inbound_record& record) {
    while (!list_.empty() && has_ended(list_.front()))
        list_.pop_front();
    if (list_.size() >= tidy_at_) { // one that lasts has kept those behind it
        std::erase_if(list_, has_ended);
        tidy_at_ = std::max(least_tidy, 2 * list_.size());
    }
    list_.push_back({&record, record.message_no});
}

inbound unfinished::oldest() {
    for (; !list_.empty(); list_.pop_front())
        if (!has_ended(list_.front()) && record_pool::try_hold(*list_.front().record))
            return inbound(list_.front().record);
    return {};
}

bool unfinished::has_ended(const place& p) noexcept {
    return p.record->message_no != p.message_no || p.record->ended.load(std::memory_order_relaxed);
}

} // namespace weir::connector
