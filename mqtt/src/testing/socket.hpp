#pragma once

#include <weir/base/time.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

/// Blocking sockets with deadlines, for test servers that have a thread of their own.
namespace weir::mqtt::testing {

/// Owns a file descriptor.
class descriptor {
  public:
    descriptor() = default;

    explicit descriptor(int fd) noexcept
        : fd_(fd) {}

    descriptor(descriptor&& other) noexcept
        : fd_(std::exchange(other.fd_, -1)) {}

    descriptor& operator=(descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }

    ~descriptor();

    [[nodiscard]] int get() const noexcept { return fd_; }

    [[nodiscard]] bool open() const noexcept { return fd_ >= 0; }

    void close() noexcept { descriptor{std::move(*this)}; }

  private:
    int fd_{-1};
};

/// Set once from any thread; ends every wait it is given to.
class stop_signal {
  public:
    stop_signal();

    void set() noexcept;
    [[nodiscard]] bool is_set() const noexcept;

    [[nodiscard]] int fd() const noexcept { return event_.get(); }

  private:
    descriptor event_;
};

/// A listener on a free port of 127.0.0.1. Throws `std::system_error` when there is none.
struct loopback_listener {
    loopback_listener();

    descriptor fd;
    std::uint16_t port{0};
};

/// The outcome of one wait or read.
enum class io_outcome : std::uint8_t { done, end_of_stream, reset, timed_out, stopped };

/// Waits until `fd` is readable (or writable), `until` has passed or `stop` is set.
[[nodiscard]] io_outcome wait_readable(int fd, time_point until, const stop_signal& stop) noexcept;
[[nodiscard]] io_outcome wait_writable(int fd, time_point until, const stop_signal& stop) noexcept;

/// Appends what is there, at most 64 KiB, to `into`.
[[nodiscard]] io_outcome read_some(int fd, std::string& into, time_point until, const stop_signal& stop);

/// Writes all of `data`.
[[nodiscard]] io_outcome write_all(
    int fd, std::span<const char> data, time_point until, const stop_signal& stop) noexcept;

/// Takes the next connection, or nothing when `until` has passed or `stop` is set.
[[nodiscard]] std::optional<descriptor> accept_one(int listener, time_point until, const stop_signal& stop);

/// Closes so that the peer gets RST instead of FIN.
void close_with_reset(descriptor& fd) noexcept;

/// Ends the sending side; the peer reads the end of the stream.
void half_close(const descriptor& fd) noexcept;

} // namespace weir::mqtt::testing
