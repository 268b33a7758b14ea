#pragma once

#include <weir/connector/running.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

namespace weir::tool {

/// What a run has done so far.
struct counters {
    connector::stats stats{};
    pipeline::state state{pipeline::state::starting};
    std::size_t in_flight{0};
    std::uint64_t dead_letters{0};           ///< written to their file
    std::chrono::duration<double> elapsed{}; ///< since the start
    std::chrono::duration<double> busy{};    ///< from the first message to the last that was settled
};

/// How the run ended.
struct ending {
    bool drained{false};
    std::string reason{}; ///< empty for an orderly end
};

/// Settled successfully, per second of the time in which there were messages; 0 without any.
[[nodiscard]] double messages_per_second(const counters& c);

/// One JSON object on one line.
[[nodiscard]] std::string to_json(const counters& c);
[[nodiscard]] std::string to_json(const counters& c, const ending& e);

/// One line for a person; `rate` is messages a second of late.
[[nodiscard]] std::string to_line(const counters& c, double rate);

/// The closing line for a person.
[[nodiscard]] std::string to_summary(const counters& c, const ending& e);

} // namespace weir::tool
