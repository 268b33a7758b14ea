#pragma once

#include <cstdint>
#include <string>

namespace weir::mqtt {

/// Notices a server that sends the same message above `maximum_packet_size` on connection after connection:
/// going on would never end.
class oversize_loop {
  public:
    /// A connection ended over that message. True when it was the last of several in a row.
    [[nodiscard]] bool met(const std::string& topic, std::uint32_t size) {
        if (topic != topic_ || size != size_) count_ = 0;
        topic_ = topic;
        size_ = size;
        ended_ = true;
        return ++count_ >= enough;
    }

    /// A connection ended, over that or anything else.
    void connection_lost() noexcept {
        if (!ended_) count_ = 0;
        ended_ = false;
    }

  private:
    static constexpr int enough = 3;

    std::string topic_;
    std::uint32_t size_{0};
    int count_{0};
    bool ended_{false};
};

} // namespace weir::mqtt
