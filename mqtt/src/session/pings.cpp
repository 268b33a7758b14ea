#include "session/pings.hpp"

#include <weir/mqtt/types/errc.hpp>

#include <string>
#include <utility>

namespace weir::mqtt {

bool pings::send(operation_id operation, time_point now, outbox& out) {
    if (waiting_.size() >= most) return false;
    out.send(pingreq{});
    waiting_.push_back({operation, now});
    calls_ += operation == 0 ? 0 : 1;
    return true;
}

void pings::answered(time_point now, events& ev) {
    if (waiting_.empty()) return drops_.add(dropped::what::unexpected_ack);
    const auto asked = waiting_.pop_front();
    last_ = now - asked.sent;
    if (asked.operation == 0) return;
    --calls_;
    ev.emplace_back(ping_done{asked.operation, {}, last_});
}

void pings::cancel(operation_id operation, events& ev) {
    for (std::size_t i = 0; calls_ != 0 && i < waiting_.size(); ++i) {
        if (waiting_[i].operation != operation) continue;
        --calls_;
        ev.emplace_back(ping_done{std::exchange(waiting_[i].operation, 0), {errc::aborted, "canceled"}, {}});
    }
}

void pings::expire(time_point now, events& ev) {
    if (calls_ == 0) return;
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
        auto& asked = waiting_[i];
        if (now < asked.sent + answer_timeout_) return;
        if (asked.operation == 0) continue;
        --calls_;
        const auto limit = std::to_string(answer_timeout_.count());
        ev.emplace_back(ping_done{
            std::exchange(asked.operation, 0), {errc::ack_timeout, "no answer within " + limit + " ms"}, {}});
    }
}

std::optional<time_point> pings::deadline() const noexcept {
    if (calls_ == 0) return std::nullopt;
    for (std::size_t i = 0; i < waiting_.size(); ++i)
        if (waiting_[i].operation != 0) return waiting_[i].sent + answer_timeout_;
    return std::nullopt;
}

void pings::end(const error& reason, events& ev) {
    while (!waiting_.empty())
        if (const auto asked = waiting_.pop_front(); asked.operation != 0)
            ev.emplace_back(ping_done{asked.operation, reason, {}});
    calls_ = 0;
}

} // namespace weir::mqtt
