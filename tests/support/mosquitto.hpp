#pragma once

#include "support/child.hpp"
#include "support/temp_folder.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace weir::testing {

/// A Mosquitto of the test's own: a process on a free port of 127.0.0.1, with a configuration and a folder
/// that nobody else uses, keeping sessions on disk and queueing without limit.
class mosquitto {
  public:
    /// The program's path; empty when it is not installed.
    [[nodiscard]] static std::string program();

    /// Runs when this returns. `more` are further lines of its configuration.
    explicit mosquitto(const std::string& more = {});

    [[nodiscard]] std::uint16_t port() const noexcept { return port_; }

    /// SIGTERM: it saves its sessions.
    void stop();

    /// SIGKILL: what it had not saved is lost.
    void kill();

    /// SIGSTOP: connections stay, nothing is answered any more.
    void freeze();

    /// Again, on the same port and with what was saved.
    void start();

    /// What it has written so far.
    [[nodiscard]] std::string log() const { return read_file(folder_.file("log")); }

    /// How often it has written `text`, counted from that place of its log on.
    [[nodiscard]] std::size_t times(std::string_view text, std::size_t from = 0) const;

  private:
    temp_folder folder_;
    std::uint16_t port_;
    std::optional<child> process_;
};

/// A port of 127.0.0.1 that nobody listens on at this moment.
[[nodiscard]] std::uint16_t free_port();

/// Whether somebody listens there.
[[nodiscard]] bool answers(std::uint16_t port);

} // namespace weir::testing

/// For the first line of a test: skips it, and says why, where there is no Mosquitto.
#define WEIR_NEEDS_MOSQUITTO()                                                                               \
    if (weir::testing::mosquitto::program().empty())                                                         \
    GTEST_SKIP() << "mosquitto is not installed (apt install mosquitto)"
