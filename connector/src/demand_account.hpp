#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>

namespace weir::connector {

/// Shares out the pipeline's demand between what the client receives and what is brought again.
///
/// Whatever the pipeline asks for is passed on to the client. A message that is brought again uses demand the
/// client was promised already; so of the demand that comes next that much less is passed on. The promise
/// never falls below what the pipeline still wants, or the two would wait for each other. Thread-safe.
class demand_account {
  public:
    /// The pipeline asks for `count` more. Returns what to ask the client for.
    [[nodiscard]] std::size_t announced(std::size_t count) noexcept {
        std::uint32_t more = 0;
        change([&](counts& c) {
            c.wanted = plus(c.wanted, count);
            more = c.wanted - std::min(c.wanted, c.promised);
            c.promised = std::max(c.wanted, c.promised);
        });
        return more;
    }

    /// The client has delivered `count` messages.
    void delivered(std::size_t count) noexcept {
        change([&](counts& c) {
            c.wanted = minus(c.wanted, count);
            c.promised = minus(c.promised, count);
        });
    }

    /// The client has delivered `count` messages that the pipeline does not get. Returns what to ask it for.
    [[nodiscard]] std::size_t turned_away(std::size_t count) noexcept {
        std::uint32_t more = 0;
        change([&](counts& c) {
            c.promised = minus(c.promised, count);
            more = c.wanted - std::min(c.wanted, c.promised);
            c.promised = std::max(c.wanted, c.promised);
        });
        return more;
    }

    /// The pipeline will ask anew for all it wants.
    void begin_anew() noexcept {
        change([](counts& c) { c.wanted = 0; });
    }

    /// `count` messages were brought again.
    void brought_again(std::size_t count) noexcept {
        change([&](counts& c) { c.wanted = minus(c.wanted, count); });
    }

  private:
    struct counts {
        std::uint32_t wanted{0};   ///< by the pipeline
        std::uint32_t promised{0}; ///< to the client; never less
    };

    static constexpr std::size_t most = std::numeric_limits<std::uint32_t>::max();

    static std::uint32_t plus(std::uint32_t a, std::size_t b) noexcept {
        return static_cast<std::uint32_t>(a + std::min(b, most - a));
    }

    static std::uint32_t minus(std::uint32_t a, std::size_t b) noexcept {
        return static_cast<std::uint32_t>(a - std::min<std::size_t>(a, b));
    }

    template <class Change>
    void change(Change apply) noexcept {
        auto before = counts_.load(std::memory_order_relaxed);
        auto after = before;
        do {
            after = before;
            apply(after);
        } while (!counts_.compare_exchange_weak(before, after, std::memory_order_relaxed));
    }

    std::atomic<counts> counts_{counts{}};
    static_assert(std::atomic<counts>::is_always_lock_free);
};

} // namespace weir::connector
