#pragma once

#include <weir/mqtt/client.hpp>

#include <unordered_map>
#include <utility>
#include <variant>

namespace weir::mqtt {

/// The callers waiting for an outcome, by operation. Each is called once and forgotten. Lane only.
class completion_table {
  public:
    template <class Completion>
    void keep(operation_id operation, Completion done) {
        if (done) waiting_.emplace(operation, std::move(done));
    }

    void finish(const publish_done& outcome) { call<client::publish_completion>(outcome); }

    void finish(const subscribe_done& outcome) { call<client::subscribe_completion>(outcome); }

    void finish(const unsubscribe_done& outcome) { call<client::unsubscribe_completion>(outcome); }

    void finish(const ping_done& outcome) { call<client::ping_completion>(outcome); }

    void finish(const reauthenticate_done& outcome) { call<client::reauthenticate_completion>(outcome); }

  private:
    template <class Completion, class Outcome>
    void call(const Outcome& outcome) {
        if (waiting_.empty()) return;
        const auto found = waiting_.find(outcome.operation);
        if (found == waiting_.end()) return;
        const auto done = std::get<Completion>(std::move(found->second));
        waiting_.erase(found);
        done(outcome);
    }

    // Bounded by the operations of the session: its send queue, window and pending calls.
    std::unordered_map<
        operation_id,
        std::variant<
            client::publish_completion, client::subscribe_completion, client::unsubscribe_completion,
            client::ping_completion, client::reauthenticate_completion>>
        waiting_;
};

} // namespace weir::mqtt
