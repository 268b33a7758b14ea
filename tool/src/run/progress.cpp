#include "progress.hpp"

#include "output/console.hpp"
#include "output/output_line.hpp"

namespace weir::tool {

namespace {

constexpr double line_interval = 1.0;
constexpr double refresh_interval = 0.2;

} // namespace

progress::progress(progress_mode mode, console& errors)
    : mode_(mode)
    , errors_(errors) {
    if (mode_ == progress_mode::automatic && !errors_.is_terminal()) mode_ = progress_mode::line;
}

void progress::show(const counters& c) {
    const bool refreshed = mode_ == progress_mode::automatic;
    if (mode_ == progress_mode::none) return;
    if (!is_due(c.elapsed.count(), refreshed ? refresh_interval : line_interval)) return;
    if (mode_ == progress_mode::json) {
        // Whoever read it has gone; the run goes on, its results are in the sink.
        if (!write_output(to_json(c) + '\n')) mode_ = progress_mode::none;
    } else if (refreshed) {
        errors_.status(to_line(c, rate(c)));
    } else {
        errors_.line(to_line(c, rate(c)));
    }
}

void progress::finish() {
    errors_.status({});
}

bool progress::is_due(double elapsed, double interval) {
    if (elapsed - shown_at_ < interval) return false;
    shown_at_ = elapsed;
    return true;
}

/// Over the last second, however often it is shown.
double progress::rate(const counters& c) {
    const double passed = c.elapsed.count() - rate_from_;
    if (passed < line_interval) return rate_;
    rate_ = static_cast<double>(c.stats.succeeded - succeeded_then_) / passed;
    rate_from_ = c.elapsed.count();
    succeeded_then_ = c.stats.succeeded;
    return rate_;
}

} // namespace weir::tool
