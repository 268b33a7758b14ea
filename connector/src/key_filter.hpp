#pragma once

#include "copies.hpp"

#include <weir/base/time.hpp>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace weir::connector {

/// Remembers the keys that the application's messages came with, for a while. Time is an argument. Lane only.
class key_filter {
  public:
    key_filter(std::size_t entries, duration ttl)
        : entries_(entries)
        , ttl_(ttl) {}

    /// Whose outcome a message with this key shares: null when the key is not known.
    [[nodiscard]] std::shared_ptr<shared_outcome> find(std::string_view key, time_point now);

    /// A message with this key goes to the pipeline. The oldest key makes room.
    void enter(std::string_view key, std::shared_ptr<shared_outcome> outcome, time_point now);

    [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }

  private:
    struct known {
        std::shared_ptr<shared_outcome> outcome;
        time_point since;
    };

    struct hash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    void forget_oldest();

    const std::size_t entries_;
    const duration ttl_;
    std::unordered_map<std::string, known, hash, std::equal_to<>> known_;
    std::deque<std::pair<time_point, std::string>> order_; ///< of entering; one for each entered
};

} // namespace weir::connector
