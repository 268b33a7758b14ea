#pragma once

#include <weir/base/time.hpp>
#include <weir/mqtt/packet/packets.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

namespace weir::mqtt::testing {

/// A step of a script did not go as written.
class script_failure : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// One packet as it came from the client.
struct received_packet {
    mqtt::packet packet{};
    std::string raw{}; ///< with its fixed header

    /// "PUBLISH [32 07 ...]".
    [[nodiscard]] std::string describe() const;
};

/// The type's name and the packet's bytes as `version` writes them.
[[nodiscard]] std::string describe(const packet& p, protocol_version version);

/// The broker's end of one connection, blocking, for scripts and for test servers with a thread of their
/// own. Not thread-safe. What does not go as asked is thrown as `script_failure`.
class broker_connection {
  public:
    struct socket;

    explicit broker_connection(std::unique_ptr<socket> s);
    broker_connection(broker_connection&&) noexcept;
    broker_connection& operator=(broker_connection&&) noexcept;
    ~broker_connection();

    /// The next packet, waiting for it until `until`; nothing when the client has closed.
    [[nodiscard]] std::optional<received_packet> next(time_point until);

    void send(const packet& p);
    void send_raw(std::string_view bytes);

    /// Fails when anything but silence comes for that long.
    void expect_nothing(std::chrono::milliseconds how_long);

    /// Neither reads nor writes.
    void stall(std::chrono::milliseconds how_long);

    void close();
    void reset();

    [[nodiscard]] bool is_open() const noexcept;

    /// Of the client's CONNECT, v5 before it.
    [[nodiscard]] protocol_version version() const noexcept;

    /// The owner wants to end: whatever waits fails now.
    [[nodiscard]] bool stopping() const noexcept;

  private:
    std::unique_ptr<socket> socket_;
};

} // namespace weir::mqtt::testing
