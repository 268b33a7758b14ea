#pragma once

#include <weir/pipeline/message.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weir::pipeline {

/// What made a batch leave its batcher.
enum class batch_trigger : std::uint8_t {
    size, ///< it was full: by messages, by bytes, or because its splitter said so
    timeout,
    flush,
    starved, ///< the source's window was used up by messages waiting in open batches
    bound,   ///< the batcher holds as many messages in open batches as it may; `at_max_open` chose this one
};

/// What a handler's `split_batch` decides about a message and the open batch it is about to join.
enum class split_verdict : std::uint8_t {
    joins,       ///< and the batch stays open
    completes,   ///< it joins, and the batch leaves with it
    starts_next, ///< the batch leaves without it; it is asked again as the first message of a batch. When it
                 ///< gives this answer there too, it leaves alone
};

[[nodiscard]] std::string_view to_string(batch_trigger t) noexcept;

struct batch_info {
    std::string_view batcher{}; ///< name of the batcher
    std::string batch_key{};
    std::size_t size{0};
    batch_trigger trigger{batch_trigger::size};
    std::optional<std::size_t> partition{}; ///< index of the batch processor; none: not partitioned
    duration age{};                         ///< from the arrival of its first message until it left
};

/// What `handle_batch` sees: the messages of one batch in arrival order. Each is settled by its own status;
/// an exception out of `handle_batch` fails them all.
template <class Data, class Metadata>
class batch {
  public:
    using message_type = message<Data, Metadata>;

    batch(batch_info info, std::span<message_type> messages) noexcept
        : info_(std::move(info))
        , messages_(messages) {}

    [[nodiscard]] const batch_info& info() const noexcept { return info_; }

    [[nodiscard]] std::size_t size() const noexcept { return messages_.size(); }

    [[nodiscard]] auto begin() const noexcept { return messages_.begin(); }

    [[nodiscard]] auto end() const noexcept { return messages_.end(); }

    [[nodiscard]] message_type& operator[](std::size_t i) const noexcept { return messages_[i]; }

    [[nodiscard]] std::span<message_type> messages() const noexcept { return messages_; }

    /// Fails every message of the batch with the same reason.
    void fail(const std::string& reason) const {
        for (auto& m : messages_)
            m.fail(reason);
    }

  private:
    batch_info info_;
    std::span<message_type> messages_;
};

} // namespace weir::pipeline
