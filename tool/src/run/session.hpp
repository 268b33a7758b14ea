#pragma once

#include "config/file_config.hpp"
#include "counters.hpp"
#include "outputs.hpp"
#include "progress.hpp"
#include "system/wait_point.hpp"

#include <weir/connector/running.hpp>
#include <weir/metrics/server.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

namespace weir::tool {

/// When a run ends by itself.
struct limits {
    std::optional<std::uint64_t> messages{};                 ///< settled successfully
    std::optional<std::chrono::duration<double>> duration{}; ///< since the start
};

/// One run of a pipeline, from its start to the end of its drain.
class run_session {
  public:
    run_session(const file_config& config, limits when, progress show);

    /// Runs until a limit, a signal, or the pipeline's own end, then drains; a second signal cuts that short.
    ending run();

    /// Where the counters are served; empty: nowhere.
    [[nodiscard]] std::string metrics_url() const { return metrics_ ? metrics_->url() : std::string(); }

    [[nodiscard]] const counters& totals() const noexcept { return totals_; }

    /// Whether a callback had not returned when the run ended; the object cannot be destroyed before it has.
    [[nodiscard]] bool has_stragglers() const noexcept { return stragglers_; }

  private:
    using clock = std::chrono::steady_clock;

    [[nodiscard]] bool may_go_on();
    ending drain();
    ending cut_short();
    ending finish();
    void count();

    outputs outputs_;
    limits limits_;
    progress progress_;
    wait_point wait_;
    clock::time_point started_{clock::now()};
    std::optional<clock::time_point> first_message_{};
    counters totals_{};
    bool stragglers_{false};
    std::unique_ptr<metrics::server> metrics_; ///< open before anything is received; none when nobody asked
    connector::running running_;               // last: it writes to the outputs until it has ended
};

} // namespace weir::tool
