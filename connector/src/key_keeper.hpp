#pragma once

#include "patient_worker.hpp"
#include "producer_context.hpp"

#include <weir/base/result.hpp>
#include <weir/base/time.hpp>
#include <weir/mqtt/session/session.hpp>
#include <weir/mqtt/store/session_store.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace weir::connector {

/// The key of a message that is done.
struct done_key {
    std::string key{};
    system_time_point received{};
};

/// A key that has outlived its process.
struct kept_key {
    std::string key{};
    duration age{}; ///< since its message was received
};

/// Keeps the keys of messages that are done for the next process, in a store of their own, on a thread of its
/// own since stores block. What is acknowledged with a key, or after it, leaves when the key is durable: a
/// message that the broker will not send again is known by its key. Thread-safe.
class key_keeper {
  public:
    using on_opened = std::function<void(result<std::vector<kept_key>>)>;
    using on_kept = std::function<void(std::span<const mqtt::ack_outcome>)>;

    /// `acknowledge` is called on the keeper's thread.
    key_keeper(
        const producer_context& context, std::unique_ptr<mqtt::session_store> store, on_kept acknowledge);

    /// Comes first, and once. Tells what an earlier process has kept, the oldest first, on the keeper's
    /// thread.
    void open(on_opened done);

    /// As many keys wait for the store as it may hold, and the oldest make room; what is acknowledged is
    /// bounded by the window.
    void keep(std::vector<done_key> keys, std::span<const mqtt::ack_outcome> acks);

    /// Waits until nothing is left to do, until `deadline` at most.
    void settle(time_point deadline) { worker_.settle(deadline); }

    /// Nothing is begun any more, and a call that is under way is waited for until `deadline` at most; then
    /// somebody else may open the store. What is left comes again, since it was not acknowledged.
    void stop(time_point deadline);

  private:
    struct work {
        on_opened opened{};
        std::deque<done_key> keys{};
        std::vector<mqtt::ack_outcome> acks{};

        [[nodiscard]] bool empty() const noexcept { return !opened && keys.empty() && acks.empty(); }
    };

    struct place {
        std::uint64_t number{0};
        std::chrono::milliseconds received{}; ///< since 1970
    };

    void carry_out(const work& w);
    [[nodiscard]] result<std::vector<kept_key>> read();
    void write(const std::deque<done_key>& keys);
    [[nodiscard]] std::size_t superfluous(std::size_t more) const;
    [[nodiscard]] std::chrono::milliseconds now() const;

    const producer_context& context_;
    const std::unique_ptr<mqtt::session_store> store_;
    const on_kept acknowledge_;
    const std::size_t entries_;
    const std::chrono::milliseconds ttl_;

    // Of the worker's thread.
    std::deque<place> stored_;
    std::uint64_t next_{1};
    std::size_t most_; ///< of them; fewer while the store is full

    patient_worker<work> worker_; ///< last: it works with those above
};

/// None where keys are not remembered, or not beyond the process.
[[nodiscard]] std::unique_ptr<key_keeper> make_key_keeper(
    const producer_context& context, key_keeper::on_kept acknowledge);

} // namespace weir::connector
