#include "record_pool.hpp"

#include "copies.hpp"

#include <utility>

namespace weir::connector {

inbound_record& record_pool::take(std::uint32_t references) {
    auto& record = reuse_or_make();
    record.references.store(references, std::memory_order_relaxed);
    record.attempt = 1;
    record.ended.store(false, std::memory_order_relaxed);
    return record;
}

bool record_pool::try_hold(const inbound_record& record) noexcept {
    auto count = record.references.load(std::memory_order_relaxed);
    while (count != 0)
        if (record.references.compare_exchange_weak(count, count + 1, std::memory_order_acquire)) return true;
    return false;
}

inbound_record& record_pool::reuse_or_make() {
    if (ready_ == nullptr) ready_ = returned_.exchange(nullptr, std::memory_order_acquire);
    if (ready_ != nullptr) return *std::exchange(ready_, ready_->next_free);
    auto* made = new inbound_record;
    made->pool = this;
    owners_.fetch_add(1, std::memory_order_relaxed);
    return *made;
}

void record_pool::recycle(inbound_record& record) noexcept {
    // The slices go at once: they keep whole blocks of the connection's read buffers alive.
    record.received.topic = {};
    record.received.payload = {};
    record.received.props.clear();
    record.key.clear();
    record.outcome.reset();
    give_back(record);
}

void record_pool::give_back(inbound_record& record) noexcept {
    auto* head = returned_.load(std::memory_order_relaxed);
    do {
        if (head == &closed_) {
            delete &record;
            return disown(1);
        }
        record.next_free = head;
    } while (!returned_.compare_exchange_weak(
        head, &record, std::memory_order_release, std::memory_order_relaxed));
}

void record_pool::retire() noexcept {
    const auto idle = delete_all(std::exchange(ready_, nullptr)) +
                      delete_all(returned_.exchange(&closed_, std::memory_order_acq_rel));
    disown(idle + 1);
}

std::size_t record_pool::delete_all(inbound_record* list) noexcept {
    std::size_t count = 0;
    for (; list != nullptr; ++count)
        delete std::exchange(list, list->next_free);
    return count;
}

void record_pool::disown(std::size_t owners) noexcept {
    if (owners_.fetch_sub(owners, std::memory_order_acq_rel) == owners) delete this;
}

} // namespace weir::connector
