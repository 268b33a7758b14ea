#pragma once

#include <weir/pipeline/options.hpp>

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace weir::sinks {

/// What a commit of the database survives.
enum class synchronous : std::uint8_t {
    normal, ///< a crash of the process; a power failure may undo the last commits
    full,   ///< power failure too: the log is flushed to the disk before the commit returns
};

[[nodiscard]] std::string_view to_string(synchronous s) noexcept;

/// What becomes of a message whose row breaks a constraint that the owner of the table added, such as a
/// unique index.
enum class on_conflict : std::uint8_t {
    fail,   ///< it has failed
    ignore, ///< it counts as stored, and its row is left out
};

/// An SQLite database in WAL mode; each batch is one transaction.
struct sqlite_options {
    std::string path{};            ///< of the database file, created when missing
    std::string table{"messages"}; ///< created when missing
    sinks::synchronous synchronous{
        synchronous::full}; ///< `full`: acknowledged means stored, whatever happens
    sinks::on_conflict on_conflict{sinks::on_conflict::fail};
    std::chrono::milliseconds busy_timeout{5'000}; ///< how long to wait for another writer's lock, >= 0

    friend bool operator==(const sqlite_options&, const sqlite_options&) = default;
};

/// A file with one JSON object a line, appended to.
struct jsonl_options {
    std::string path{}; ///< "-" is standard output
    bool fsync{true};   ///< flush to the disk before a write returns; regular files only

    friend bool operator==(const jsonl_options&, const jsonl_options&) = default;
};

/// Nowhere: for measuring, and for pipelines that work by their handler alone.
struct discard_options {
    friend bool operator==(const discard_options&, const discard_options&) = default;
};

using sink_options = std::variant<discard_options, sqlite_options, jsonl_options>;

/// "discard", "sqlite" or "jsonl".
[[nodiscard]] std::string_view type_name(const sink_options& o) noexcept;

/// Whether such a sink keeps receipts, as `qos2_mode::sink` needs, and delivery tokens, as
/// `qos2_mode::durable` has use for: in the transaction that stores the message.
[[nodiscard]] bool keeps_receipts(const sink_options& o) noexcept;

/// Every fault; paths start with `prefix` ("sink."). Looks at the options only, not at the disk.
[[nodiscard]] std::vector<pipeline::option_fault> check(
    const sink_options& o, const std::string& prefix = {});

} // namespace weir::sinks
