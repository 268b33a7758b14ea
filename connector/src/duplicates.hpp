#pragma once

#include "copies.hpp"
#include "inbound_record.hpp"
#include "key_filter.hpp"
#include "key_keeper.hpp"
#include "overlap_filter.hpp"
#include "producer_context.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

namespace weir::connector {

/// Recognises received messages that are copies of others, by the options `idempotency_key` and `overlap`.
/// Lane only, but for the count.
class duplicates {
  public:
    duplicates(const producer_context& context, copies& of_messages);

    /// Whether there is anything to look at.
    [[nodiscard]] bool looks() const noexcept { return keyed_ || overlaps_; }

    /// Keys of messages that an earlier process was done with.
    void remember(std::span<const kept_key> keys, time_point now);

    enum class verdict : std::uint8_t {
        fresh,       ///< it goes to the pipeline
        waits,       ///< a copy: it is acknowledged with the message it is a copy of
        acknowledge, ///< a copy of what is acknowledged
    };

    [[nodiscard]] verdict judge(const mqtt::message_received& m, time_point now);

    /// Notes what was found out about the message that was judged last.
    void mark(inbound_record& r);

    [[nodiscard]] std::uint64_t count() const noexcept { return count_.load(std::memory_order_relaxed); }

  private:
    [[nodiscard]] std::string key_of(const mqtt::publish& p);
    void complain(const std::string& what);
    [[nodiscard]] verdict by_key(const mqtt::message_received& m, time_point now);
    [[nodiscard]] verdict by_overlap(const mqtt::message_received& m, time_point now);
    [[nodiscard]] verdict join(shared_outcome& of, const mqtt::message_received& m);

    const producer_context& context_;
    copies& copies_;
    const bool keyed_;
    key_filter keys_;
    std::optional<overlap_filter> overlaps_;
    std::string key_;                         ///< of the message judged last
    std::shared_ptr<shared_outcome> outcome_; ///< likewise
    bool complained_{false};
    std::atomic<std::uint64_t> count_{0};
};

} // namespace weir::connector
