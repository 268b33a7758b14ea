#pragma once

#include "engine/control.hpp"
#include "engine/ledger.hpp"
#include "engine/retry_store.hpp"
#include "engine/settler.hpp"
#include "engine/span.hpp"

#include <weir/pipeline/acknowledger.hpp>
#include <weir/pipeline/dead_letter.hpp>
#include <weir/pipeline/engine/stage_ops.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

namespace weir::pipeline::engine {

/// The failed messages of a chunk or batch: finds them, has it decided what becomes of each, lets those see
/// them who want to, and brings them to their end or to where they wait for another attempt. One per worker.
class failures {
  public:
    struct parts {
        stage_ops& stages;
        ledger& accounts;
        retry_store& retries;
        outcome dead_letter_as; ///< how a dead letter that was taken is settled
    };

    failures(const parts& p, failure_stage stage, control& shared, std::size_t lane);

    /// Looks through messages of a run whose other callbacks have returned. A failed message stays failed
    /// from here on, whatever `handle_failed` does to it.
    void collect(message_run& run, std::size_t first, std::size_t count, callbacks& calls);

    /// The same for messages that could not be decoded; there is no other attempt for them.
    void collect(raw_run& in, std::span<rejection> undecodable, callbacks& calls);

    [[nodiscard]] bool empty() const noexcept { return failed_.empty(); }

    /// For a walk through the run in order: whether its message `i` failed, given how many failed before it.
    [[nodiscard]] bool is(std::size_t nth, std::size_t i) const noexcept {
        return nth < failed_.size() && failed_[nth].index == i;
    }

    /// Brings the nth failed message to its end; what it says lives until `clear`. True: it waits for
    /// another attempt instead. `lane`: the one in the caller's hand, where there are any.
    [[nodiscard]] bool conclude(std::size_t nth, settler& into, std::size_t lane = raw_run::no_lane);

    /// Those that are not to be tried again.
    void add_views(std::vector<message_view>& into) const;

    /// Forgets them all; those that were not concluded have been settled by somebody else.
    void clear() noexcept;

  private:
    enum class fate : std::uint8_t { failed, retried, buried, forgiven, concluded };

    struct failed_message {
        std::uint32_t index{0}; // in the run
        std::uint32_t shown{0}; // in what handle_failed saw
        fate end{fate::failed};
        outcome result{outcome::failed};
        duration pause{}; // before another attempt
    };

    void decide(message_run& run, callbacks& calls);
    void decide(failed_message& f, verdict v);
    [[nodiscard]] bool ask_for_retry(failed_message& f);
    void show(message_run& run, callbacks& calls);
    void show_in_span(callbacks& calls);
    void bury(message_run& run, callbacks& calls);
    [[nodiscard]] bool shown(const failed_message& f) const noexcept;
    [[nodiscard]] message_head& head_of(const failed_message& f) const noexcept;
    [[nodiscard]] bool retry(failed_message& f, settler& into, std::size_t lane);
    void report_dead_letter(
        failure_stage stage, std::uint32_t attempts, std::string_view reason, bool taken) const;

    parts parts_;
    failure_stage stage_;
    control& shared_;
    std::size_t lane_;
    span span_;
    std::unique_ptr<message_run> shown_; // what handle_failed sees: messages that lie side by side
    std::vector<failed_message> failed_;
    std::vector<placement> steps_;
    message_run* run_{nullptr};
    head_list heads_;
};

} // namespace weir::pipeline::engine
