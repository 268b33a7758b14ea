#pragma once

#include "admission.hpp"
#include "demand_account.hpp"
#include "duplicates.hpp"
#include "producer_context.hpp"
#include "record_pool.hpp"
#include "window_keeper.hpp"

#include <weir/base/bytes.hpp>
#include <weir/connector/inbound.hpp>
#include <weir/mqtt/session/event.hpp>
#include <weir/mqtt/session/session.hpp>
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
    delivery(const producer_context& context, record_pool& pool, window_keeper& keeper, copies& of_messages)
        : context_(context)
        , admission_(context)
        , duplicates_(context, of_messages)
        , pool_(pool)
        , keeper_(keeper) {}

    void open(pipeline::intake<inbound>& into) noexcept { into_ = &into; }

    /// Keys of messages that an earlier process was done with.
    void remember(std::span<const kept_key> keys) { duplicates_.remember(keys, context_.time.now()); }

    /// What does not go to the pipeline.
    struct turned_away {
        std::span<const mqtt::ack_outcome> acks; ///< valid until the next call
        std::size_t demand{0};                   ///< to ask the client for in their place
    };

    turned_away first_time(std::span<mqtt::message_received> messages);

    /// What the pipeline did not take, or nobody looked at, since something threw: without a verdict.
    struct taken_back {
        std::vector<pipeline::settlement> settlements{};
        std::span<const mqtt::ack_outcome> acks{}; ///< what to tell the client; as of `first_time`
        std::vector<bytes> lost{};                 ///< the topics of messages of QoS 0 that nobody looked at
        std::size_t demand{0};                     ///< to ask the client for in their place
    };

    [[nodiscard]] taken_back take_back();

    /// The pipeline has forgotten what it asked for, and will ask again. Any thread.
    void begin_anew() noexcept { demand_.begin_anew(); }

    void again(std::span<inbound_record* const> records);

    /// The pipeline asks for `count` more; how much of it is for the client. Any thread.
    [[nodiscard]] std::size_t forward(std::size_t count) noexcept { return demand_.announced(count); }

    /// Messages handed to the pipeline, repeated ones included. Any thread.
    [[nodiscard]] std::uint64_t delivered() const noexcept {
        return delivered_.load(std::memory_order_relaxed);
    }

    [[nodiscard]] const admission& admitted() const noexcept { return admission_; }

    /// Messages that were copies of others. Any thread.
    [[nodiscard]] std::uint64_t copies() const noexcept { return duplicates_.count(); }

    [[nodiscard]] std::uint64_t brought_again() const noexcept {
        return brought_again_.load(std::memory_order_relaxed);
    }

  private:
    [[nodiscard]] bool turns_away(const mqtt::message_received& m, time_point now);
    void add(mqtt::message_received& m, system_time_point wall);
    void enter(const inbound_record& record);
    [[nodiscard]] std::size_t give_up(std::span<const mqtt::message_received> rest, taken_back& back);
    void emit();

    const producer_context& context_;
    admission admission_;
    duplicates duplicates_;
    std::vector<mqtt::ack_outcome> acks_; ///< reused
    record_pool& pool_;
    window_keeper& keeper_;
    pipeline::intake<inbound>* into_{nullptr};
    std::vector<pipeline::entry<inbound>> entries_; ///< reused; as long as one read's worth of messages
    std::span<mqtt::message_received> untouched_{}; ///< of `first_time`, while it runs
    std::size_t away_{0};                           ///< turned away by it
    std::span<inbound_record* const> returning_{};  ///< of `again`, before they are entries
    std::uint64_t last_no_{0};
    demand_account demand_;
    std::atomic<std::uint64_t> delivered_{0};
    std::atomic<std::uint64_t> brought_again_{0};
};

} // namespace weir::connector
