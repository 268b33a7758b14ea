#pragma once

#include "patient_worker.hpp"

#include <weir/connector/delivery_tokens.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace weir::connector {

/// Keeps a sink's delivery tokens as few as the messages in the session store, on a thread of its own since
/// sinks block. Thread-safe.
class token_keeper {
  public:
    token_keeper(const producer_context& context, std::shared_ptr<delivery_tokens> sink);

    /// Comes before all else.
    void opened(const std::string& store, std::uint64_t first);

    /// Beyond what a sink that is long in failing may leave behind here, the rest is the next start's.
    void done(std::span<const std::uint64_t> numbers);

    void settle(time_point deadline) { worker_.settle(deadline); }

    /// No call is begun any more, and one under way is waited for until `deadline` at most; what is left is
    /// done on the next start.
    void stop(time_point deadline) { worker_.stop(deadline); }

  private:
    static constexpr std::size_t most_waiting = 65'536;

    struct work {
        std::string store{};
        std::optional<std::uint64_t> first{}; ///< of a store that was opened
        std::vector<std::uint64_t> numbers{};

        [[nodiscard]] bool empty() const noexcept { return !first && numbers.empty(); }
    };

    void carry_out(const work& w) const;

    const std::shared_ptr<delivery_tokens> sink_;
    std::string store_;           ///< lane only
    patient_worker<work> worker_; ///< last: it works with those above
};

} // namespace weir::connector
