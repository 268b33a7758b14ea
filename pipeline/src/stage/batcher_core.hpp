#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/batch.hpp>
#include <weir/pipeline/engine/parcel.hpp>
#include <weir/pipeline/options/batcher.hpp>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace weir::pipeline {

/// What to do with messages and open batches, in this order: all that join, then all that leave.
struct batch_plan {
    struct joining {
        std::uint32_t index{0}; ///< the message's place in its run
        std::uint32_t slot{0};  ///< the open batch it joins
        friend bool operator==(const joining&, const joining&) = default;
    };

    struct departure {
        std::uint32_t slot{0};
        batch_trigger trigger{batch_trigger::size};
        friend bool operator==(const departure&, const departure&) = default;
    };

    std::vector<joining> joins;
    std::vector<departure> departures;
};

struct batcher_limits {
    std::size_t batch_size{100};
    duration batch_timeout{};
    std::size_t max_open_messages{10'000};
    std::size_t sources{1};
    std::size_t max_bytes{0}; ///< in a batch of more than one message; 0: any
    open_bound at_max_open{open_bound::oldest_leaves};
};

/// Messages that arrive together from one source.
struct arrivals {
    engine::head_list heads;
    std::span<const std::uint32_t> which;        ///< their places in `heads`
    std::size_t source{0};                       ///< index
    std::span<const std::size_t> bytes{};        ///< one for each of `which`; empty: of no size
    std::span<const std::uint32_t> partitions{}; ///< one for each of `which`; empty: not partitioned

    [[nodiscard]] const message_head& head(std::size_t i) const noexcept { return heads[which[i]]; }

    [[nodiscard]] std::size_t bytes_of(std::size_t i) const noexcept { return bytes.empty() ? 0 : bytes[i]; }

    [[nodiscard]] std::uint32_t partition_of(std::size_t i) const noexcept {
        return partitions.empty() ? 0 : partitions[i];
    }
};

/// Decides which message goes into which batch and when a batch leaves. Looks at heads and at times it is
/// told; moves nothing, waits for nothing, asks no clock.
///
/// A plan stays valid, and so does what is known about the slots in it, until the next call that makes one.
/// Not thread-safe.
class batcher_core {
  public:
    explicit batcher_core(const batcher_limits& limits);

    /// Messages arrive. Batches whose time had come by `now` leave before.
    const batch_plan& add(const arrivals& in, time_point now);

    /// The same in steps, for a batcher with a splitter: `begin`; for each message `aim`, then `join`,
    /// `skip`, or `close` and `aim` again; `end`.
    void begin(time_point now);

    /// The batch that the i-th message is about to join. One that has no message yet goes back by `skip`.
    [[nodiscard]] std::uint32_t aim(const arrivals& in, std::size_t i, time_point now);

    void join(const arrivals& in, std::size_t i, bool completes);

    /// The message aimed with does not join after all.
    void skip();

    /// The batch aimed at leaves without the message.
    void close();

    const batch_plan& end();

    /// How many messages a batch opened from now on holds.
    void resize(std::size_t batch_size) noexcept { limits_.batch_size = batch_size; }

    /// Batches whose time has come leave.
    const batch_plan& expire(time_point now);

    /// Every open batch leaves.
    const batch_plan& flush();

    /// The oldest open batch that keeps a place in that source's window taken leaves, if there is one.
    const batch_plan& starve(std::size_t source);

    /// When `expire` will have something to do.
    [[nodiscard]] std::optional<time_point> deadline() const noexcept;

    /// When the batch that `starve` would choose was opened.
    [[nodiscard]] std::optional<time_point> oldest_holding(std::size_t source) const noexcept;

    [[nodiscard]] const std::string& key(std::uint32_t slot) const noexcept { return slots_[slot].key; }

    [[nodiscard]] std::uint32_t partition(std::uint32_t slot) const noexcept {
        return slots_[slot].partition;
    }

    [[nodiscard]] time_point opened(std::uint32_t slot) const noexcept { return slots_[slot].opened; }

    [[nodiscard]] std::size_t size(std::uint32_t slot) const noexcept { return slots_[slot].size; }

    /// How many places in that source's window the batch's messages take.
    [[nodiscard]] std::size_t held(std::uint32_t slot, std::size_t source) const noexcept {
        return slots_[slot].held[source];
    }

    [[nodiscard]] std::size_t open_messages() const noexcept { return open_messages_; }

    [[nodiscard]] std::size_t open_batches() const noexcept { return open_batches_; }

  private:
    static constexpr std::uint32_t none = static_cast<std::uint32_t>(-1);

    // Open batches form a list from the oldest to the newest. As all have the same timeout, that is also the
    // order in which their time comes.
    struct open_batch {
        std::string key;
        std::uint32_t partition{0};
        std::size_t size{0};
        std::size_t limit{0}; // the batch size when it was opened
        std::size_t bytes{0};
        time_point opened{};
        std::uint32_t older{none};
        std::uint32_t newer{none};
        std::vector<std::uint32_t> held;
        bool open{false};
    };

    struct identity {
        std::string_view key;
        std::uint32_t partition{0};
        friend bool operator==(const identity&, const identity&) = default;
    };

    struct hash {
        [[nodiscard]] std::size_t operator()(const identity& i) const noexcept {
            constexpr std::size_t spread = 0x9e3779b97f4a7c15;
            return std::hash<std::string_view>{}(i.key) ^ (i.partition * spread);
        }
    };

    void begin_plan();
    void expire_into_plan(time_point now);
    [[nodiscard]] std::uint32_t find_or_open(const std::string& key, std::uint32_t partition, time_point now);
    [[nodiscard]] std::uint32_t open(const std::string& key, std::uint32_t partition, time_point now);
    [[nodiscard]] bool fits(const open_batch& b, std::size_t bytes) const noexcept;
    void end_run();
    void leave_run(batch_trigger trigger);
    [[nodiscard]] std::uint32_t largest() const noexcept;
    void forget(std::uint32_t slot);
    void depart(std::uint32_t slot, batch_trigger trigger);
    void unlink(const open_batch& b) noexcept;
    [[nodiscard]] std::uint32_t oldest_with(std::size_t source) const noexcept;

    batcher_limits limits_;
    batch_plan plan_;
    std::deque<open_batch> slots_; // grows to the largest number of batches ever open at once
    std::vector<std::uint32_t> free_;
    std::unordered_map<identity, std::uint32_t, hash> by_identity_; // views into the slots' keys
    std::uint32_t oldest_{none};
    std::uint32_t newest_{none};
    std::uint32_t last_{none};    // the batch joined last: mostly the next message's too
    std::uint32_t current_{none}; // between `begin` and `end`: the batch aimed at last, if it is still open
    bool flushing_{false};        // a flush message joined it in this run of messages of its key
    std::size_t open_messages_{0};
    std::size_t open_batches_{0};
};

} // namespace weir::pipeline
