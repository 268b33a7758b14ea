#pragma once

#include "engine/in_hand.hpp"
#include "engine/ledger.hpp"
#include "engine/span.hpp"
#include "engine/stage_meters.hpp"

#include <weir/pipeline/acknowledger.hpp>
#include <weir/pipeline/engine/parcel.hpp>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace weir::pipeline::engine {

/// Tells acknowledgers how messages ended: collects a chunk or batch, then makes one call for each
/// acknowledger, messages in order. What an acknowledger throws is logged and hinders no other. Not
/// thread-safe: one per worker.
class settler {
  public:
    /// Whether what is settled here was handled, or ends without ever having come so far.
    enum class verdicts : std::uint8_t { given, none };

    settler(control& shared, ledger& accounts, std::size_t lane, verdicts what = verdicts::given) noexcept
        : shared_(shared)
        , accounts_(accounts)
        , lane_(lane)
        , verdicts_(what)
        , span_(shared) {}

    /// Counts what is settled here for a stage, too.
    void count_for(stage_meters& stage) noexcept { stage_ = &stage; }

    /// Up to so many can be added and told without more memory.
    void reserve(std::size_t messages) {
        settlements_.reserve(messages);
        owners_.reserve(messages);
        accepted_.reserve(messages);
    }

    /// `reason` must live until `flush`.
    void add(const obligation& owed, outcome result, std::string_view reason = {}) {
        if (owed.ack.owner == nullptr) return ++settled_before_, void();
        settlements_.push_back({owed.ack.token, result, reason});
        owners_.push_back({owed.ack.owner, owed.windowed});
        accepted_.push_back(owed.accepted_at);
    }

    void add_all(std::span<const obligation> owed, outcome result, std::string_view reason);

    void flush();

    /// Settles messages at once that a callback works on, by their status, unless that has been done before.
    /// They lose their owner, and go on.
    void settle_now(head_list heads, in_hand& hand);

  private:
    struct told {
        std::span<const settlement> settlements;
        std::span<const time_point> accepted;
        std::size_t windowed{0};
    };

    struct whom {
        acknowledger* owner{nullptr};
        bool windowed{true};
    };

    void tell_all();
    [[nodiscard]] bool single_owner() const noexcept;
    void flush_by_owner();
    void tell(acknowledger* owner, const told& what);

    void report_failure(std::size_t count);

    control& shared_;
    ledger& accounts_;
    std::size_t lane_;
    verdicts verdicts_;
    span span_;
    stage_meters* stage_{nullptr};
    std::vector<settlement> settlements_; // at most a chunk or a batch
    std::vector<whom> owners_;            // the same length
    std::vector<time_point> accepted_;    // the same length
    std::vector<settlement> group_;
    std::vector<time_point> group_accepted_;
    std::size_t settled_before_{0}; // messages that end here and were settled on their way
};

} // namespace weir::pipeline::engine
