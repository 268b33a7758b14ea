#pragma once

#include "inbound_record.hpp"
#include "producer_context.hpp"

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace weir::connector {

/// Which message it is and what is the matter, for a person.
[[nodiscard]] std::string description_of(const inbound_record& r, std::string_view reason);

/// Says in the log that messages fail and why: the first at once, then one every ten seconds with the number
/// of the others, so that a store that is away for an hour fills a screen and not a disk. Thread-safe.
class failure_log {
  public:
    explicit failure_log(const producer_context& context) noexcept
        : context_(context) {}

    void failed(const inbound_record& record, std::string_view reason, time_point now);

  private:
    const producer_context& context_;
    std::mutex mutex_;
    std::optional<time_point> last_{};
    std::uint64_t untold_{0};
};

} // namespace weir::connector
