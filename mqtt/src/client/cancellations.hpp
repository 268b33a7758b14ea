#pragma once

#include <weir/mqtt/session/event.hpp>

#include <functional>
#include <memory>
#include <stop_token>
#include <unordered_map>
#include <utility>

namespace weir::mqtt {

/// Operations that their callers may cancel, until they have their outcome. Lane only; `canceled` runs on
/// whatever thread asks for the stop, and may run inside `watch`.
class cancellations {
  public:
    template <class Canceled>
    void watch(operation_id operation, std::stop_token token, Canceled canceled) {
        if (!token.stop_possible()) return;
        watched_.emplace(operation, std::make_unique<callback>(std::move(token), std::move(canceled)));
    }

    void forget(operation_id operation) {
        if (!watched_.empty()) watched_.erase(operation);
    }

  private:
    using callback = std::stop_callback<std::function<void()>>;

    std::unordered_map<operation_id, std::unique_ptr<callback>> watched_;
};

} // namespace weir::mqtt
