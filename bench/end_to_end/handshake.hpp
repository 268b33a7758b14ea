#pragma once

#include <cstdint>

namespace weir::bench {

/// A loopback socket that waits for a subscriber on a free port.
class listener {
  public:
    listener();
    listener(const listener&) = delete;
    listener& operator=(const listener&) = delete;
    ~listener();

    [[nodiscard]] std::uint16_t port() const;

    /// The next connection; throws when none comes within ten seconds.
    [[nodiscard]] int accept() const;

  private:
    int fd_;
};

/// What the subscriber asked for.
struct subscriber {
    int version{0};
    std::uint16_t receive_maximum{65'535};
};

/// Answers CONNECT and SUBSCRIBE on a connection that is still blocking. Throws `std::runtime_error` when
/// the peer says anything else or nothing for ten seconds.
[[nodiscard]] subscriber shake_hands(int fd);

} // namespace weir::bench
