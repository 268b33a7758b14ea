#pragma once

#include "output/mqtt_json.hpp"

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace weir::tool {

/// What happened, on its way from the clients' lanes to standard output. Thread-safe.
class event_queue {
  public:
    static constexpr std::size_t most = 100'000;

    struct entry {
        std::string client{};
        json_value object{};
    };

    /// `wake` is called when there is something to take.
    explicit event_queue(std::function<void()> wake)
        : wake_(std::move(wake)) {}

    /// Adds {"event": name, "client": ..., "at": now, ...`more`}. When too many wait, it is counted instead.
    void tell(
        std::string_view name, const std::string& client, const json_value& more = json_value::object());

    /// Everything so far, in the order of its happening; at last {"event": "events_lost"} with a count.
    [[nodiscard]] std::vector<entry> take();

  private:
    std::function<void()> wake_;
    std::mutex mutex_;
    std::vector<entry> entries_;
    std::uint64_t lost_{0};
};

} // namespace weir::tool
