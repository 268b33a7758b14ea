#pragma once

#include "client/pending.hpp"

#include <weir/mqtt/incoming.hpp>

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace weir::mqtt {

/// Received messages on their way to whoever asks for one, in order; and those who ask, in theirs. One of the
/// two is always empty. At most `most_ready` messages are here: so many are demanded of the client, and again
/// as they are taken. Those of QoS 1 and 2 count against the client's window all the while.
///
/// Thread-safe, but for `add`, which is one thread's.
class inbox : public std::enable_shared_from_this<inbox> {
  public:
    static constexpr std::size_t most_ready = 256;

    /// `demand` asks the client for so many more; on any thread.
    explicit inbox(std::function<void(std::size_t)> demand)
        : demand_(std::move(demand)) {}

    /// One who waits for a message.
    using waiter = pending<incoming>;

    /// A message, the error that ended it, or one more waiter.
    struct answer {
        std::optional<result<incoming>> now{};
        std::shared_ptr<waiter> later{};
    };

    [[nodiscard]] answer receive();

    /// A message that is there.
    [[nodiscard]] std::optional<incoming> take();

    /// Asks for the first messages, once.
    void begin();

    /// To the first who waits, or to those that are ready.
    void add(incoming&& one);

    /// One that did not come through here has been used up.
    void note_used();

    /// Whoever waits, now or later, gets `why`, after the messages that are ready.
    void end(const error& why);

    /// The end is over.
    void reopen();

    /// Drops what is ready.
    void clear();

  private:
    void forget(const waiter* one);
    [[nodiscard]] std::shared_ptr<waiter> next_waiter_or_keep(incoming& one);
    void ask_for(std::size_t messages);
    [[nodiscard]] std::size_t due_after_one() noexcept;

    const std::function<void(std::size_t)> demand_;
    std::atomic<bool> begun_{false};
    std::mutex mutex_; // guards all below
    std::deque<incoming> ready_;
    std::deque<std::shared_ptr<waiter>> waiting_;
    std::size_t used_{0}; ///< and not yet asked for again
    error ended_{};
};

} // namespace weir::mqtt
