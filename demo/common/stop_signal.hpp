#pragma once

namespace weir::demo {

/// From now on SIGINT and SIGTERM are counted instead of ending the process; SIGPIPE is ignored.
void count_stop_signals();

/// How many have arrived.
[[nodiscard]] int stop_signals() noexcept;

} // namespace weir::demo
