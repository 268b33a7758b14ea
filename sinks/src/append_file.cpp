#include "append_file.hpp"

#include <weir/sinks/sink.hpp>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

namespace weir::sinks {

append_file::append_file(std::string path, bool sync)
    : path_(std::move(path))
    , sync_(sync) {
    open();
}

append_file::~append_file() {
    close();
}

void append_file::append(std::string_view lines) {
    reopen_when_moved();
    const off_t size = regular_ ? ::lseek(fd_, 0, SEEK_END) : 0;
    try {
        if (torn_) write_all("\n");
        write_all(lines);
        flush();
    } catch (...) {
        cut_back(size);
        throw;
    }
    torn_ = false;
}

/// All or nothing: a file without its lock must not stay open.
void append_file::open() {
    try {
        open_and_lock();
    } catch (...) {
        close();
        throw;
    }
}

void append_file::open_and_lock() {
    fd_ = path_ == "-" ? ::dup(STDOUT_FILENO)
                       : ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (fd_ < 0) fail("open");

    struct stat info {};

    if (::fstat(fd_, &info) != 0) fail("examine");
    regular_ = S_ISREG(info.st_mode);
    if (!regular_ || path_ == "-") return;
    lock();
    torn_ = ends_inside_a_line();
    if (sync_) flush_folder();
}

void append_file::close() noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

void append_file::reopen_when_moved() {
    if (fd_ >= 0 && (!regular_ || path_ == "-")) return;

    struct stat open_file {};

    struct stat named {};

    if (fd_ >= 0 && ::fstat(fd_, &open_file) == 0 && ::stat(path_.c_str(), &named) == 0 &&
        open_file.st_ino == named.st_ino && open_file.st_dev == named.st_dev)
        return;
    close();
    open();
}

/// Cutting off a group that failed is safe only while nobody else appends.
void append_file::lock() const {
    if (::flock(fd_, LOCK_EX | LOCK_NB) != 0)
        throw sink_error(fmt::format("jsonl {}: another process is writing to this file", path_));
}

bool append_file::ends_inside_a_line() const {
    std::ifstream file(path_, std::ios::binary);
    if (!file.seekg(-1, std::ios::end)) return ::lseek(fd_, 0, SEEK_END) != 0;
    return file.get() != '\n';
}

void append_file::write_all(std::string_view data) const {
    while (!data.empty()) {
        const auto written = ::write(fd_, data.data(), data.size());
        if (written >= 0) {
            data.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            fail("write to");
        }
    }
}

void append_file::cut_back(off_t size) noexcept {
    torn_ = torn_ || !regular_ || path_ == "-" || ::ftruncate(fd_, size) != 0;
}

void append_file::flush() const {
    if (sync_ && regular_ && ::fdatasync(fd_) != 0) fail("flush");
}

/// A new file is only there after a power failure when its folder has been flushed.
void append_file::flush_folder() const {
    const auto folder = std::filesystem::path(path_).parent_path();
    const int fd = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return; // a folder that may be entered but not read
    ::fsync(fd);
    ::close(fd);
}

void append_file::fail(const char* action) const {
    const auto cause = std::error_code(errno, std::generic_category());
    const auto name = path_ == "-" ? std::string("standard output") : path_;
    const auto text = fmt::format("jsonl: cannot {} {}: {}", action, name, cause.message());
    if (cause == std::errc::broken_pipe) throw sink_closed(text);
    throw sink_error(text);
}

} // namespace weir::sinks
