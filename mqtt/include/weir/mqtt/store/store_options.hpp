#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace weir::mqtt {

/// When the records of a session store are safe. `always`: they survive the loss of power. `never`: they
/// survive the end of the process, and after the loss of power the last of them may be missing.
enum class store_fsync : std::uint8_t { always, never };

/// Where a client keeps its session between runs of the process.
struct store_options {
    std::string path{};              ///< directory, made when missing; empty: in memory only
    std::uint64_t bytes{1ull << 30}; ///< of the database at most, 1 MiB or more
    store_fsync fsync{store_fsync::always};
    /// How long records may be gathered before they are written together. With 0 they are gathered only as
    /// long as the write before them takes.
    std::chrono::milliseconds fsync_interval{0};
    /// Open a damaged store too: what can be read is taken over, the damaged file is kept beside it.
    bool repair{false};
    /// With `qos2_receive::store_first`, QoS 1 messages are stored too: PUBACK follows at once, and they
    /// outlive the server's session.
    bool qos1{false};

    friend bool operator==(const store_options&, const store_options&) = default;
};

} // namespace weir::mqtt
