#pragma once

#include <weir/pipeline/abilities.hpp>
#include <weir/pipeline/options/batcher.hpp>
#include <weir/pipeline/options/circuit_breaker.hpp>
#include <weir/pipeline/options/dead_letter.hpp>
#include <weir/pipeline/options/ordering.hpp>
#include <weir/pipeline/options/overflow.hpp>
#include <weir/pipeline/options/rate_limiting.hpp>
#include <weir/pipeline/options/restarts.hpp>
#include <weir/pipeline/options/retry.hpp>

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

namespace weir::pipeline {

using namespace std::chrono_literals;

/// The group of processors: workers that run `handle_message`.
struct processors_options {
    std::string name{"default"}; ///< the group's key, seen in telemetry and thread names
    std::size_t concurrency{0};  ///< workers; 0 = twice the online cores
    std::size_t max_concurrency{
        0}; ///< the most that `set_processors` may ask for; 0 = twice `concurrency`, at least 32
    std::size_t max_demand{10};   ///< messages one worker may have asked for and not finished, >= 1
    std::size_t min_demand{npos}; ///< asks again at or below this many; default: half of max_demand

    /// With a coroutine `handle_message`: messages one worker has under way at once, up to 10,000; it asks
    /// for so many more than `max_demand` if it must. 0 = 32, or 1 with the ordering `partitioned`, which
    /// allows no more; without a coroutine, nothing but 0 is allowed.
    std::size_t in_flight{0};

    ordering_options ordering{};

    /// For all callbacks on one message together; 0: none. When it is up, their stop token is triggered and
    /// the message is settled as failed, whatever they do later. With a limit messages are taken up one by
    /// one, so that one whose callback hangs holds up no other.
    std::chrono::milliseconds time_limit{0};
    /// Another worker takes the place of one whose callback has not returned in time, as long as there are
    /// no more than `max_concurrency` workers in all, those that hang included. Needs a `time_limit`. Made in
    /// passing: a handler's factory (`per_worker`) that is slow delays the pipeline's timers.
    bool replace_hanging{false};

    static constexpr std::size_t npos = static_cast<std::size_t>(-1);
};

/// What a pipeline is made of; the producer comes apart. Checked by `check` before anything starts.
struct options {
    std::string name{};
    processors_options processors{};
    std::vector<batcher_options> batchers{};
    retry_options retry{};
    dead_letter_options dead_letter{};
    restart_options restarts{};
    std::chrono::milliseconds shutdown{30'000}; ///< bounds the whole of a stop
    std::size_t buffer_size{10'000};            ///< messages emitted beyond demand, per producer
    overflow_options overflow{};                ///< when that is not enough
    rate_limiting_options rate_limiting{};      ///< off
    circuit_breaker_options circuit_breaker{};  ///< off
};

/// One fault of an option: `path` as a user writes it ("processors.min_demand"), the value and what is
/// allowed.
struct option_fault {
    std::string path{};
    std::string value{};
    std::string allowed{};

    friend bool operator==(const option_fault&, const option_fault&) = default;
};

/// Every fault, cross-field rules included, for a handler that can do what `handler` says.
[[nodiscard]] std::vector<option_fault> check(const options& o, const handler_abilities& handler);

/// The same where no more is known of the handler than whether it can take batches.
[[nodiscard]] std::vector<option_fault> check(const options& o, bool has_handle_batch);

/// What is allowed in these options but hardly wanted when each of `producers` sources lets out no more than
/// `window` unsettled messages at once, a sentence each; `o` holds effective values. None for a window of 0,
/// that is without a limit.
[[nodiscard]] std::vector<std::string> warnings(
    const options& o, std::size_t window, std::size_t producers = 1);

/// The same options with every "0 = default" replaced by the value in force.
[[nodiscard]] options effective(options o);

} // namespace weir::pipeline
