#pragma once

#include <weir/base/time.hpp>
#include <weir/mqtt/session/event.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

namespace weir::connector {

class record_pool;
struct shared_outcome;

/// What an `inbound` refers to. Written by the lane before anybody else sees it and immutable then, but for
/// the counts and `attempt`, which the lane raises between two trips through the pipeline.
struct inbound_record {
    record_pool* pool{nullptr};
    inbound_record* next_free{nullptr};
    mutable std::atomic<std::uint32_t> references{0};
    mutable std::atomic<bool> ended{false}; ///< nothing more is awaited before its ack
    std::atomic<std::uint32_t> attempt{1};
    mqtt::publish received{};
    mqtt::ack_token token{};
    time_point at{};
    system_time_point wall{};
    std::uint64_t message_no{0};
    std::string key{};                         ///< the application's own; empty when it has none
    std::shared_ptr<shared_outcome> outcome{}; ///< of a message that may have copies
    std::uint64_t stored{0};  ///< its number in the session store; 0 when it is not from there
    std::uint64_t session{0}; ///< in which it was received, see `record_origin`
};

/// The token of a message in the pipeline: its record, with a reference of its own, so that an outcome finds
/// the record without a search however the handler treats its handle.
[[nodiscard]] inline std::uint64_t token_of(const inbound_record& r) noexcept {
    return reinterpret_cast<std::uintptr_t>(&r);
}

[[nodiscard]] inline inbound_record& record_of(std::uint64_t token) noexcept {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): that is what a token is for
    return *reinterpret_cast<inbound_record*>(static_cast<std::uintptr_t>(token));
}

} // namespace weir::connector
