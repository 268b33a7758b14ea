#pragma once

#include <weir/base/result.hpp>
#include <weir/base/time.hpp>
#include <weir/pipeline/entry.hpp>
#include <weir/pipeline/options.hpp>
#include <weir/pipeline/snapshot.hpp>
#include <weir/pipeline/topology_description.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <typeinfo>
#include <vector>

namespace weir::pipeline {

class topology;
class running_pipeline;

namespace engine {
bool step(running_pipeline& p);
[[nodiscard]] std::optional<time_point> due(const running_pipeline& p);
} // namespace engine

/// Messages at one place of a pipeline.
struct place_count {
    std::string place{}; ///< a queue's or worker's name as in `snapshot`; "on the way" for all others
    std::uint64_t count{0};
};

/// How a stop went.
struct stop_report {
    bool drained{false};         ///< everything inside got its verdict before the deadline
    error reason{};              ///< false for an orderly stop, else what ended the pipeline
    std::uint64_t successful{0}; ///< settled while stopping
    std::uint64_t failed{0};
    std::uint64_t abandoned{0};
    std::vector<place_count> abandoned_at{};      ///< where these were; adds up to `abandoned`
    std::vector<std::string> running_callbacks{}; ///< workers whose callback had not returned
};

/// A pipeline at work. Movable handle; the last one to go stops the pipeline and waits for callbacks that
/// run: a callback that ignores its stop token holds it up. Must not go inside one of its own callbacks.
/// Thread-safe.
class running_pipeline {
  public:
    explicit running_pipeline(std::unique_ptr<topology> t) noexcept;
    running_pipeline(running_pipeline&&) noexcept;
    running_pipeline& operator=(running_pipeline&&) noexcept;
    ~running_pipeline();

    /// Blocks until the pipeline has ended by itself or by `stop`. An error when it ended for one.
    result<stop_report> wait();

    /// As `wait`, for at most `limit`; nothing when it is still running.
    [[nodiscard]] bool wait_for(std::chrono::milliseconds limit);

    /// Drains and stops: within the option `shutdown`, or within `limit` when given. Idempotent, safe from
    /// several threads (the earliest deadline counts, all get the same report); from inside a callback it
    /// only requests the stop and returns an empty report.
    stop_report stop();
    stop_report stop(std::chrono::milliseconds limit);

    /// Begins the stop and returns at once.
    void request_stop();
    void request_stop(std::chrono::milliseconds limit);

    /// Hands ready-made messages in, past the producers, from any thread: they go to the buffer of one
    /// producer chosen at random, and the call returns how many of them were accepted, from the front; these
    /// are moved from, the others are left as they were, since the buffer had no more room. They wait neither
    /// for demand nor for the rate limit and do not count against it; from there on they are messages like
    /// all others: the decoder makes their data. An entry without an `owner` is settled with nobody; none
    /// takes a place in the source's window.
    ///
    /// Errors: `errc::not_running` before the start is complete and from the beginning of draining;
    /// `errc::wrong_entry_type` when `Raw` is not what the producers emit.
    template <class Raw>
    result<std::size_t> push(std::span<entry<Raw>> entries) {
        return push(typeid(entry<Raw>), entries.data(), entries.size());
    }

    /// Lets so many processors work from now on, up to `processors.max_concurrency`. New ones work when this
    /// returns; of too many the last ones leave, each when it is through with what it has in hand. Nothing is
    /// lost, and demand follows: at once when there are more, else as messages come back.
    ///
    /// With `ordering::partitioned` this divides messages anew, so it is done only while none is in a
    /// partition: else `errc::not_quiescent`, and nothing has changed (pause, wait until nothing is in
    /// flight, try again). Other errors: `errc::not_running`; `errc::invalid_options` for a number that is
    /// not allowed; `errc::worker_failed` when one cannot begin, or too many that are to leave are held up.
    /// `configuration()` keeps telling with how many the pipeline was started.
    result<std::size_t> set_processors(std::size_t count);

    /// The same for the batch processors of a batcher. Those of one that is `partitioned` are as many as at
    /// the start: `errc::bound_to_partitions`.
    result<std::size_t> set_batch_processors(std::string_view batcher, std::size_t count);

    /// How many there are now; of a batcher that does not exist, none.
    [[nodiscard]] std::size_t processors() const;
    [[nodiscard]] std::size_t batch_processors(std::string_view batcher) const;

    /// Takes nothing in until `resume`: no demand is announced, producers are told to pause, and what they
    /// emit all the same waits in their buffers. What is inside goes on, and so do acknowledgements. A stop
    /// lifts it. Error: `errc::not_running` when the pipeline has ended.
    result<void> pause();
    result<void> resume();
    [[nodiscard]] bool paused() const;

    /// The rate limit in force. Errors: `errc::rate_limiting_disabled` when the pipeline was started without
    /// one; `errc::not_running` when it has ended.
    [[nodiscard]] result<rate_limiting_options> rate_limiting() const;

    /// Changes the rate limit: fixed windows when the running interval ends, a token bucket at once. With
    /// `reset` it begins anew at once, and waiting messages flow. Errors: as `rate_limiting`, and
    /// `errc::invalid_options` naming every fault; nothing is changed then.
    result<void> update_rate_limiting(const rate_limiting_change& change, bool reset = false);

    [[nodiscard]] pipeline::state state() const noexcept;
    [[nodiscard]] pipeline::snapshot snapshot() const;

    /// How it is built, and the names of all its producers. Error: `errc::not_running` when it has ended.
    [[nodiscard]] result<topology_description> describe() const;
    [[nodiscard]] result<std::vector<std::string>> producer_names() const;
    [[nodiscard]] const std::string& name() const noexcept;

    /// The options in force, defaults filled in.
    [[nodiscard]] const options& configuration() const noexcept;

  private:
    friend bool engine::step(running_pipeline& p);
    friend std::optional<time_point> engine::due(const running_pipeline& p);

    result<std::size_t> push(const std::type_info& type, void* entries, std::size_t count);
    [[nodiscard]] error not_running() const;

    std::unique_ptr<topology> topology_;
};

} // namespace weir::pipeline
