#pragma once

#include <weir/sinks/options.hpp>
#include <weir/sinks/record.hpp>

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>

namespace weir::sinks {

class append_file;

/// A file for messages that were given up, one JSON object a line, to be called by `handle_dead_letter`.
/// Thread-safe.
class dead_letter_file {
  public:
    /// Throws `sink_error` when the file cannot be opened or another sink writes to it.
    explicit dead_letter_file(const jsonl_options& o);
    dead_letter_file(const dead_letter_file&) = delete;
    dead_letter_file& operator=(const dead_letter_file&) = delete;
    ~dead_letter_file();

    /// Returns when the letter is in the file; on the disk, with `fsync`. Throws `sink_error`.
    void write(const dead_letter& letter);

    /// Letters written so far.
    [[nodiscard]] std::uint64_t written() const noexcept { return written_.load(std::memory_order_relaxed); }

  private:
    std::mutex mutex_;
    std::unique_ptr<append_file> file_;
    std::atomic<std::uint64_t> written_{0};
};

} // namespace weir::sinks
