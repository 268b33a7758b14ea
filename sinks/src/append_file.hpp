#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace weir::sinks {

/// A file that only grows, by whole groups of lines. Not thread-safe.
///
/// A group that could not be written whole is cut off again. A torn last line that a crash left behind is
/// ended with a newline before anything else is written, so that it spoils no line but itself. A file that
/// was renamed or deleted (log rotation) is opened anew under its name.
class append_file {
  public:
    /// `path` "-" is standard output. Throws `sink_error`, also when another process writes to the file.
    append_file(std::string path, bool sync);
    append_file(const append_file&) = delete;
    append_file& operator=(const append_file&) = delete;
    ~append_file();

    /// Writes `lines`, which end with a newline, and returns when they are stored. Throws `sink_error`, or
    /// `sink_closed` when the reader of a pipe has gone.
    void append(std::string_view lines);

  private:
    void open();
    void open_and_lock();
    void close() noexcept;
    void reopen_when_moved();
    void lock() const;
    [[nodiscard]] bool ends_inside_a_line() const;
    void write_all(std::string_view data) const;
    void cut_back(off_t size) noexcept;
    void flush() const;
    void flush_folder() const;
    [[noreturn]] void fail(const char* action) const;

    std::string path_;
    bool sync_;
    bool regular_{false};
    bool torn_{false}; ///< the file may end inside a line
    int fd_{-1};
};

} // namespace weir::sinks
