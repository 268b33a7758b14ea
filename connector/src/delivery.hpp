#pragma once

#include "demand_account.hpp"
#include "producer_context.hpp"
#include "record_pool.hpp"

#include <weir/connector/inbound.hpp>
#include <weir/mqtt/session/event.hpp>
#include <weir/pipeline/producer.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace weir::connector {

/// Makes messages for the pipeline of what the client received. Lane only, but for `forward` and `delivered`.
class delivery {
  public:
    delivery(const producer_context& context, record_pool& pool)
        : context_(context)
        , pool_(pool) {}

    void open(pipeline::intake<inbound>& into) noexcept { into_ = &into; }

    void first_time(std::span<mqtt::message_received> messages);

    void again(std::span<inbound_record* const> records);

    /// The pipeline asks for `count` more; how much of it is for the client. Any thread.
    [[nodiscard]] std::size_t forward(std::size_t count) noexcept { return demand_.announced(count); }

    /// Messages handed to the pipeline, repeated ones included. Any thread.
    [[nodiscard]] std::uint64_t delivered() const noexcept {
        return delivered_.load(std::memory_order_relaxed);
    }

    [[nodiscard]] std::uint64_t brought_again() const noexcept {
        return brought_again_.load(std::memory_order_relaxed);
    }

  private:
    void add(mqtt::message_received& m, system_time_point wall);
    void emit();

    const producer_context& context_;
    record_pool& pool_;
    pipeline::intake<inbound>* into_{nullptr};
    std::vector<pipeline::entry<inbound>> entries_; ///< reused; as long as one read's worth of messages
    std::uint64_t last_no_{0};
    demand_account demand_;
    std::atomic<std::uint64_t> delivered_{0};
    std::atomic<std::uint64_t> brought_again_{0};
};

} // namespace weir::connector
