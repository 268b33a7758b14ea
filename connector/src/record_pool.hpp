#pragma once

#include "inbound_record.hpp"
#include "record_origin.hpp"

#include <atomic>
#include <cstddef>
#include <memory>

namespace weir::connector {

/// Recycles the records of one producer: the lane takes, any thread gives back. As many records exist as
/// were ever in use at once, which window and demand bound.
///
/// Handles may outlive the producer. So the pool counts the records it has made, and the last of producer
/// and records to go deletes it.
class record_pool {
  public:
    [[nodiscard]] static record_pool* create(std::shared_ptr<const record_origin> origin) {
        return new record_pool(std::move(origin));
    }

    record_pool(const record_pool&) = delete;
    record_pool& operator=(const record_pool&) = delete;

    /// A record with `references` references. Lane only.
    [[nodiscard]] inbound_record& take(std::uint32_t references);

    /// Another reference to a record that somebody else may be about to let go; false when they have. Lane
    /// only.
    [[nodiscard]] static bool try_hold(const inbound_record& record) noexcept;

    /// Drops `count` references; the last one recycles the record. Any thread.
    static void release(const inbound_record& record, std::uint32_t count = 1) noexcept {
        if (record.references.fetch_sub(count, std::memory_order_acq_rel) == count)
            record.pool->recycle(const_cast<inbound_record&>(record)); // made non-const by this pool
    }

    /// The producer is done: nothing is taken any more. Records still out come back by themselves.
    void retire() noexcept;

    [[nodiscard]] const record_origin& origin() const noexcept { return *origin_; }

    /// Records made and not deleted.
    [[nodiscard]] std::size_t size() const noexcept { return owners_.load(std::memory_order_relaxed) - 1; }

  private:
    explicit record_pool(std::shared_ptr<const record_origin> origin)
        : origin_(std::move(origin)) {}

    ~record_pool() = default;

    [[nodiscard]] inbound_record& reuse_or_make();
    void recycle(inbound_record& record) noexcept;
    void give_back(inbound_record& record) noexcept;
    [[nodiscard]] static std::size_t delete_all(inbound_record* list) noexcept;
    void disown(std::size_t owners) noexcept;

    std::shared_ptr<const record_origin> origin_;
    inbound_record* ready_{nullptr};                 ///< the lane's own list
    std::atomic<inbound_record*> returned_{nullptr}; ///< pushed by any thread, taken as a whole by the lane
    std::atomic<std::size_t> owners_{1};             ///< the producer and every record
    inbound_record closed_{};                        ///< head of `returned_` once retired
};

} // namespace weir::connector
