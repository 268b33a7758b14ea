#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace weir::bench {

/// The other end of a publisher: takes every message and answers it at once, all that came with one read with
/// one write. It does nothing else with them, so that the publisher's work is what is measured.
class answering_broker {
  public:
    explicit answering_broker(int fd)
        : fd_(fd) {}

    /// Until the publisher closes.
    void serve();

    /// Messages whose exchange is complete.
    [[nodiscard]] std::uint64_t messages() const noexcept { return messages_; }

  private:
    std::size_t take_packets();
    void answer(std::string_view packet, std::size_t body);
    void acknowledge(unsigned char kind, std::string_view id);
    void write_answers();

    int fd_;
    bool version_5_{true};
    std::string unread_;
    std::string answers_;
    std::uint64_t messages_{0};
};

} // namespace weir::bench
