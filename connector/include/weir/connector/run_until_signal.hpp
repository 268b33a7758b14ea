#pragma once

#include <weir/connector/running.hpp>

namespace weir::connector {

/// Blocks until the pipeline has ended. SIGINT and SIGTERM drain it; a second one ends the wait for messages
/// under way at once; a third one ends the process as if nobody had caught it.
///
/// Returns an exit code: 0 when everything inside was finished, 1 when the pipeline ended with an error (then
/// logged), 2 when messages were left. For the main function of a program: it takes over both signals while
/// it runs, so one call at a time.
[[nodiscard]] int run_until_signal(running& r);

} // namespace weir::connector
