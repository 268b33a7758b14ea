#pragma once

#include <weir/base/time.hpp>
#include <weir/pipeline/acknowledger.hpp>
#include <weir/pipeline/message.hpp>
#include <weir/pipeline/message_view.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace weir::pipeline::engine {

/// What the pipeline owes for one message: whom to tell, whether it occupies its source's window, and since
/// when.
struct obligation {
    ack_ref ack{};
    bool windowed{true};
    time_point accepted_at{};
};

[[nodiscard]] inline obligation owed(const message_head& head) noexcept {
    return {head.ack, head.windowed, head.accepted_at};
}

/// A run of messages that one stage owns at a time, its user types erased. Recycled, never shared.
class parcel {
  public:
    virtual ~parcel() = default;
    [[nodiscard]] virtual std::size_t size() const noexcept = 0;

    /// Appends what is owed for each message. May be called by another thread while callbacks work on the
    /// messages, since nothing that callbacks reach is read.
    virtual void obligations(std::vector<obligation>& into) const = 0;

    /// For telemetry.
    [[nodiscard]] virtual message_view view(std::size_t) const noexcept { return {}; }

    /// Destroys the messages and keeps the memory.
    virtual void clear() noexcept = 0;

  protected:
    parcel() = default;
    parcel(const parcel&) = default;
    parcel& operator=(const parcel&) = default;
};

/// A chunk as its source emitted it.
class raw_run : public parcel {
  public:
    [[nodiscard]] std::size_t source() const noexcept { return source_; }

    [[nodiscard]] acknowledger* owner() const noexcept { return owner_; }

    /// Takes all but the first `keep` entries away into a run of their own.
    [[nodiscard]] virtual std::unique_ptr<raw_run> split(std::size_t keep) = 0;

    /// Appends an entry that it takes from a run of the same source.
    virtual void take(raw_run& from, std::size_t index) = 0;

    /// Where messages are ordered: the lane they belong to. The processors' queue sets it.
    [[nodiscard]] std::size_t lane() const noexcept { return lane_; }

    void set_lane(std::size_t n) noexcept { lane_ = n; }

    static constexpr std::size_t no_lane = static_cast<std::size_t>(-1);

    /// How many attempts its message has behind it in this pipeline. Only a run of one message, made for
    /// another attempt, has any; it came without credit, so that none is to be given back for it.
    [[nodiscard]] std::uint16_t retries() const noexcept { return retries_; }

    void set_retries(std::uint16_t n) noexcept { retries_ = n; }

  protected:
    raw_run(std::size_t source, acknowledger* owner) noexcept
        : source_(source)
        , owner_(owner) {}

  private:
    std::size_t source_;
    acknowledger* owner_;
    std::size_t lane_{no_lane};
    std::uint16_t retries_{0};
};

/// The heads of messages that lie in memory at equal distances, without a pointer for each.
class head_list {
  public:
    head_list() noexcept = default;

    head_list(message_head* first, std::size_t stride, std::size_t count) noexcept
        : first_(reinterpret_cast<std::byte*>(first))
        , stride_(stride)
        , count_(count) {}

    [[nodiscard]] std::size_t size() const noexcept { return count_; }

    [[nodiscard]] message_head& operator[](std::size_t i) const noexcept {
        return *reinterpret_cast<message_head*>(first_ + i * stride_);
    }

  private:
    std::byte* first_{nullptr};
    std::size_t stride_{0};
    std::size_t count_{0};
};

/// Messages that were decoded: the work of a processor, or a batch.
class message_run : public parcel {
  public:
    [[nodiscard]] virtual head_list heads() noexcept = 0;
};

} // namespace weir::pipeline::engine
